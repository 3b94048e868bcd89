"""What is wrong with a YAML file of settings, as one sentence that names the file and the key."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from config.errors import ConfigError
from config.marked_yaml import Domain, read_marked

Model = TypeVar("Model", bound=BaseModel)


class Section(BaseModel):
    """Some keys that belong together; others are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def read_as(path: Path, model: type[Model]) -> Model:
    """Return a YAML file as a model. Raises ConfigError naming the file and the key."""
    return validated(read_mapping(path), path, model)


def validated(values: dict[str, Any], path: Path, model: type[Model]) -> Model:
    """Return what was read from a file as a model. Raises ConfigError naming the file and the key."""
    try:
        return model.model_validate(values)
    except ValidationError as exc:
        raise first_problem(path, exc, model) from exc


def read_mapping(path: Path, *, domain: Domain = "files") -> dict[str, Any]:
    """Return the keys of a YAML file; an empty file has none. Raises ConfigError."""
    values = read_marked(path, domain=domain).value
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{domain}.not_a_mapping", path=path)
    return values


def first_problem(path: Path, exc: ValidationError, model: type[BaseModel], *, domain: Domain = "files") -> ConfigError:
    """Return the first of the problems that pydantic found in a file read for ``model``."""
    problem = exc.errors()[0]
    key = ".".join(str(part) for part in problem["loc"])
    cause = next(iter(getattr(problem.get("ctx", {}).get("error"), "args", ())), None)
    if problem["type"] == "extra_forbidden":
        known = _sibling_keys(problem["loc"], model)
        near = get_close_matches(str(problem["loc"][-1]), known, n=1) or sorted(known)
        return ConfigError(f"{domain}.unknown_key", path=path, key=key, near=", ".join(near))
    if problem["type"] == "missing":
        return ConfigError(f"{domain}.missing_key", path=path, key=key)
    if isinstance(cause, ConfigError) and isinstance(problem["input"], dict):  # keys of a section that do not fit
        return ConfigError(f"{domain}.bad_section", path=path, key=key, detail=cause)
    detail = cause if isinstance(cause, ConfigError) else problem["msg"]
    value = without_password(str(problem["input"]))
    return ConfigError(f"{domain}.bad_value", path=path, key=key, value=value, detail=detail)


def without_password(url: str) -> str:
    """Return an address with what stands before its host left out."""
    return re.sub(r"//[^/]*@", "//…@", url)


def _sibling_keys(location: Iterable[Any], model: type[BaseModel]) -> set[str]:
    """Return the keys that may stand where the last of ``location`` stands; numbers lead into lists of a model."""
    *parents, _ = location
    for name in parents:
        field = model.model_fields.get(str(name))
        if field is None:
            continue
        inner = (field.annotation, *get_args(field.annotation))
        model = next((one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)), model)
    return {field.alias or name for name, field in model.model_fields.items()}

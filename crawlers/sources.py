"""The catalogue of outlets: ``config/sources.yaml``, overlaid by ``HOME/sources.yaml``.

Both files hold ``sources:`` with a list of entries, each with an ``id``. An entry of the home file whose id the
catalogue knows changes only the fields it names (``enabled: false``); any other is a new outlet. With ``replace: true``
beside ``sources:`` the home file stands alone: the packaged catalogue is not used.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from parsel.csstranslator import HTMLTranslator
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from yaml import CSafeLoader

from config.errors import DiembaoError, SourceError
from config.files import data_path
from config.units import find_unit, slugify
from crawlers.urls import canonical_url
from pipeline.records import SectionPage, Source, SourceKind

SOURCES_FILE = "sources.yaml"
Entry = dict[str, Any]


# ---- what a field may hold ------------------------------------------------------------------------------------------


def _must(check: Callable[[str], object]) -> AfterValidator:
    """Make a validator of a function that raises: its error, ours or a library's, becomes the field's."""

    def keep(value: str) -> str:
        try:
            check(value)
        except (DiembaoError, LookupError, SyntaxError, ValueError) as exc:
            raise ValueError(exc) from exc
        return value

    return AfterValidator(keep)


def _check_domain(domain: str) -> None:
    if domain != domain.lower() or "//" in domain or domain.startswith("www.") or not domain.strip():
        raise ValueError("write the host in lower case, without scheme and www., such as vnexpress.net")


Domain = Annotated[str, _must(_check_domain)]
Selector = Annotated[str, _must(HTMLTranslator().css_to_xpath)]
UnitSlug = Annotated[str, _must(find_unit), AfterValidator(slugify)]
Url = Annotated[str, _must(canonical_url)]
Zone = Annotated[str, _must(ZoneInfo)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _SectionFields(_Record):
    url: Url
    links: Selector


class _SourceFields(_Record):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: Annotated[str, Field(min_length=1)]
    kind: SourceKind
    tier: Annotated[int, Field(ge=1, le=3)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    timezone: Zone = "Asia/Ho_Chi_Minh"
    unit: UnitSlug | None = None
    domains: tuple[Domain, ...] = ()
    feeds: tuple[Url, ...] = ()
    sitemaps: tuple[Url, ...] = ()
    sections: tuple[_SectionFields, ...] = ()
    verified: bool = False
    enabled: bool = True


# ---- reading --------------------------------------------------------------------------------------------------------


def load_sources(home: Path | None) -> tuple[Source, ...]:
    """Return every outlet, those of the catalogue first, with the changes and additions of ``home``.

    Raises SourceError naming the file, the id and the field.
    """
    if home is None or not (home / SOURCES_FILE).is_file():
        return _catalogue()
    path = home / SOURCES_FILE
    merged = {} if _replaces(path) else {source.id: source for source in _catalogue()}
    for id_, entry in _entries(path).items():
        known = merged.get(id_)
        merged[id_] = _source((_entry(known) if known else {}) | entry, path)
    return tuple(merged.values())


@lru_cache
def _catalogue() -> tuple[Source, ...]:
    path = data_path(SOURCES_FILE)
    return tuple(_source(entry, path) for entry in _entries(path).values())


def _content(path: Path) -> Any:
    try:
        return yaml.load(path.read_bytes(), CSafeLoader) or []  # safe, and ten times as fast as SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        mark = getattr(exc, "problem_mark", None)
        raise SourceError("sources.not_yaml", path=path, line=mark.line + 1 if mark else "?") from exc


def _replaces(path: Path) -> bool:
    """Tell whether a home file says ``replace: true``."""
    content = _content(path)
    value = content.get("replace", False) if isinstance(content, dict) else False
    if not isinstance(value, bool):
        raise SourceError("sources.bad_replace", path=path, value=value)
    return value


def _entries(path: Path) -> dict[str, Entry]:
    """Return the entries of one file by id, in its order."""
    content = _content(path)
    rows = content.get("sources", None) if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError("sources.not_a_list", path=path)
    found: dict[str, Entry] = {}
    for number, row in enumerate(rows, start=1):
        id_ = row.get("id")
        if not isinstance(id_, str):
            raise SourceError("sources.no_id", path=path, number=number)
        if id_ in found:
            raise SourceError("sources.twice", path=path, id=id_)
        found[id_] = row
    return found


def _source(entry: Mapping[str, Any], path: Path) -> Source:
    try:
        fields = _SourceFields.model_validate(entry)
    except ValidationError as exc:
        raise _first_problem(exc, entry, path) from exc
    values = dict(fields) | {"sections": tuple(SectionPage(**dict(section)) for section in fields.sections)}
    return Source(**values)


def _first_problem(exc: ValidationError, entry: Mapping[str, Any], path: Path) -> SourceError:
    problem = exc.errors()[0]
    key = ".".join(str(part) for part in problem["loc"])
    known = {"path": path, "id": entry.get("id"), "key": key}
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(key, _SourceFields.model_fields, n=1) or sorted(_SourceFields.model_fields)
        return SourceError("sources.unknown_key", **known, near=", ".join(near))
    if problem["type"] == "missing":
        return SourceError("sources.missing_key", **known)
    cause = problem.get("ctx", {}).get("error")
    reason = cause.args[0] if isinstance(cause, ValueError) and cause.args else problem["msg"]
    detail = reason if isinstance(reason, DiembaoError | str) else str(reason)
    return SourceError("sources.bad_value", **known, value=problem["input"], detail=detail)


# ---- writing --------------------------------------------------------------------------------------------------------


def add_source(home: Path, source: Source) -> None:
    """Add a new outlet to ``HOME/sources.yaml``; what people wrote in that file, comments too, stays.

    Raises SourceError when the id is taken or a field is off.
    """
    path = home / SOURCES_FILE
    _source(_entry(source), path)
    if any(known.id == source.id for known in load_sources(home)):
        raise SourceError("sources.exists", path=path, id=source.id)
    before = path.read_text(encoding="utf-8") if path.is_file() else "sources:\n"
    entries = [*(_entries(path).values() if path.is_file() else ()), _entry(source)]
    head = {"replace": True} if path.is_file() and _replaces(path) else {}
    draft = path.with_suffix(".yaml.new")
    for text in (f"{before.rstrip()}\n{_dump([_entry(source)])}", _dump({**head, "sources": entries})):
        draft.write_text(text, encoding="utf-8")
        if _holds(draft, entries):
            break
    draft.replace(path)


def _holds(path: Path, entries: list[Entry]) -> bool:
    """Tell whether text appended to the file, whose style we do not know, reads as what was meant."""
    try:
        return list(_entries(path).values()) == entries
    except SourceError:
        return False


def _entry(source: Source) -> Entry:
    """Return the fields that differ from their defaults, as lists and strings."""
    defaults = {name: field.default for name, field in _SourceFields.model_fields.items() if not field.is_required()}
    fields = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(source).items()}
    return {key: value for key, value in fields.items() if value != [] and value != defaults.get(key, ...)}


def _dump(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)


# ---- finding --------------------------------------------------------------------------------------------------------


class SourceDirectory:
    """Finds the outlet of an item by id, by address or by the name an import gives."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.sources = sources
        self._by_id = {source.id: source for source in sources}
        self._by_domain = {domain: source for source in reversed(sources) for domain in source.domains}
        self._by_name = {key: source for source in reversed(sources) for key in _short_names(source.name)}
        self._by_name |= {slugify(source.name): source for source in reversed(sources)}

    def by_id(self, source_id: str) -> Source | None:
        """Return the outlet with this id."""
        return self._by_id.get(source_id)

    def by_url(self, url: str) -> Source | None:
        """Return the outlet whose domain the address lies under; the longest domain wins (``bbc.com/vietnamese``)."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        folder = parts.path.removeprefix("/").partition("/")[0].lower()
        for host in _host_and_parents(parts.netloc.lower()):
            source = self._by_domain.get(f"{host}/{folder}") or self._by_domain.get(host)
            if source:
                return source
        return None

    def by_name(self, name: str) -> Source | None:
        """Return the outlet of this name or id, whatever its case and diacritics, with or without «Báo»."""
        key = slugify(name)
        return self._by_name.get(key) or self._by_id.get(key) or self._by_name.get(key.removeprefix("bao-"))

    def find(self, *, url: str = "", name: str = "") -> Source | None:
        """Return the outlet of an item: by its address, else by the outlet's name."""
        return self.by_url(url) or self.by_name(name)


def _short_names(name: str) -> Iterator[str]:
    key = slugify(name)
    if key.startswith("bao-"):
        yield key.removeprefix("bao-")


def _host_and_parents(netloc: str) -> Iterator[str]:
    while netloc:
        yield netloc
        _, _, netloc = netloc.partition(".")

"""A YAML file that knows the line of each of its keys, for errors that point at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from config.errors import ConfigError

Domain = Literal["settings", "files"]
"""Of messages: ``settings`` speaks of environment variables too, ``files`` of a file alone."""


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """The content of one file; ``root`` is None for a file that holds nothing but comments."""

    value: Any
    root: yaml.Node | None

    def line_of(self, location: Sequence[int | str]) -> int:
        """Return the line (from 1) of a key or list item; of the nearest thing around it when it is not there."""
        node, line = self.root, 0
        for part in location:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line, found[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line
            else:
                break
        return line + 1


def read_marked(path: Path, *, domain: Domain = "files") -> MarkedYaml:
    """Read a file. Raises ConfigError naming the line where it is no YAML, or says a key twice."""
    try:
        text = path.read_text(encoding="utf-8")
        loader = yaml.SafeLoader(text)
        try:
            root = loader.get_single_node()
            value = None if root is None else loader.construct_document(root)
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        mark = getattr(exc, "problem_mark", None)
        raise ConfigError(f"{domain}.not_yaml", path=path, line=mark.line + 1 if mark else "?") from exc
    _refuse_twice(path, root)
    return MarkedYaml(value, root)


def _refuse_twice(path: Path, node: yaml.Node | None) -> None:
    """YAML forbids a key twice in one mapping; the library lets the last one win."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise ConfigError("files.key_twice", path=path, line=key.start_mark.line + 1, key=key.value)
            seen.add(key.value)
            _refuse_twice(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_twice(path, item)

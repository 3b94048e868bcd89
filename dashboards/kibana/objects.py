"""Kibana's saved objects as its import takes them: one JSON object a line."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

ObjectType = Literal["index-pattern", "search", "lens", "dashboard"]

CORE_MIGRATION_VERSION = "8.8.0"
"""Form of what surrounds the attributes; the newest that 8.x knows."""
TYPE_MIGRATION_VERSIONS: Mapping[ObjectType, str] = {
    "index-pattern": "8.0.0",
    "search": "10.1.0",
    "lens": "8.9.0",
    "dashboard": "10.1.0",
}
"""Form of the attributes, by type. Kibana carries older ones forward and refuses newer ones than it knows, so these
are the oldest forms that hold all we say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A link from one saved object to another; the attributes name it by ``name``."""

    name: str
    type: ObjectType
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedObject:
    type: ObjectType
    id: str
    attributes: Mapping[str, Any]
    references: tuple[Reference, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object as Kibana's export writes it."""
        return {
            "attributes": self.attributes,
            "coreMigrationVersion": CORE_MIGRATION_VERSION,
            "id": self.id,
            "managed": False,
            "references": [{"id": one.id, "name": one.name, "type": one.type} for one in self.references],
            "type": self.type,
            "typeMigrationVersion": TYPE_MIGRATION_VERSIONS[self.type],
        }


def render_ndjson(objects: Iterable[SavedObject]) -> str:
    """Return the import file: a line an object, what is referred to before what refers; the same bytes every time."""
    return "".join(f"{dump_json(one.as_json())}\n" for one in objects)


def dump_json(value: object) -> str:
    """Return compact JSON with sorted keys; Kibana keeps several attributes as JSON inside a string."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

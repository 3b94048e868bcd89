"""Filter pills: what Kibana shows above a chart, and the query that it sends for it, as it is, to Elasticsearch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dashboards.kibana.objects import dump_json

MATCH_ALL: Mapping[str, str] = {"language": "kuery", "query": ""}
"""The empty search bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One pill."""

    kind: Literal["phrase", "custom"]
    key: str
    """The field; ``query`` for a custom one."""
    query: Mapping[str, Any]
    """Elasticsearch query DSL."""
    value: str | bool | None = None
    """Of a phrase."""
    alias: str | None = None
    """What the pill says instead of field and value."""

    def state(self, data_view: Mapping[str, str]) -> dict[str, Any]:
        """Return the pill; ``data_view`` says how its place refers to the data view (``index`` or ``indexRefName``)."""
        meta: dict[str, Any] = {
            "alias": self.alias,
            "disabled": False,
            "key": self.key,
            "negate": False,
            "type": self.kind,
            **data_view,
        }
        if self.kind == "phrase":
            meta |= {"field": self.key, "params": {"query": self.value}}
        else:
            meta["value"] = dump_json(self.query)
        return {"$state": {"store": "appState"}, "meta": meta, "query": self.query}


def is_value(field: str, value: str | bool, alias: str | None = None) -> Filter:
    """Return the pill «field: value»."""
    return Filter(kind="phrase", key=field, value=value, alias=alias, query={"match_phrase": {field: value}})


def is_not(field: str, value: str, alias: str) -> Filter:
    """Return a pill that leaves out what has a value in a field."""
    query = {"bool": {"must_not": [{"match_phrase": {field: value}}]}}
    return Filter(kind="custom", key="query", alias=alias, query=query)


def any_of(alternatives: Sequence[Mapping[str, Any]], alias: str) -> Filter:
    """Return a pill that one of several queries suffices for."""
    query = {"bool": {"minimum_should_match": 1, "should": list(alternatives)}}
    return Filter(kind="custom", key="query", alias=alias, query=query)

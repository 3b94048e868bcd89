"""The columns of a Lens layer: buckets that group articles, and metrics that count them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

RECORDS = "___records___"
"""Lens's name for the documents themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What every column has."""

    id: str
    label: str
    bucketed: ClassVar[bool] = False
    operation: ClassVar[str]
    scale: ClassVar[str] = "ratio"

    def state(self) -> dict[str, Any]:
        """Return the column as Lens keeps it."""
        return {
            "customLabel": True,
            "dataType": "number",
            "isBucketed": self.bucketed,
            "label": self.label,
            "operationType": self.operation,
            "scale": self.scale,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TopValues(Column):
    """A bucket a value of a keyword field, by a metric, largest first."""

    field: str
    size: int
    by: str
    """Id of the metric column that orders them."""
    bucketed: ClassVar[bool] = True
    operation: ClassVar[str] = "terms"
    scale: ClassVar[str] = "ordinal"

    def state(self) -> dict[str, Any]:
        return {
            **Column.state(self),
            "dataType": "string",
            "sourceField": self.field,
            "params": {
                "exclude": [],
                "excludeIsRegex": False,
                "include": [],
                "includeIsRegex": False,
                "missingBucket": False,
                "orderBy": {"columnId": self.by, "type": "column"},
                "orderDirection": "desc",
                "otherBucket": False,
                "parentFormat": {"id": "terms"},
                "size": self.size,
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Days(Column):
    """A bucket a calendar day in Kibana's time zone (``dateFormat:tz``), empty days included."""

    field: str
    bucketed: ClassVar[bool] = True
    operation: ClassVar[str] = "date_histogram"
    scale: ClassVar[str] = "interval"

    def state(self) -> dict[str, Any]:
        return {
            **Column.state(self),
            "dataType": "date",
            "sourceField": self.field,
            "params": {"dropPartials": False, "includeEmptyRows": True, "interval": "1d"},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Column):
    """A bucket a named condition: pairs of label and KQL."""

    choices: Sequence[tuple[str, str]]
    bucketed: ClassVar[bool] = True
    operation: ClassVar[str] = "filters"
    scale: ClassVar[str] = "ordinal"

    def state(self) -> dict[str, Any]:
        filters = [{"input": kql(condition), "label": label} for label, condition in self.choices]
        return {**Column.state(self), "dataType": "string", "params": {"filters": filters}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Column):
    """How many articles; with ``where`` (KQL), how many of them."""

    where: str = ""
    operation: ClassVar[str] = "count"

    def state(self) -> dict[str, Any]:
        state = {**Column.state(self), "sourceField": RECORDS, "params": {"emptyAsNull": False}}
        return state | ({"filter": kql(self.where)} if self.where else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct(Column):
    """How many values of a field."""

    field: str
    operation: ClassVar[str] = "unique_count"

    def state(self) -> dict[str, Any]:
        return {**Column.state(self), "sourceField": self.field, "params": {"emptyAsNull": False}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest(Column):
    """The value of a field in the newest article."""

    field: str
    newest_by: str
    operation: ClassVar[str] = "last_value"
    scale: ClassVar[str] = "ordinal"

    def state(self) -> dict[str, Any]:
        return {
            **Column.state(self),
            "dataType": "string",
            "sourceField": self.field,
            "filter": kql(f'"{self.field}": *'),
            "params": {"showArrayValues": True, "sortField": self.newest_by},
        }


def kql(query: str) -> dict[str, str]:
    """Return a condition in Kibana's query language."""
    return {"language": "kuery", "query": query}

"""Lens visualisations in the library of Kibana: one layer each, over the data view of the articles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from dashboards.kibana.columns import Column
from dashboards.kibana.filters import MATCH_ALL, Filter
from dashboards.kibana.objects import Reference, SavedObject

LAYER = "articles"
"""Id of the only layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What every visualisation has."""

    id: str
    title: str
    description: str = ""
    columns: Sequence[Column]
    """Buckets, outer first, then metrics."""
    filters: Sequence[Filter] = ()
    kind: ClassVar[str]

    def visualization(self) -> dict[str, Any]:
        """Return the part that says how the columns are drawn."""
        raise NotImplementedError

    def saved_object(self, data_view: str) -> SavedObject:
        """Return the visualisation over a data view, by its id."""
        pills = {f"filter-{number}": pill for number, pill in enumerate(self.filters)}
        layer = {
            "columnOrder": [column.id for column in self.columns],
            "columns": {column.id: column.state() for column in self.columns},
            "ignoreGlobalFilters": False,
            "incompleteColumns": {},
            "sampling": 1,
        }
        names = (f"indexpattern-datasource-layer-{LAYER}", *pills)
        return SavedObject(
            type="lens",
            id=self.id,
            attributes={
                "description": self.description,
                "state": {
                    "adHocDataViews": {},
                    "datasourceStates": {"formBased": {"layers": {LAYER: layer}}, "textBased": {"layers": {}}},
                    "filters": [pill.state({"index": name}) for name, pill in pills.items()],
                    "internalReferences": [],
                    "query": MATCH_ALL,
                    "visualization": self.visualization(),
                },
                "title": self.title,
                "visualizationType": self.kind,
            },
            references=tuple(Reference(name=name, type="index-pattern", id=data_view) for name in names),
        )

    def metrics(self) -> list[str]:
        """Return the ids of the columns that count."""
        return [column.id for column in self.columns if not column.bucketed]

    def buckets(self) -> list[str]:
        """Return the ids of the columns that group."""
        return [column.id for column in self.columns if column.bucketed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars(Lens):
    """Bars over one bucket column; several metrics are stacked in their colours."""

    shape: Literal["bar_stacked", "bar_horizontal"]
    colours: Mapping[str, str]
    """Metric column to ``#rrggbb``."""
    kind: ClassVar[str] = "lnsXY"

    def visualization(self) -> dict[str, Any]:
        everywhere = {"x": True, "yLeft": True, "yRight": True}
        return {
            "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
            "fittingFunction": "None",
            "gridlinesVisibilitySettings": everywhere,
            "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
            "layers": [
                {
                    "accessors": self.metrics(),
                    "layerId": LAYER,
                    "layerType": "data",
                    "position": "top",
                    "seriesType": self.shape,
                    "showGridlines": False,
                    "xAccessor": self.buckets()[0],
                    "yConfig": [
                        {"axisMode": "left", "color": colour, "forAccessor": column}
                        for column, colour in self.colours.items()
                    ],
                }
            ],
            "legend": {"isVisible": len(self.metrics()) > 1, "position": "bottom", "showSingleSeries": False},
            "preferredSeriesType": self.shape,
            "tickLabelsVisibilitySettings": everywhere,
            "valueLabels": "show" if self.shape == "bar_horizontal" else "hide",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring(Lens):
    """A ring of one bucket column and one metric, with counts."""

    kind: ClassVar[str] = "lnsPie"

    def visualization(self) -> dict[str, Any]:
        return {
            "layers": [
                {
                    "categoryDisplay": "default",
                    "layerId": LAYER,
                    "layerType": "data",
                    "legendDisplay": "show",
                    "legendPosition": "bottom",
                    "metrics": self.metrics(),
                    "nestedLegend": False,
                    "numberDisplay": "value",
                    "primaryGroups": self.buckets(),
                }
            ],
            "palette": {"name": "default", "type": "palette"},
            "shape": "donut",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Lens):
    """A table; columns that only group or order can be hidden."""

    hidden: frozenset[str] = frozenset()
    widths: Mapping[str, int]
    """Column to pixels; the others share what is left."""
    kind: ClassVar[str] = "lnsDatatable"

    def visualization(self) -> dict[str, Any]:
        return {
            "columns": [
                {"columnId": column.id, "hidden": column.id in self.hidden, "isTransposed": False}
                | ({"width": self.widths[column.id]} if column.id in self.widths else {})
                for column in self.columns
            ],
            "headerRowHeight": "auto",
            "layerId": LAYER,
            "layerType": "data",
            "rowHeight": "auto",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Lens):
    """One number."""

    colour: str | None = None
    kind: ClassVar[str] = "lnsMetric"

    def visualization(self) -> dict[str, Any]:
        state: dict[str, Any] = {"layerId": LAYER, "layerType": "data", "metricAccessor": self.metrics()[0]}
        return state | ({"color": self.colour} if self.colour else {})

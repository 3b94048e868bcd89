"""The dashboard «Điểm báo»: where each visualisation and list stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.messages import Lang
from dashboards.kibana import charts, searches
from dashboards.kibana.filters import MATCH_ALL
from dashboards.kibana.objects import ObjectType, Reference, SavedObject, dump_json
from dashboards.kibana.wording import say

DASHBOARD = "diembao-dashboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A place on the grid and what of the library stands there."""

    id: str
    shows: str
    """Id of a visualisation or saved search."""
    type: ObjectType = "lens"
    left: int
    top: int
    width: int
    height: int

    @property
    def reference(self) -> Reference:
        return Reference(name=f"{self.id}:panel_{self.id}", type=self.type, id=self.shows)

    def state(self) -> dict[str, Any]:
        """Return the panel as ``panelsJSON`` lists it."""
        return {
            "embeddableConfig": {"enhancements": {}},
            "gridData": {"h": self.height, "i": self.id, "w": self.width, "x": self.left, "y": self.top},
            "panelIndex": self.id,
            "panelRefName": f"panel_{self.id}",
            "type": self.type,
        }


PANELS = (
    Panel(id="total", shows=charts.FIGURE_TOTAL, left=0, top=0, width=12, height=6),
    Panel(id="negative", shows=charts.FIGURE_NEGATIVE, left=12, top=0, width=12, height=6),
    Panel(id="positive", shows=charts.FIGURE_POSITIVE, left=24, top=0, width=12, height=6),
    Panel(id="foreign", shows=charts.FIGURE_FOREIGN, left=36, top=0, width=12, height=6),
    Panel(id="days", shows=charts.BY_DAY, left=0, top=6, width=32, height=14),
    Panel(id="origin", shows=charts.BY_ORIGIN, left=32, top=6, width=16, height=14),
    Panel(id="latest", shows=searches.NEGATIVE_SEARCH, type="search", left=0, top=20, width=48, height=16),
    Panel(id="stories", shows=charts.STORIES, left=0, top=36, width=48, height=14),
    Panel(id="outlets", shows=charts.BY_OUTLET, left=0, top=50, width=24, height=18),
    Panel(id="topics", shows=charts.BY_TOPIC, left=24, top=50, width=24, height=18),
    Panel(id="units", shows=charts.BY_UNIT, left=0, top=68, width=24, height=16),
    Panel(id="verify", shows=searches.VERIFY_SEARCH, type="search", left=24, top=68, width=24, height=16),
)


def build_dashboard(lang: Lang, panels: Sequence[Panel] = PANELS) -> SavedObject:
    """Return the dashboard with its title in one language; it opens on the last seven local days."""
    return SavedObject(
        type="dashboard",
        id=DASHBOARD,
        attributes={
            "description": say("dashboard_about", lang),
            "kibanaSavedObjectMeta": {"searchSourceJSON": dump_json({"filter": [], "query": MATCH_ALL})},
            "optionsJSON": dump_json(
                {
                    "hidePanelTitles": False,
                    "syncColors": False,
                    "syncCursor": True,
                    "syncTooltips": False,
                    "useMargins": True,
                }
            ),
            "panelsJSON": dump_json([panel.state() for panel in panels]),
            "refreshInterval": {"pause": True, "value": 60_000},
            "timeFrom": "now-7d/d",
            "timeRestore": True,
            "timeTo": "now",
            "title": say("dashboard", lang),
            "version": 1,
        },
        references=tuple(panel.reference for panel in panels),
    )

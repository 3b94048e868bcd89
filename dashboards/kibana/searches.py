"""Saved searches, which Discover opens and the dashboard shows as lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.messages import Lang
from dashboards.kibana.conditions import about_us, from_abroad, of_tone, on_sensitive_topic, to_verify
from dashboards.kibana.data_view import DATA_VIEW, TIME_FIELD
from dashboards.kibana.filters import MATCH_ALL, Filter
from dashboards.kibana.objects import Reference, SavedObject, dump_json
from dashboards.kibana.wording import say

SOURCE = "kibanaSavedObjectMeta.searchSourceJSON"
LISTED = ("title", "outlet.name", "tone", "topic", "url")
WIDTHS = {TIME_FIELD: 170, "outlet.name": 170, "tone": 110, "tone_score": 90, "bad_event": 90, "topic": 190, "url": 90}
"""Pixels; the title takes what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A list of articles, newest first."""

    id: str
    title: str
    description: str
    filters: Sequence[Filter]
    columns: Sequence[str] = LISTED
    since: str
    """Kibana's date arithmetic, in local days: ``now-7d/d``."""
    split_by: str | None = None
    """Field that colours the bars above the list."""

    def saved_object(self) -> SavedObject:
        source = {
            "filter": [
                pill.state({"indexRefName": f"{SOURCE}.filter[{number}].meta.index"})
                for number, pill in enumerate(self.filters)
            ],
            "highlightAll": True,
            "indexRefName": f"{SOURCE}.index",
            "query": MATCH_ALL,
            "version": True,
        }
        attributes = {
            "columns": list(self.columns),
            "description": self.description,
            "grid": {"columns": {field: {"width": width} for field, width in WIDTHS.items() if self._shows(field)}},
            "hideChart": False,
            "isTextBasedQuery": False,
            "kibanaSavedObjectMeta": {"searchSourceJSON": dump_json(source)},
            "sort": [[TIME_FIELD, "desc"]],
            "timeRange": {"from": self.since, "to": "now"},
            "timeRestore": True,
            "title": self.title,
            "usesAdHocDataView": False,
        }
        names = (f"{SOURCE}.index", *(f"{SOURCE}.filter[{number}].meta.index" for number in range(len(self.filters))))
        return SavedObject(
            type="search",
            id=self.id,
            attributes=attributes | ({"breakdownField": self.split_by} if self.split_by else {}),
            references=tuple(Reference(name=name, type="index-pattern", id=DATA_VIEW) for name in names),
        )

    def _shows(self, field: str) -> bool:
        return field == TIME_FIELD or field in self.columns


NEGATIVE_SEARCH = "diembao-search-negative"
FOREIGN_SEARCH = "diembao-search-foreign"
VERIFY_SEARCH = "diembao-search-verify"
SENSITIVE_SEARCH = "diembao-search-sensitive"


def build_searches(lang: Lang) -> tuple[SavedSearch, ...]:
    """Return the four saved searches with titles in one language."""
    return (
        SavedSearch(
            id=NEGATIVE_SEARCH,
            title=say("search_negative", lang),
            description=say("search_negative_about", lang),
            filters=(about_us(), of_tone("negative")),
            since="now-7d/d",
        ),
        SavedSearch(
            id=FOREIGN_SEARCH,
            title=say("search_foreign", lang),
            description=say("search_foreign_about", lang),
            filters=(about_us(), from_abroad()),
            columns=("title", "outlet.name", "outlet.country", "language", "tone", "url"),
            since="now-30d/d",
            split_by="outlet.country",
        ),
        SavedSearch(
            id=VERIFY_SEARCH,
            title=say("search_verify", lang),
            description=say("search_verify_about", lang),
            filters=(about_us(), to_verify(lang)),
            columns=("title", "outlet.name", "tone", "tone_score", "bad_event", "evidence", "url"),
            since="now-7d/d",
            split_by="tone",
        ),
        SavedSearch(
            id=SENSITIVE_SEARCH,
            title=say("search_sensitive", lang),
            description=say("search_sensitive_about", lang),
            filters=(about_us(), on_sensitive_topic()),
            columns=("title", "outlet.name", "tone", "topics", "url"),
            since="now-30d/d",
            split_by="topic",
        ),
    )

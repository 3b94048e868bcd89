"""From reports to what sections list: a story, told by one report, with the other outlets' reports beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.digest.reports import Report
from pipeline.stories.story import story_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """One story as the reports of one edition tell it."""

    key: str
    reports: tuple[Report, ...]
    """One an outlet, oldest first; never empty."""
    began_at: datetime
    """Its first publication about the province in any outlet, this edition or an earlier one."""
    regrouped: bool = False
    """A person merged or split it."""

    @property
    def tier(self) -> int:
        """Reach of its furthest-reaching outlet, 1 being the furthest."""
        return min(report.doc.tier for report in self.reports)

    @property
    def newest_key(self) -> tuple[datetime, str]:
        """Order of the latest publication, ties by id."""
        return self.reports[-1].sort_key

    @property
    def ids(self) -> frozenset[str]:
        """The names that it can be found by: its own, and those of the documents that tell it."""
        return frozenset({self.key, *(report.doc.id for report in self.reports)})


def group_stories(
    reports: Iterable[Report], began: Mapping[str, datetime], regrouped: frozenset[str] = frozenset()
) -> list[ToldStory]:
    """Put reports of one edition together by story.

    ``began``: first publication of stories that are older; ``regrouped``: those that a person merged or split.
    """
    grouped: dict[str, list[Report]] = {}
    for report in sorted(reports, key=lambda one: one.sort_key):
        grouped.setdefault(story_key(report.doc), []).append(report)
    return [
        ToldStory(
            key=key,
            reports=tuple(told),
            began_at=min(began.get(key, told[0].published_at), told[0].published_at),
            regrouped=key in regrouped,
        )
        for key, told in grouped.items()
    ]


def leading_report(reports: Iterable[Report]) -> Report:
    """Return the report that tells a story: an original before a reprint, the earliest, of the furthest reach."""
    return min(reports, key=lambda one: (one.doc.copy_of is not None, one.published_at, one.doc.tier, one.doc.id))

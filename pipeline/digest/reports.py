"""From documents to reports, the unit that is counted: one story in one outlet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from config.messages import Lang
from config.settings import MuteSettings
from config.units import members
from pipeline.digest.judgement import judgement_of
from pipeline.digest.mute import MuteRules
from pipeline.digest.period import Period
from pipeline.digest.window import Edition, edition_of
from pipeline.records import Assessment, DayCount, Document, Tone
from pipeline.stories.story import story_key


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPlan:
    """What an installation wants in its digests; the same for every day."""

    province: str
    """Slug of a unit of today or of a merged-away one."""
    hour: int = 7
    """Local hour at which a window closes."""
    collecting_since_at: datetime | None = None
    """Earliest fetch in the store; None when it never fetched."""
    sealed: Mapping[date, datetime] = field(default_factory=dict)
    """When daily editions were sealed that take nothing in any more."""
    mute: MuteSettings = field(default_factory=MuteSettings)
    sensitive: frozenset[str] = frozenset()
    """Topic ids that are always prominent."""
    sure_negative: float = 0.0
    """Score from which a negative tone is sure enough for the section that asks for an answer."""
    language: Lang = "vi"
    internal: bool = False
    """Print «LƯU HÀNH NỘI BỘ»."""
    contact: str = ""
    software: str = ""
    """Version of the program, printed in the footer."""
    kibana_url: str = ""
    """Empty: no links into Kibana."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One story in one outlet, with what it says about the province."""

    doc: Document
    """The outlet's first article on the story, or its first that is surely negative."""
    own: Assessment
    edition: Edition
    sure: bool = True
    """False for a negative tone that may well be none: it is counted and told, but not where an answer is asked for."""
    articles: int = 1
    """Articles of the outlet on this story in this edition."""

    @property
    def tone(self) -> Tone:
        """Tone toward the province."""
        return self.own.tone or "neutral"

    @property
    def published_at(self) -> datetime:
        return self.doc.article.published_at

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """Order of publication, ties by id."""
        return self.published_at, self.doc.id


def find_reports(
    plan: DigestPlan, documents: Iterable[Document], period: Period | None = None
) -> tuple[list[Report], list[Report]]:
    """Return the reports about the province, oldest first: those to show, and those that a mute setting hides.

    With a ``period`` only those of its editions, and an outlet counts once a story over all its days. Else reports of
    several editions come together, and an outlet counts once a story and edition.
    """
    units = members(plan.province)
    rules = MuteRules.of(plan.mute)
    shown: list[Report] = []
    muted: list[Report] = []
    for doc in _latest_versions(documents):
        own = judgement_of(doc, units)
        if own is None or (period and period.kind == "foreign-weekly" and not doc.foreign):
            continue
        edition = edition_of(
            doc.article.published_at,
            doc.fetched_at,
            collecting_since_at=plan.collecting_since_at,
            hour=plan.hour,
            stored_at=doc.stored_at,
            sealed=plan.sealed,
        )
        if edition is not None and (period is None or period.holds(edition.day)):
            sure = own.tone != "negative" or (own.tone_score or 0.0) >= plan.sure_negative
            report = Report(doc=doc, own=own, edition=edition, sure=sure)
            (muted if rules.reason(doc) else shown).append(report)
    by_day = period is None
    return _once_an_outlet(shown, by_day=by_day), _once_an_outlet(muted, by_day=by_day)


def count_days(plan: DigestPlan, documents: Iterable[Document]) -> dict[date, DayCount]:
    """Count the reports of every edition the documents belong to. Days without any report are absent."""
    return count_by_day(find_reports(plan, documents)[0])


def count_by_day(reports: Iterable[Report]) -> dict[date, DayCount]:
    """Count reports by the day of their edition, in order; days without any are absent."""
    tones: dict[date, Counter[Tone]] = {}
    for report in reports:
        tones.setdefault(report.edition.day, Counter())[report.tone] += 1
    return {day: day_count(day, of_day) for day, of_day in sorted(tones.items())}


def day_count(day: date, tones: Mapping[Tone, int]) -> DayCount:
    """Return the reports of a day by tone."""
    return DayCount(
        day=day,
        positive=tones.get("positive", 0),
        neutral=tones.get("neutral", 0),
        negative=tones.get("negative", 0),
    )


def _latest_versions(documents: Iterable[Document]) -> list[Document]:
    latest: dict[str, Document] = {}
    for doc in documents:
        if doc.id not in latest or latest[doc.id].version < doc.version:
            latest[doc.id] = doc
    return list(latest.values())


def _once_an_outlet(reports: list[Report], *, by_day: bool) -> list[Report]:
    grouped: dict[tuple[str, str, date | None], list[Report]] = {}
    for report in sorted(reports, key=lambda one: one.sort_key):
        key = (story_key(report.doc), report.doc.source_id, report.edition.day if by_day else None)
        grouped.setdefault(key, []).append(report)
    once = [replace(_speaks_for(group), articles=len(group)) for group in grouped.values()]
    return sorted(once, key=lambda one: one.sort_key)


def _speaks_for(group: Sequence[Report]) -> Report:
    """Return the article that stands for an outlet's story: its first sure criticism, which must not be hidden behind
    a plain report of the same outlet; else its first article."""
    return next((one for one in group if one.tone == "negative" and one.sure), group[0])

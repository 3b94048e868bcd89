"""Build one edition of the digest from documents: pure, the same facts for the same input."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import mean

from pipeline.digest.editing import Edits, edit
from pipeline.digest.period import WEEK, Period
from pipeline.digest.ranking import PRINT_ORDER, SECTION_CAPS, allocate
from pipeline.digest.reports import DigestPlan, Report, count_by_day, day_count, find_reports
from pipeline.digest.sections import build_section
from pipeline.digest.stories import group_stories
from pipeline.digest.summary import clean_line, outlet_name
from pipeline.records import (
    Coverage,
    DayCount,
    Digest,
    DigestAlert,
    DigestCounts,
    DigestEvent,
    Document,
    OutletTone,
    Tone,
)

CHART_DAYS = 7
HISTORY_DAYS = 28
MIN_WEEKDAYS = 3
"""Of the four days of the same weekday in 28 days, how many must be known for their mean to be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What an edition tells beside its stories, or needs to tell them."""

    coverage: Coverage | None = None
    """None: nobody knows."""
    earlier: Mapping[date, DayCount] = field(default_factory=dict)
    """The daily editions before; a day that was never collected is absent."""
    previous_period: int | None = None
    """Total of as many days before an edition of several."""
    uncollected: frozenset[date] = frozenset()
    """Days of the edition that nobody looked at."""
    began: Mapping[str, datetime] = field(default_factory=dict)
    """First publication of stories that are older than the edition, by their id."""
    regrouped: frozenset[str] = frozenset()
    """Stories that a person merged or split."""
    alerts: tuple[DigestAlert, ...] = ()
    events: tuple[DigestEvent, ...] = ()


def build_edition(
    plan: DigestPlan,
    period: Period,
    documents: Iterable[Document],
    background: Background,
    *,
    edits: Edits | None = None,
    revision: int = 1,
    in_full: bool = False,
) -> Digest:
    """Return the edition of ``period``.

    ``documents`` may hold more than the edition; what belongs to other editions, or is not about the province, is left
    out (`Period.publication_span` says what must be offered). ``in_full``: no section folds anything away. Raises
    DraftError for edits that cannot be made.
    """
    reports, muted = find_reports(plan, documents, period)
    history = {known: count for known, count in background.earlier.items() if known < period.first}
    from_at, to_at = period.window(plan.hour)
    stories = group_stories(reports, background.began, background.regrouped)
    edited = edit(allocate(stories, plan.sensitive, period.kind), edits, plan.sensitive, period.kind)
    cap = None if in_full else SECTION_CAPS[period.kind]
    tones = Counter(report.tone for report in reports)
    return Digest(
        province=plan.province,
        date=period.last,
        window_from_at=from_at,
        window_to_at=to_at,
        revision=revision,
        counts=DigestCounts(
            total=len(reports),
            positive=tones["positive"],
            neutral=tones["neutral"],
            negative=tones["negative"],
            articles=sum(report.articles for report in reports),
            stories=len(stories),
            outlets=len({report.doc.source_id for report in reports}),
            foreign=sum(report.doc.foreign for report in reports),
            previous_day=_previous_day(period, history),
            mean_28d=_weekday_mean(period, history),
            previous_period=background.previous_period,
        ),
        coverage=background.coverage,
        sections=tuple(
            build_section(section, edited.owned[section], plan, period, edited.texts, cap=cap)
            for section in PRINT_ORDER
        ),
        outlet_tones=_outlet_tones(reports),
        last_days=_last_days(period, reports, history, background.uncollected),
        language=plan.language,
        muted=len(muted),
        internal=plan.internal,
        contact=clean_line(plan.contact),
        software=plan.software,
        kibana_url=plan.kibana_url,
        kind=period.kind,
        alerts=background.alerts,
        events=background.events,
        editor=edited.part,
    )


def day_total(count: DayCount) -> int:
    """Return the reports of one day, whatever their tone."""
    return count.positive + count.neutral + count.negative


def _previous_day(period: Period, history: Mapping[date, DayCount]) -> int | None:
    yesterday = history.get(period.first - timedelta(days=1)) if period.kind == "daily" else None
    return day_total(yesterday) if yesterday else None


def _weekday_mean(period: Period, history: Mapping[date, DayCount]) -> float | None:
    """Mean of the same weekday in the last 28 days; None while the history does not reach into their first week, or
    has too many gaps."""
    day = period.last
    if period.kind != "daily" or not history or min(history) >= day - timedelta(days=HISTORY_DAYS - WEEK):
        return None
    weekdays = [day - timedelta(days=back) for back in range(WEEK, HISTORY_DAYS + 1, WEEK)]
    totals = [day_total(history[known]) for known in weekdays if known in history]
    return round(mean(totals), 2) if len(totals) >= MIN_WEEKDAYS else None


def _last_days(
    period: Period, reports: Sequence[Report], history: Mapping[date, DayCount], uncollected: frozenset[date]
) -> tuple[DayCount, ...]:
    """Return the last seven days; of an edition of several days these."""
    counted = count_by_day(reports)
    own = tuple(counted.get(day, day_count(day, {})) for day in period.days if day not in uncollected)
    if period.kind != "daily":
        return own
    before = (history.get(period.last - timedelta(days=back)) for back in range(CHART_DAYS - 1, 0, -1))
    return (*(count for count in before if count), *own)


def _outlet_tones(reports: Sequence[Report]) -> tuple[OutletTone, ...]:
    names: dict[str, str] = {}
    tones: dict[str, Counter[Tone]] = {}
    for report in reports:
        names.setdefault(report.doc.source_id, outlet_name(report.doc))
        tones.setdefault(report.doc.source_id, Counter())[report.tone] += 1
    ordered = sorted(
        tones.items(), key=lambda pair: (-pair[1].total(), -pair[1]["negative"], names[pair[0]].casefold(), pair[0])
    )
    return tuple(
        OutletTone(
            outlet=names[source_id],
            positive=count["positive"],
            neutral=count["neutral"],
            negative=count["negative"],
        )
        for source_id, count in ordered
    )

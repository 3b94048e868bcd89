"""Build one edition of the digest from documents: pure, the same facts for the same input."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from statistics import mean

from config.messages import message
from pipeline.digest.ranking import PRINT_ORDER, SECTION_CAP, allocate, fitting_sections
from pipeline.digest.reports import DigestPlan, Report, find_reports, story_id
from pipeline.digest.summary import clean_line, shorten, summarise
from pipeline.digest.topics import leading_topic
from pipeline.digest.window import window
from pipeline.records import (
    Coverage,
    DayCount,
    Digest,
    DigestCounts,
    DigestItem,
    DigestSection,
    Document,
    OutletTone,
    SectionId,
    Tone,
    TopicCount,
)

CHART_DAYS = 7
HISTORY_DAYS = 28
MIN_WEEKDAYS = 3
"""Of the four days of the same weekday in 28 days, how many must be known for their mean to be one."""

TITLE_CHARS = 300
"""Longer headlines are not headlines but a page's mistake."""
OUTLET_CHARS = 80
TOPICS_KEPT = 3
WHY_KEPT = 4
REFERRING: frozenset[SectionId] = frozenset({"foreign", "prominent", "related"})
"""Sections that point at what another section owns; tone sections would only repeat the label."""


def build_digest(
    plan: DigestPlan,
    day: date,
    documents: Iterable[Document],
    *,
    coverage: Coverage | None = None,
    earlier: Mapping[date, DayCount] | None = None,
    revision: int = 1,
) -> Digest:
    """Return the edition of ``day``.

    ``documents`` may hold more than the edition; what belongs to other editions, or is not about the province, is left
    out (`window.publication_span` says what must be offered). ``earlier`` holds the editions before this one by their
    day; a day that was never collected is absent. ``coverage`` None means that nobody knows.
    """
    shown, muted = find_reports(plan, documents)
    reports = [report for report in shown if report.edition.day == day]
    history = {known: count for known, count in (earlier or {}).items() if known < day}
    from_at, to_at = window(day, plan.hour)
    tones = Counter(report.tone for report in reports)
    owned = allocate(reports, plan.sensitive)
    return Digest(
        province=plan.province,
        date=day,
        window_from_at=from_at,
        window_to_at=to_at,
        revision=revision,
        counts=_counts(reports, tones, day, history),
        coverage=coverage,
        sections=tuple(_section(section, owned[section], plan) for section in PRINT_ORDER),
        outlet_tones=_outlet_tones(reports),
        last_days=_last_days(day, tones, history),
        language=plan.language,
        muted=sum(report.edition.day == day for report in muted),
        internal=plan.internal,
        contact=clean_line(plan.contact),
        software=plan.software,
        kibana_url=plan.kibana_url,
    )


def _counts(
    reports: Sequence[Report], tones: Mapping[Tone, int], day: date, history: Mapping[date, DayCount]
) -> DigestCounts:
    yesterday = history.get(day - timedelta(days=1))
    return DigestCounts(
        total=len(reports),
        positive=tones.get("positive", 0),
        neutral=tones.get("neutral", 0),
        negative=tones.get("negative", 0),
        articles=sum(report.articles for report in reports),
        stories=len({story_id(report.doc) for report in reports}),
        outlets=len({report.doc.source_id for report in reports}),
        foreign=sum(report.doc.foreign for report in reports),
        previous_day=day_total(yesterday) if yesterday else None,
        mean_28d=_weekday_mean(day, history),
    )


def day_total(count: DayCount) -> int:
    """Return the reports of one day, whatever their tone."""
    return count.positive + count.neutral + count.negative


def _weekday_mean(day: date, history: Mapping[date, DayCount]) -> float | None:
    """Mean of the same weekday in the last 28 days; None while the history is shorter or has too many gaps."""
    if not history or min(history) > day - timedelta(days=HISTORY_DAYS):
        return None
    weekdays = [day - timedelta(weeks=back) for back in range(1, HISTORY_DAYS // 7 + 1)]
    totals = [day_total(history[known]) for known in weekdays if known in history]
    return round(mean(totals), 2) if len(totals) >= MIN_WEEKDAYS else None


def _last_days(day: date, tones: Mapping[Tone, int], history: Mapping[date, DayCount]) -> tuple[DayCount, ...]:
    today = DayCount(
        day=day,
        positive=tones.get("positive", 0),
        neutral=tones.get("neutral", 0),
        negative=tones.get("negative", 0),
    )
    before = (history.get(day - timedelta(days=back)) for back in range(CHART_DAYS - 1, 0, -1))
    return (*(count for count in before if count), today)


def _outlet_tones(reports: Sequence[Report]) -> tuple[OutletTone, ...]:
    names: dict[str, str] = {}
    tones: dict[str, Counter[Tone]] = {}
    for report in reports:
        names.setdefault(report.doc.source_id, _outlet_name(report.doc))
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


def _outlet_name(doc: Document) -> str:
    return shorten(clean_line(doc.outlet), OUTLET_CHARS) or doc.source_id


def _section(section: SectionId, owned: Sequence[Report], plan: DigestPlan) -> DigestSection:
    printed, folded = owned[:SECTION_CAP], owned[SECTION_CAP:]
    topics = Counter(leading_topic(_topics(report.doc)) for report in folded)
    return DigestSection(
        id=section,
        title=message(f"digest.section_{section}", plan.language),
        items=tuple(_item(report, section, plan.sensitive) for report in printed),
        folded=len(folded),
        folded_topics=tuple(
            TopicCount(topic=topic, reports=count)
            for topic, count in sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))
        ),
    )


def _item(report: Report, owner: SectionId, sensitive: frozenset[str]) -> DigestItem:
    doc, own = report.doc, report.own
    article = doc.article
    title = shorten(clean_line(article.title), TITLE_CHARS) or article.url[:TITLE_CHARS] or doc.id
    language = doc.language or (doc.annotation.language if doc.annotation else "") or article.language
    return DigestItem(
        id=doc.id,
        url=article.url,
        title=title,
        original_title=None if language in ("vi", "") else title,
        outlet=_outlet_name(doc),
        outlet_id=doc.source_id,
        country=doc.country,
        language=language,
        published_at=article.published_at.astimezone(UTC).replace(microsecond=0),
        tone=report.tone,
        tone_score=round(own.tone_score or 0.0, 4),
        bad_event=doc.annotation.bad_event if doc.annotation else False,
        topics=_topics(doc),
        units=_units(doc, own.unit),
        why=tuple(line for line in map(clean_line, own.why[:WHY_KEPT]) if line),
        summary=summarise(article.lead, article.text, title=title),
        late=report.edition.late,
        marks=doc.marks,
        also=tuple(one for one in fitting_sections(report, sensitive) if one != owner and one in REFERRING),
    )


def _units(doc: Document, own: str) -> tuple[str, ...]:
    assessments = doc.annotation.assessments if doc.annotation else ()
    others = {one.unit for one in assessments if one.relevance == "about"} - {own}
    return (own, *sorted(others))


def _topics(doc: Document) -> tuple[str, ...]:
    return tuple(topic.id for topic in doc.annotation.topics[:TOPICS_KEPT]) if doc.annotation else ()

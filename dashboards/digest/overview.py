"""What a digest says about itself, around its items: subject, summary, footer."""

from collections.abc import Iterable

from config.messages import Lang, message
from dashboards.digest.excerpt import excerpt_line
from dashboards.digest.typography import NO_BREAK, day_span, full_day, full_moment, number, short_day
from dashboards.digest.wording import reports_count, unit_in_sentence, unit_title
from pipeline.digest.period import period_of
from pipeline.records import Coverage, Digest

FIRST_REVISION = 1
"""Later ones say so; below it is a preview of an edition whose window is still open."""

ENOUGH_COVERAGE = 0.5
"""Share of sources that must have answered before an empty day means that nothing was published."""

FAILED_SHOWN = 8


def subject_of(digest: Digest) -> str:
    """Return the subject of the mail: ``[Điểm báo] Tỉnh Cao Bằng – 5/3/2026: 24 tin (…) – 1 cảnh báo``."""
    lang, counts = digest.language, digest.counts
    subject = message(
        "digest.subject",
        lang,
        kind=kind_title(digest),
        unit=unit_title(digest.province, lang),
        day=_days(digest),
        reports=reports_count(counts.total, lang).replace(NO_BREAK, " "),
        positive=number(counts.positive, lang),
        neutral=number(counts.neutral, lang),
        negative=number(counts.negative, lang),
    )
    if digest.alerts:
        form = "one" if len(digest.alerts) == 1 else "other"
        alerts = message(f"digest.alerts_{form}", lang, count=number(len(digest.alerts), lang)).replace(NO_BREAK, " ")
        subject = message("digest.subject_alerts", lang, subject=subject, alerts=alerts)
    if digest.revision == FIRST_REVISION:
        return subject
    key = "subject_revision" if digest.revision > FIRST_REVISION else "subject_preview"
    return message(f"digest.{key}", lang, subject=subject, revision=digest.revision)


def kind_title(digest: Digest) -> str:
    """Return what the edition is called: ``Điểm báo``, ``Điểm báo giao ban``."""
    return message(f"digest.masthead_{digest.kind}", digest.language)


def edition_title(digest: Digest) -> str:
    """Return its day or days as a heading: ``Thứ Năm, ngày 5/3/2026``, ``Tuần 27/2–5/3/2026``."""
    lang = digest.language
    if digest.kind == "daily":
        weekday = message(f"digest.weekday_{digest.date.weekday()}", lang)
        return message("digest.masthead_day", lang, weekday=weekday, day=full_day(digest.date, lang))
    key = "masthead_week" if digest.kind == "foreign-weekly" else "masthead_days"
    return message(f"digest.{key}", lang, days=_days(digest))


def _days(digest: Digest) -> str:
    period = period_of(digest)
    return day_span(period.first, period.last, digest.language)


def revision_line(digest: Digest) -> str:
    """Return what the masthead says of a later revision or a preview; empty for the first."""
    if digest.revision == FIRST_REVISION:
        return ""
    key = "masthead_revision" if digest.revision > FIRST_REVISION else "masthead_preview"
    return message(f"digest.{key}", digest.language, revision=digest.revision)


def summary_lines(digest: Digest) -> Iterable[str]:
    """Yield the summary: counts, trend, foreign press, how much was collected."""
    lang, counts = digest.language, digest.counts
    if digest.excerpt:
        yield excerpt_line(digest, digest.excerpt)
    if counts.total:
        yield message(
            f"digest.summary_counts_{'one' if counts.total == 1 else 'other'}",
            lang,
            **{
                key: number(getattr(counts, key), lang)
                for key in ("total", "outlets", "positive", "neutral", "negative")
            },
        )
    else:
        yield _empty(digest)
    yield _trend(digest)
    if digest.kind == "foreign-weekly":
        pass  # all of it is the foreign press
    elif counts.foreign:
        yield message("digest.summary_foreign", lang, foreign=number(counts.foreign, lang))
    elif counts.total:
        yield message("digest.summary_foreign_none", lang)
    yield from _events(digest)
    yield _coverage(digest.coverage, lang)


def _empty(digest: Digest) -> str:
    """Return that nothing was published, or that too little was seen to say so."""
    lang, coverage = digest.language, digest.coverage
    unit = unit_in_sentence(digest.province, lang)
    what = message("digest.any_foreign_report" if digest.kind == "foreign-weekly" else "digest.any_report", lang)
    if coverage is None:
        return message("digest.summary_empty_unknown", lang, unit=unit, what=what)
    if coverage.healthy < coverage.due * ENOUGH_COVERAGE:
        healthy, due = number(coverage.healthy, lang), number(coverage.due, lang)
        return message("digest.summary_empty_low", lang, unit=unit, what=what, healthy=healthy, due=due)
    return message("digest.summary_empty", lang, unit=unit, what=what)


def _trend(digest: Digest) -> str:
    lang, counts = digest.language, digest.counts
    if digest.kind == "daily":
        return message(
            "digest.summary_trend", lang, previous=_compared(digest, counts.previous_day), mean=_mean(digest)
        )
    before = period_of(digest).before
    days = day_span(before.first, before.last, lang)
    return message("digest.summary_period", lang, days=days, previous=_compared(digest, counts.previous_period))


def _compared(digest: Digest, previous: int | None) -> str:
    """Return an earlier total and how much more or less it is now."""
    lang = digest.language
    if previous is None:
        return message("digest.unknown", lang)
    difference = digest.counts.total - previous
    key = "same" if not difference else "more" if difference > 0 else "less"
    words = "trend" if digest.kind == "daily" else "period"
    return message(
        f"digest.{words}_{key}", lang, previous=number(previous, lang), difference=number(abs(difference), lang)
    )


def _mean(digest: Digest) -> str:
    lang, mean = digest.language, digest.counts.mean_28d
    return (
        message("digest.unknown", lang) if mean is None else message("digest.trend_mean", lang, mean=number(mean, lang))
    )


def _events(digest: Digest) -> Iterable[str]:
    """Yield what the calendar holds: of the edition's days, and of the next ones with their dates."""
    lang = digest.language
    now = [event.title for event in digest.events if event.day <= digest.date]
    ahead = [
        message("digest.event_ahead", lang, title=event.title, day=short_day(event.day, lang))
        for event in digest.events
        if event.day > digest.date
    ]
    if now:
        yield message("digest.summary_events", lang, events="; ".join(now))
    if ahead:
        yield message("digest.summary_events_ahead", lang, events="; ".join(ahead))


def _coverage(coverage: Coverage | None, lang: Lang) -> str:
    if coverage is None:
        return message("digest.coverage_unknown", lang)
    healthy, due = number(coverage.healthy, lang), number(coverage.due, lang)
    if not coverage.failed:
        return message("digest.coverage_all", lang, healthy=healthy, due=due)
    names = [
        message("digest.coverage_source", lang, name=one.name, reason=one.reason)
        for one in coverage.failed[:FAILED_SHOWN]
    ]
    rest = len(coverage.failed) - len(names)
    if rest:
        names.append(message("digest.coverage_more", lang, count=number(rest, lang)))
    return message(
        "digest.coverage_failed",
        lang,
        healthy=healthy,
        due=due,
        count=number(len(coverage.failed), lang),
        names=", ".join(names),
    )


def footer_lines(digest: Digest) -> Iterable[str]:
    """Yield how the counts are made, the window, whom to ask, and the version."""
    lang = digest.language
    yield message("digest.footer_counting", lang)
    yield message("digest.footer_tone", lang, unit=unit_in_sentence(digest.province, lang))
    if any(item.late for section in digest.sections for item in section.items):
        yield message("digest.footer_late", lang)
    if digest.kind != "daily":
        yield message("digest.footer_period", lang)
    yield from _editor_lines(digest)
    if digest.muted:
        yield message("digest.footer_muted", lang, count=number(digest.muted, lang))
    yield message(
        "digest.footer_window",
        lang,
        from_at=full_moment(digest.window_from_at, lang),
        to_at=full_moment(digest.window_to_at, lang),
    )
    if digest.contact:
        yield message("digest.footer_contact", lang, contact=digest.contact)
    key = "footer_version" if digest.software else "footer_version_unknown"
    yield message(f"digest.{key}", lang, revision=digest.revision, software=digest.software)


def _editor_lines(digest: Digest) -> Iterable[str]:
    """Yield who edited, and how much of what was found is not printed."""
    lang, editor = digest.language, digest.editor
    if editor is None:
        return
    yield message("digest.footer_editor", lang, by=editor.by, at=full_moment(editor.edited_at, lang))
    if any(item.edited for section in digest.sections for item in section.items):
        yield message("digest.footer_edited", lang)
    if editor.left_out:
        left_out = sum(one.reports for one in editor.left_out)
        yield message("digest.footer_left_out", lang, count=number(left_out, lang))

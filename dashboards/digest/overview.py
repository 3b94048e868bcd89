"""What a digest says about itself, around its items: subject, summary, footer."""

from collections.abc import Iterable

from config.messages import Lang, message
from dashboards.digest.excerpt import excerpt_line
from dashboards.digest.typography import NO_BREAK, full_day, full_moment, number
from dashboards.digest.wording import reports_count, unit_in_sentence, unit_title
from pipeline.records import Coverage, Digest

FIRST_REVISION = 1
"""Later ones say so; below it is a preview of an edition whose window is still open."""

ENOUGH_COVERAGE = 0.5
"""Share of sources that must have answered before an empty day means that nothing was published."""

FAILED_SHOWN = 8


def subject_of(digest: Digest) -> str:
    """Return the subject of the mail: ``[Điểm báo] Tỉnh Cao Bằng – 5/3/2026: 24 tin (tích cực 15 · …)``."""
    lang, counts = digest.language, digest.counts
    subject = message(
        "digest.subject",
        lang,
        unit=unit_title(digest.province, lang),
        day=full_day(digest.date, lang),
        reports=reports_count(counts.total, lang).replace(NO_BREAK, " "),
        positive=number(counts.positive, lang),
        neutral=number(counts.neutral, lang),
        negative=number(counts.negative, lang),
    )
    if digest.revision == FIRST_REVISION:
        return subject
    key = "subject_revision" if digest.revision > FIRST_REVISION else "subject_preview"
    return message(f"digest.{key}", lang, subject=subject, revision=digest.revision)


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
    yield message("digest.summary_trend", lang, previous=_previous(digest), mean=_mean(digest))
    if counts.foreign:
        yield message("digest.summary_foreign", lang, foreign=number(counts.foreign, lang))
    elif counts.total:
        yield message("digest.summary_foreign_none", lang)
    yield _coverage(digest.coverage, lang)


def _empty(digest: Digest) -> str:
    """Return that nothing was published, or that too little was seen to say so."""
    lang, coverage = digest.language, digest.coverage
    unit = unit_in_sentence(digest.province, lang)
    if coverage is None:
        return message("digest.summary_empty_unknown", lang, unit=unit)
    if coverage.healthy < coverage.due * ENOUGH_COVERAGE:
        healthy, due = number(coverage.healthy, lang), number(coverage.due, lang)
        return message("digest.summary_empty_low", lang, unit=unit, healthy=healthy, due=due)
    return message("digest.summary_empty", lang, unit=unit)


def _previous(digest: Digest) -> str:
    lang, counts = digest.language, digest.counts
    if counts.previous_day is None:
        return message("digest.unknown", lang)
    difference = counts.total - counts.previous_day
    key = "trend_same" if not difference else "trend_more" if difference > 0 else "trend_less"
    return message(
        f"digest.{key}", lang, previous=number(counts.previous_day, lang), difference=number(abs(difference), lang)
    )


def _mean(digest: Digest) -> str:
    lang, mean = digest.language, digest.counts.mean_28d
    return (
        message("digest.unknown", lang) if mean is None else message("digest.trend_mean", lang, mean=number(mean, lang))
    )


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

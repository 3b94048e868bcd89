"""Which section owns a report, and in which order a section prints its reports."""

from collections.abc import Sequence

from pipeline.digest.judgement import is_related
from pipeline.digest.reports import Report
from pipeline.records import Document, SectionId

PRECEDENCE: tuple[SectionId, ...] = ("negative", "foreign", "prominent", "positive", "related", "neutral")
"""The first section that a report fits owns it."""

PRINT_ORDER: tuple[SectionId, ...] = ("prominent", "negative", "positive", "neutral", "foreign", "related")
"""As press offices expect them."""

PROMINENT_CAP = 5
SECTION_CAP = 15

TOP_TIER = 1


SENSITIVE_SCORE = 0.2
"""A sensitive topic counts from this probability on: a phrase in passing does not make a report prominent."""


def is_sensitive(report: Report, sensitive: frozenset[str]) -> bool:
    """Tell whether one of the report's topics is on the list of sensitive ones."""
    return has_sensitive_topic(report.doc, sensitive)


def has_sensitive_topic(doc: Document, sensitive: frozenset[str]) -> bool:
    """Tell whether one of a document's topics is on the list of sensitive ones, and sure enough."""
    topics = doc.annotation.topics if doc.annotation else ()
    return any(topic.id in sensitive and topic.score >= SENSITIVE_SCORE for topic in topics)


def fitting_sections(report: Report, sensitive: frozenset[str]) -> tuple[SectionId, ...]:
    """Return every section the report fits, in order of precedence; never empty."""
    doc = report.doc
    bad_news = doc.annotation is not None and doc.annotation.bad_event and doc.tier == TOP_TIER
    fits: dict[SectionId, bool] = {
        "negative": report.tone == "negative" and report.sure,
        "foreign": doc.foreign,
        "prominent": is_sensitive(report, sensitive) or bad_news,
        "positive": report.tone == "positive",
        "related": not doc.foreign and is_related(doc, report.own),
        "neutral": report.tone == "neutral" or not report.sure,
    }
    return tuple(section for section in PRECEDENCE if fits[section])


def rank(reports: Sequence[Report], sensitive: frozenset[str]) -> list[Report]:
    """Order by: sensitive topic first, then number of outlets, reach of the outlet, newest.

    Until stories are found every report has one outlet.
    """
    newest = sorted(reports, key=lambda one: one.sort_key, reverse=True)
    return sorted(newest, key=lambda one: (not is_sensitive(one, sensitive), one.doc.tier))


def allocate(reports: Sequence[Report], sensitive: frozenset[str]) -> dict[SectionId, list[Report]]:
    """Give every report to exactly one section, ranked.

    What does not find room among the prominent goes on to the next section it fits, where it still ranks first.
    """
    owned: dict[SectionId, list[Report]] = {section: [] for section in PRECEDENCE}
    for report in rank(reports, sensitive):
        for section in fitting_sections(report, sensitive):
            if section != "prominent" or len(owned["prominent"]) < PROMINENT_CAP:
                owned[section].append(report)
                break
    return owned

"""Which section owns a story, and in which order a section prints its stories."""

from collections.abc import Sequence

from pipeline.digest.judgement import is_related
from pipeline.digest.reports import Report
from pipeline.digest.stories import ToldStory, leading_report
from pipeline.records import Document, EditionKind, SectionId

PRECEDENCE: tuple[SectionId, ...] = ("negative", "foreign", "prominent", "positive", "related", "neutral")
"""The first section that one of a story's reports fits owns it."""

PRINT_ORDER: tuple[SectionId, ...] = ("prominent", "negative", "positive", "neutral", "foreign", "related")
"""As press offices expect them."""

PROMINENT_CAP = 5
SECTION_CAPS: dict[EditionKind, int] = {"daily": 15, "range": 25, "foreign-weekly": 60}
"""How many stories a section lists: one page of a morning's reading; more for what is read once a week."""
PROMINENT_OUTLETS = 3
"""A story that so many outlets tell is one that the public talks about, whatever its topic."""

TOP_TIER = 1

SENSITIVE_SCORE = 0.2
"""A sensitive topic counts from this probability on: a phrase in passing does not make a report prominent."""


def is_sensitive(story: ToldStory, sensitive: frozenset[str]) -> bool:
    """Tell whether one of a story's reports has a topic that is on the list of sensitive ones."""
    return any(has_sensitive_topic(report.doc, sensitive) for report in story.reports)


def has_sensitive_topic(doc: Document, sensitive: frozenset[str]) -> bool:
    """Tell whether one of a document's topics is on the list of sensitive ones, and sure enough."""
    topics = doc.annotation.topics if doc.annotation else ()
    return any(topic.id in sensitive and topic.score >= SENSITIVE_SCORE for topic in topics)


def report_fits(report: Report, section: SectionId, sensitive: frozenset[str]) -> bool:
    """Tell whether a report by itself belongs to a section."""
    doc = report.doc
    match section:
        case "negative":
            return report.tone == "negative" and report.sure
        case "foreign":
            return doc.foreign
        case "prominent":
            bad_news = doc.annotation is not None and doc.annotation.bad_event and doc.tier == TOP_TIER
            return bad_news or has_sensitive_topic(doc, sensitive)
        case "positive":
            return report.tone == "positive"
        case "related":
            return not doc.foreign and is_related(doc, report.own)
        case "neutral":
            return report.tone == "neutral" or not report.sure


def fitting_sections(story: ToldStory, sensitive: frozenset[str]) -> tuple[SectionId, ...]:
    """Return every section that a story fits, in order of precedence; never empty."""
    return tuple(
        section
        for section in PRECEDENCE
        if any(report_fits(report, section, sensitive) for report in story.reports)
        or (section == "prominent" and len(story.reports) >= PROMINENT_OUTLETS)
    )


def lead_in(story: ToldStory, section: SectionId, sensitive: frozenset[str]) -> Report:
    """Return the report that tells a story in a section: one of those that brought the story there."""
    fitting = [report for report in story.reports if report_fits(report, section, sensitive)]
    return leading_report(fitting or story.reports)


def rank(stories: Sequence[ToldStory], sensitive: frozenset[str]) -> list[ToldStory]:
    """Order by: sensitive topic first, then number of outlets, reach of the outlets, newest."""
    newest = sorted(stories, key=lambda one: one.newest_key, reverse=True)
    return sorted(newest, key=lambda one: (not is_sensitive(one, sensitive), -len(one.reports), one.tier))


def allocate(
    stories: Sequence[ToldStory], sensitive: frozenset[str], kind: EditionKind = "daily"
) -> dict[SectionId, list[ToldStory]]:
    """Give every story to exactly one section, ranked.

    What does not find room among the prominent goes on to the next section it fits, where it still ranks first. An
    edition of the foreign press has that section only.
    """
    owned: dict[SectionId, list[ToldStory]] = {section: [] for section in PRECEDENCE}
    for story in rank(stories, sensitive):
        fitting = ("foreign",) if kind == "foreign-weekly" else fitting_sections(story, sensitive)
        section = next(one for one in fitting if one != "prominent" or len(owned[one]) < PROMINENT_CAP)
        owned[section].append(story)
    return owned

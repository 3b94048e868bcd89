"""An edition as one recipient wants it: in its language, with the items that it asked for. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from config.messages import Lang, message
from config.units import members
from pipeline.deliver.recipients import Recipient
from pipeline.records import Digest, DigestItem, DigestSection, Excerpt, Tone

SEVERITY: dict[Tone, int] = {"positive": 0, "neutral": 1, "negative": 2}


def tailor(digest: Digest, recipient: Recipient) -> Digest:
    """Return the edition for one recipient; the very same one for who wants everything in its language.

    Counts, chart and table stay those of the whole edition, so that all readers speak of the same figures; the excerpt
    says how many reports of it are printed. Of folded reports only the topic is known: who may fit is kept.
    """
    if recipient.language and recipient.language != digest.language:
        digest = _translated(digest, recipient.language)
    if not recipient.filtered:
        return digest
    units = frozenset().union(*(members(slug) for slug in recipient.units))
    sections = tuple(_excerpt_of(section, recipient, units) for section in digest.sections)
    return replace(
        digest,
        sections=sections,
        excerpt=Excerpt(
            units=recipient.units,
            topics=recipient.topics,
            min_tone=recipient.min_tone,
            shown=sum(item.reports for section in sections for item in section.items),
        ),
    )


def _translated(digest: Digest, lang: Lang) -> Digest:
    sections = (replace(one, title=message(f"digest.section_{one.id}", lang)) for one in digest.sections)
    return replace(digest, language=lang, sections=tuple(sections))


def _excerpt_of(section: DigestSection, wanted: Recipient, units: frozenset[str]) -> DigestSection:
    items = tuple(item for item in section.items if _fits(item, wanted, units))
    folded = tuple(one for one in section.folded_topics if _topic_fits((one.topic,), wanted.topics))
    return replace(section, items=items, folded=sum(one.reports for one in folded), folded_topics=folded)


def _fits(item: DigestItem, wanted: Recipient, units: frozenset[str]) -> bool:
    return (
        max(SEVERITY[tone] for tone in item.tones) >= SEVERITY[wanted.min_tone]
        and _topic_fits(item.topics, wanted.topics)
        and (not units or not units.isdisjoint(item.units))
    )


def _topic_fits(topics: Iterable[str], wanted: tuple[str, ...]) -> bool:
    """Tell whether one of the topics is wanted: a topic with all its subtopics, a subtopic alone.

    A topic without a subtopic may be any of them, so it fits a wanted subtopic.
    """
    return not wanted or any(_within(topic, want) or _within(want, topic) for topic in topics for want in wanted)


def _within(topic: str, other: str) -> bool:
    return topic == other or topic.startswith(f"{other}.")

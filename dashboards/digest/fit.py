"""Keep a digest below the size at which mail programs cut messages (Gmail: 102 KB of HTML)."""

from collections import Counter
from dataclasses import dataclass, replace

from pipeline.digest.ranking import SECTION_CAPS
from pipeline.digest.summary import shorten
from pipeline.digest.topics import leading_topic
from pipeline.records import Digest, DigestItem, DigestSection, SectionId, TopicCount

HTML_LIMIT_BYTES = 90_000
URGENT: frozenset[SectionId] = frozenset({"prominent", "negative"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much of a digest is printed."""

    items: int
    """Per section."""
    summary_chars: int
    urgent_chars: int
    """Length of a summary in the sections that are read first."""
    title_chars: int
    outlet_chars: int
    copies: int
    """Other outlets of a story that are named."""


ALL_ITEMS = max(SECTION_CAPS.values())

DETAILS = (
    Detail(items=ALL_ITEMS, summary_chars=300, urgent_chars=300, title_chars=300, outlet_chars=80, copies=10),
    Detail(items=ALL_ITEMS, summary_chars=160, urgent_chars=300, title_chars=200, outlet_chars=60, copies=6),
    Detail(items=ALL_ITEMS, summary_chars=0, urgent_chars=300, title_chars=200, outlet_chars=60, copies=4),
    Detail(items=ALL_ITEMS, summary_chars=0, urgent_chars=0, title_chars=160, outlet_chars=60, copies=3),
    Detail(items=25, summary_chars=0, urgent_chars=0, title_chars=160, outlet_chars=60, copies=2),
    Detail(items=15, summary_chars=0, urgent_chars=0, title_chars=160, outlet_chars=60, copies=0),
    Detail(items=8, summary_chars=0, urgent_chars=0, title_chars=160, outlet_chars=60, copies=0),
    Detail(items=4, summary_chars=0, urgent_chars=0, title_chars=120, outlet_chars=40, copies=0),
    Detail(items=1, summary_chars=0, urgent_chars=0, title_chars=80, outlet_chars=40, copies=0),
)
"""From everything to the least; the last one fits whatever the articles hold (a test tries the worst)."""


def reduced(digest: Digest, detail: Detail) -> Digest:
    """Return the digest with less printed: folded items are counted where they were, so every sum stays as it is."""
    return replace(
        digest,
        sections=tuple(_reduced_section(section, detail) for section in digest.sections),
        outlet_tones=tuple(
            replace(row, outlet=shorten(row.outlet, detail.outlet_chars)) for row in digest.outlet_tones
        ),
    )


def _reduced_section(section: DigestSection, detail: Detail) -> DigestSection:
    kept, dropped = section.items[: detail.items], section.items[detail.items :]
    summary_chars = detail.urgent_chars if section.id in URGENT else detail.summary_chars
    topics: Counter[str] = Counter({one.topic: one.reports for one in section.folded_topics})
    for item in dropped:
        topics[leading_topic(item.topics)] += item.reports
    return replace(
        section,
        items=tuple(_reduced_item(item, detail, summary_chars) for item in kept),
        folded=section.folded + sum(item.reports for item in dropped),
        folded_topics=tuple(
            TopicCount(topic=topic, reports=count)
            for topic, count in sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))
        ),
    )


def _reduced_item(item: DigestItem, detail: Detail, summary_chars: int) -> DigestItem:
    return replace(
        item,
        title=shorten(item.title, detail.title_chars),
        original_title=item.original_title and shorten(item.original_title, detail.title_chars),
        outlet=shorten(item.outlet, detail.outlet_chars),
        summary=shorten(item.summary, summary_chars) if summary_chars else "",
        copies=tuple(
            replace(copy, outlet=shorten(copy.outlet, detail.outlet_chars)) for copy in item.copies[: detail.copies]
        ),
        copies_folded=item.copies[detail.copies :],
    )

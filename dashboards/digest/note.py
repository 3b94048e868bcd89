"""A digest in a few lines, for chat rooms and phones."""

from dashboards.digest.overview import subject_of, summary_lines
from pipeline.records import Digest, SectionId

HEADLINES = 5
TOLD: tuple[SectionId, ...] = ("negative", "prominent")
"""Sections whose first headlines are told, most urgent first."""
TOLD_WEEKLY: tuple[SectionId, ...] = ("foreign",)
"""The only one of an edition of the foreign press."""


def note_of(digest: Digest) -> tuple[str, str]:
    """Return a title and a text of some ten lines."""
    lines = [*summary_lines(digest)]
    sections = {section.id: section for section in digest.sections}
    told = TOLD_WEEKLY if digest.kind == "foreign-weekly" else TOLD
    for section in (sections[id_] for id_ in told if id_ in sections):
        if section.items:
            lines += ["", f"{section.title}:"]
            lines += (f"- {item.title} ({item.outlet}) {item.url}" for item in section.items[:HEADLINES])
    return subject_of(digest), "\n".join(lines)

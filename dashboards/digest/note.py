"""A digest in a few lines, for chat rooms and phones."""

from dashboards.digest.overview import subject_of, summary_lines
from pipeline.records import Digest, SectionId

HEADLINES = 5
TOLD: tuple[SectionId, ...] = ("negative", "prominent")
"""Sections whose first headlines are told, most urgent first."""


def note_of(digest: Digest) -> tuple[str, str]:
    """Return a title and a text of some ten lines."""
    lines = [*summary_lines(digest)]
    sections = {section.id: section for section in digest.sections}
    for section in (sections[id_] for id_ in TOLD if id_ in sections):
        if section.items:
            lines += ["", f"{section.title}:"]
            lines += (f"- {item.title} ({item.outlet}) {item.url}" for item in section.items[:HEADLINES])
    return subject_of(digest), "\n".join(lines)

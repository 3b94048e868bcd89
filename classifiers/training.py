"""Labelled items to what the trainer learns from. Nothing here needs scikit-learn."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from classifiers.features import MarkedText, Terms, document_terms, mark, unit_terms
from classifiers.places import find_candidates, find_mentions
from config.errors import InputError
from pipeline.records import Item, PlaceMention

UNCERTAIN_WEIGHT: Final = 0.5
"""Of a label that its annotator was not sure of."""
RANDOM_WEIGHT: Final = 1.5
"""Of a row drawn at random: it shows the natural balance of classes, which rows drawn at margins do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled (item, unit) pair."""

    terms: Terms
    group: str
    """Title; pairs of one text stay in one fold."""
    relevance: str
    tone: str
    """Empty unless about."""
    bad_event: str
    topic: str
    """First topic."""
    further_topics: tuple[str, ...]
    weight: float
    natural: bool
    """Drawn at random: shows how often each class occurs."""
    guided: bool
    """Labelled before sampling began, with the taxonomy's reading of topics (an accident is society, not security)."""


def read_examples(path: Path) -> Iterator[Example]:
    """Yield the examples of a file of labelled items. Raises InputError naming the file and line."""
    if not path.is_file():
        raise InputError("models.no_training_data", path=path.parent)
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                try:
                    yield _example(json.loads(line))
                except (ValueError, KeyError, TypeError, IndexError) as exc:
                    raise InputError("models.bad_training_row", path=path, line=number, detail=repr(exc)) from exc


def mark_row(row: Mapping[str, Any]) -> MarkedText:
    """Return the text of a labelled row with its unit marked as the annotator would mark it."""
    item = Item(
        id=row["id"],
        title=row["title"],
        summary=row.get("summary") or "",
        published_at=_day(row.get("published_at") or ""),
    )
    found = find_candidates(item, "vi")
    accepted = [mention for mention in find_mentions(item, "vi") if mention.unit == row["unit"]]
    own = accepted or [mention for mention in found if mention.unit == row["unit"]] or list(_verbatim(item, row))
    taken = {(mention.field, mention.start) for mention in own}
    others = [mention for mention in found if (mention.field, mention.start) not in taken]
    return mark(item, row["unit"], own, others)


def _example(row: Mapping[str, Any]) -> Example:
    marked = mark_row(row)
    sampling = row.get("sampling")
    weight = UNCERTAIN_WEIGHT if row["uncertain"] else 1.0
    return Example(
        terms={**document_terms(marked.title.text, marked.lead.text), **unit_terms(marked)},
        group=row["title"],
        relevance=row["relevance"],
        tone=row["tone"] or "",
        bad_event=str(bool(row["bad_event"])),
        topic=row["topics"][0],
        further_topics=tuple(row["topics"][1:]),
        weight=weight * (RANDOM_WEIGHT if sampling == "random" else 1.0),
        natural=sampling == "random",
        guided=sampling is None,
    )


def _verbatim(item: Item, row: Mapping[str, Any]) -> Iterator[PlaceMention]:
    """Yield the name of a row as it stands, for the few that no rule takes for a place."""
    name = re.compile(rf"(?<!\w){re.escape(row['named'])}(?!\w)", re.IGNORECASE)
    for field, text in (("title", item.title), ("summary", item.summary)):
        for match in name.finditer(text):
            yield PlaceMention(
                field="title" if field == "title" else "summary",
                start=match.start(),
                end=match.end(),
                text=match.group(),
                unit=row["unit"],
                kind="province",
                why="verbatim",
            )


def _day(text: str) -> datetime | None:
    return datetime.fromisoformat(text[:10]).replace(hour=5, tzinfo=UTC) if text else None

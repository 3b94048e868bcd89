"""Labelled items to what the models learn from. Nothing here needs scikit-learn or torch."""

import json
import lzma
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from classifiers.features import MarkedText, mark
from classifiers.nlp import split_sentences
from classifiers.places import find_candidates, find_mentions
from config.errors import InputError
from pipeline.records import Item, PlaceMention

STREAM: Final = "stream.jsonl.xz"
"""Headlines with leads and without labels."""
ENGLISH: Final = "newsmtsc/rw-train.jsonl.xz"
"""English sentences with a tone toward a target (Hamborg and Donnay 2021)."""
FOREIGN: Final = "foreign_headlines.jsonl"
"""Headlines with leads in other languages, without labels."""
COLLECTIONS: Final = ("baomoi2017", "dantri2021")
"""Full texts without labels, a file each."""
LABELLED_ALIKE: Final = 9600
"""So many rows, the first of the file, mark a label as unsure as readily as the rows do that the models are measured
on; those after them seldom do, and may draw the lines between tones elsewhere."""
BRANCHES: Final = 3
"""So often the encoder is trained from a common start, each time without some rows that the vote is learnt on."""
PARTS: Final = 5
"""Each branch does without one of so many parts of the rows that show how often each class occurs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled (item, unit) pair."""

    marked: MarkedText
    group: str
    """Title; pairs of one text stay in one fold."""
    published_on: date | None
    relevance: str
    tone: str
    """Empty unless about."""
    bad_event: str
    topic: str
    """First topic."""
    further_topics: tuple[str, ...]
    uncertain: bool
    """The annotator was not sure."""
    alike: bool
    """Among the first `LABELLED_ALIKE` rows."""
    natural: bool
    """Drawn at random: shows how often each class occurs."""
    guided: bool
    """Labelled before sampling began, with the taxonomy's reading of topics (an accident is society, not security)."""

    @property
    def held_by(self) -> int | None:
        """The branch of the encoder that must not see it, the same in every run; None when all of them may."""
        part = zlib.crc32(self.group.encode()) % PARTS
        return part if (self.natural or self.guided) and part < BRANCHES else None


def read_examples(path: Path) -> Iterator[Example]:
    """Yield the examples of a file of labelled items. Raises InputError naming the file and line."""
    if not path.is_file():
        raise InputError("models.no_training_data", path=path.parent)
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                try:
                    yield _example(json.loads(line), alike=number <= LABELLED_ALIKE)
                except (ValueError, KeyError, TypeError, IndexError) as exc:
                    raise InputError("models.bad_training_row", path=path, line=number, detail=repr(exc)) from exc


def stored_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file of JSON Lines, packed when its name says so (.xz)."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)


def collected_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the texts of `COLLECTIONS`, those of them that are there; an ``id`` names the collection as well."""
    for collection in COLLECTIONS:
        path = folder / f"{collection}.jsonl.xz"
        for row in stored_rows(path) if path.exists() else ():
            yield {
                "id": f"{collection}/{row['id']}",
                "title": row["title"],
                "summary": row.get("summary") or "",
                "text": row.get("text") or row.get("body") or "",
                "published_at": f"{row['date'][:4]}-{row['date'][4:6]}-{row['date'][6:]}" if "date" in row else "",
            }


def mark_row(row: Mapping[str, Any]) -> MarkedText:
    """Return the text of a labelled row with its unit marked as the annotator would mark it."""
    item = headline(row)
    found = find_candidates(item, "vi")
    accepted = [mention for mention in find_mentions(item, "vi") if mention.unit == row["unit"]]
    own = accepted or [mention for mention in found if mention.unit == row["unit"]] or list(_verbatim(item, row))
    taken = {(mention.field, mention.start) for mention in own}
    others = [mention for mention in found if (mention.field, mention.start) not in taken]
    return mark(item, row["unit"], own, others)


def mark_where_named(item: Item, unit: str, language: str = "vi") -> MarkedText | None:
    """Return an item with a unit marked as in use; None when no name in it is, or may be, the unit."""
    mentions = find_mentions(item, language)
    own = [mention for mention in mentions if mention.unit == unit]
    if not own:
        return None
    others = [mention for mention in mentions if mention.unit != unit]
    sentences = split_sentences(item, language) if item.text else ()
    return mark(item, unit, own, others, [(each.start, each.end) for each in sentences if each.field == "text"])


def headline(row: Mapping[str, Any]) -> Item:
    """Return the title and lead of a row of data as an item."""
    return Item(
        id=row["id"],
        title=row["title"],
        summary=row.get("summary") or "",
        published_at=_published_on(row.get("published_at") or ""),
    )


def _example(row: Mapping[str, Any], *, alike: bool) -> Example:
    sampling = row.get("sampling")
    return Example(
        marked=mark_row(row),
        group=row["title"],
        published_on=headline(row).published_on,
        relevance=row["relevance"],
        tone=row["tone"] or "",
        bad_event=str(bool(row["bad_event"])),
        topic=row["topics"][0],
        further_topics=tuple(row["topics"][1:]),
        uncertain=bool(row["uncertain"]),
        alike=alike,
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


def _published_on(text: str) -> datetime | None:
    """Return noon of a row's day in Viet Nam; None when it has none."""
    return datetime.fromisoformat(text[:10]).replace(hour=5, tzinfo=UTC) if text else None

"""Texts without labels: what is read with pieces hidden, and the pairs of which teachers tell their student."""

import random
from collections.abc import Container, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from classifiers.features import Passage
from classifiers.places import find_mentions
from classifiers.training.abroad import ABROAD
from classifiers.training.added import numbered_rows, stored_headlines
from classifiers.training.examples import ENGLISH, FOREIGN, STREAM, headline, mark_where_named, stored_rows
from classifiers.training.rows import Row, without_accents
from classifiers.windows import window, windows

PLAIN: Final = 3000
"""So many texts are read once more without their accents."""
PAIRS: Final = 16_700
UNITS_A_TEXT: Final = 2
SEED: Final = 11


def measured_titles(data: Path) -> set[str]:
    """Return the titles of the rows that the models are measured on; no training reads them, with labels or without."""
    path = data / "gold" / "dev.jsonl"
    return {row["title"] for row in stored_rows(path)} if path.exists() else set()


def texts_to_read(data: Path, without: Container[str]) -> list[Row]:
    """Return every headline and sentence of the data, without labels and without a unit; ``without`` are titles."""
    passages = dict.fromkeys(
        (row["title"].strip(), row.get("summary") or "")
        for row in stored_rows(data / STREAM)
        if row["title"] not in without
    )
    rows = [_text(title, lead) for title, lead in passages]
    plain = map(without_accents, random.Random(SEED).sample(rows, min(PLAIN, len(rows))))
    foreign = chain(
        stored_rows(data / FOREIGN),
        ({"title": row["sentence"]} for row in stored_rows(data / ENGLISH)),
        (row for _, row in numbered_rows(ABROAD)),
    )
    return [*rows, *plain, *(_text(row.get("title") or "", row.get("summary") or "") for row in foreign)]


def pairs_to_judge(data: Path, without: Container[str]) -> list[Row]:
    """Return `PAIRS` windows of headlines with a unit in them, drawn at random; ``without`` are titles with labels."""
    items = list({row["title"]: row for row in stored_headlines(data) if row["title"] not in without}.values())
    random.Random(SEED).shuffle(items)
    return list(islice(chain.from_iterable(map(_pairs, items)), PAIRS))


def _pairs(row: Mapping[str, Any]) -> Iterator[Row]:
    item = headline(row)
    units = dict.fromkeys(mention.unit for mention in find_mentions(item, "vi"))
    for unit in islice(units, UNITS_A_TEXT):
        if marked := mark_where_named(item, unit):
            yield Row(window=windows(marked)[0], labels={})


def _text(title: str, lead: str) -> Row:
    return Row(window=window(Passage(text=title), Passage(text=lead)), labels={})

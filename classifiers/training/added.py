"""Labels of what the models, or the annotators, were most in doubt of, judged once or twice by another reader.

`ADDED` has a file for each task: for a headline, of the stream or of a collected full text, and a unit in it, what a
first reader told and a second one, if there was any; where they differ each counts half. The texts are no part of this
project.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from classifiers.features import MarkedText
from classifiers.training.examples import STREAM, collected_rows, headline, mark_where_named, stored_rows
from classifiers.training.linear import AddedRows, Features
from config.errors import InputError
from pipeline.records import Tone

ADDED: Final[Mapping[str, Path]] = {
    "tone": Path(__file__).with_name("added_tones.tsv"),
    "bad_event": Path(__file__).with_name("added_bad_events.tsv"),
}
CLASSES: Final[Mapping[str, tuple[str, ...]]] = {"tone": tuple(sorted(get_args(Tone))), "bad_event": ("False", "True")}
"""In the order of the classes of the models."""
LEAD_CHARS: Final = 300
"""Of a full text that came without a lead, so much of its first paragraph stands for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """One (text, unit) pair with what its readers told, or whoever invented the text."""

    group: str
    """Title; pairs of one text stay in one fold."""
    marked: MarkedText
    published_on: date | None
    told: Mapping[str, Sequence[str]]
    """Task to a class a reader; tasks that nobody judged are missing."""


def read_added(data: Path, files: Mapping[str, Path] = ADDED) -> Iterator[Added]:
    """Yield the judged pairs of the texts in a folder of data: of the stream, then of the collections of full texts.

    Of the latter title and lead were judged. Labels of other texts are left out. Raises InputError naming the file
    and line of a label that cannot be read, or that was given before.
    """
    of_text: dict[str, dict[str, dict[str, Sequence[str]]]] = defaultdict(lambda: defaultdict(dict))
    for task, path in files.items():
        for text, unit, told in read_labels(path, CLASSES[task]):
            of_text[text][unit][task] = told
    for row in stored_headlines(data):
        for unit, judged in of_text.get(row["id"], {}).items():
            item = headline(row)
            if marked := mark_where_named(item, unit):
                yield Added(group=row["title"], marked=marked, published_on=item.published_on, told=judged)


def stored_headlines(data: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the headlines with leads that are there without labels: of the stream and of the collected full texts."""
    return chain(stored_rows(data / STREAM), map(_with_lead, collected_rows(data / "fulltext")))


def _with_lead(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a full text with a lead, whether it came with one or not."""
    return {**row, "summary": row["summary"] or row["text"].partition("\n")[0][:LEAD_CHARS]}


def for_linear(added: Sequence[Added], features: Features) -> dict[str, AddedRows]:
    """Return for each task the pairs that were judged for it; a task without any is missing."""
    if not added:
        return {}
    rows = features.read([each.marked for each in added])
    judged = {task: [at for at, each in enumerate(added) if task in each.told] for task in CLASSES}
    return {
        task: AddedRows(
            groups=[added[each].group for each in at],
            rows={block: matrix[at] for block, matrix in rows.items()},
            shares=np.array([_shares(added[each].told[task], CLASSES[task]) for each in at], np.float32),
        )
        for task, at in judged.items()
        if at
    }


def _shares(told: Sequence[str], classes: Iterable[str]) -> list[float]:
    return [told.count(name) / len(told) for name in classes]


def read_labels(path: Path, classes: Sequence[str]) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield each text and unit of a file with the classes that were told, one or two.

    Raises InputError naming the file and line of a label that cannot be read, or of a pair that stands there before.
    """
    seen = set()
    for number, row in numbered_rows(path):
        pair = row["id"], row["unit"]
        if row["first"] not in classes or row["second"] not in (*classes, "") or pair in seen:
            raise InputError("models.bad_training_row", path=path, line=number, detail=list(row.values()))
        seen.add(pair)
        yield *pair, [told for told in (row["first"], row["second"]) if told]


def numbered_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a tab-separated table with their lines; a cell that a row lacks is None."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), start=2)

"""Labels of texts that came without: those that the models were most in doubt of, judged once or twice.

`ADDED` has a file for each task: for a text of the unlabelled ones and a unit in it, what a first reader told
and a second one, if there was any; where they differ each counts half. The texts are no part of this project.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from classifiers.features import MarkedText, mark
from classifiers.places import find_mentions
from classifiers.training.examples import headline, stored_rows
from classifiers.training.linear import AddedRows, Features
from config.errors import InputError
from pipeline.records import Tone

ADDED: Final[Mapping[str, Path]] = {
    "tone": Path(__file__).with_name("added_tones.tsv"),
    "bad_event": Path(__file__).with_name("added_bad_events.tsv"),
}
CLASSES: Final[Mapping[str, tuple[str, ...]]] = {"tone": tuple(sorted(get_args(Tone))), "bad_event": ("False", "True")}
"""In the order of the classes of the models."""


def added_rows(stream: Path, features: Features, files: Mapping[str, Path] = ADDED) -> dict[str, AddedRows]:
    """Return for each task the labelled pairs of the texts of ``stream``; labels of other texts are left out.

    A task without a pair is missing. Raises InputError naming the file and line of a label that cannot be read.
    """
    of_text: dict[str, list[tuple[str, str, list[str]]]] = defaultdict(list)
    for task, path in files.items():
        for text, unit, told in _read(path, CLASSES[task]):
            of_text[text].append((task, unit, told))
    found: dict[str, list[tuple[MarkedText, list[str]]]] = defaultdict(list)
    for row in stored_rows(stream):
        for task, unit, told in of_text.get(row["id"], ()):
            found[task] += [(marked, told) for marked in _mark(row, unit)]
    return {
        task: AddedRows(
            rows=features.read([marked for marked, _ in pairs]),
            shares=np.array(
                [[told.count(name) / len(told) for name in CLASSES[task]] for _, told in pairs], np.float32
            ),
        )
        for task, pairs in found.items()
        if pairs
    }


def _read(path: Path, classes: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each text and unit of a file with the classes that were told."""
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            if row["first"] not in classes or row["second"] not in (*classes, ""):
                raise InputError("models.bad_training_row", path=path, line=number, detail=list(row.values()))
            yield row["id"], row["unit"], [told for told in (row["first"], row["second"]) if told]


def _mark(text: Mapping[str, Any], unit: str) -> Iterator[MarkedText]:
    """Yield the text with the names of the unit marked; nothing where the rules no longer find it."""
    item = headline(text)
    mentions = find_mentions(item, "vi")
    own = [mention for mention in mentions if mention.unit == unit]
    if own:
        yield mark(item, unit, own, [mention for mention in mentions if mention.unit != unit])

"""Tones of texts that came without labels: those that the models were most in doubt of, judged twice.

`ADDED` holds, for a text of the unlabelled ones and a unit that it is about, the tones of two readings; where they
differ each counts half. The texts are no part of this project.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np

from classifiers.features import MarkedText, mark
from classifiers.places import find_mentions
from classifiers.training.examples import headline, stored_rows
from classifiers.training.linear import AddedRows, Features
from config.errors import InputError
from pipeline.records import Tone

ADDED: Final = Path(__file__).with_name("added_tones.tsv")
READINGS: Final = ("first", "second")
TONES: Final = tuple(sorted(get_args(Tone)))
"""In the order of the classes of the model."""


def added_tones(stream: Path, features: Features, labels: Path = ADDED) -> AddedRows | None:
    """Return the labelled pairs of the texts of ``stream``; labels of other texts are left out.

    None when no text is labelled. Raises InputError naming the file and line of a label that cannot be read.
    """
    of_text = _read(labels)
    found = [
        (marked, tones)
        for text in stored_rows(stream)
        for unit, tones in of_text.get(text["id"], ())
        for marked in _mark(text, unit)
    ]
    if not found:
        return None
    pairs, told = zip(*found, strict=True)
    return AddedRows(
        rows=features.read(pairs), shares=np.eye(len(TONES), dtype=np.float32)[np.array(told)].mean(axis=1)
    )


def _read(labels: Path) -> dict[str, list[tuple[str, list[int]]]]:
    """Return text to its units with the positions of their tones among `TONES`."""
    of_text: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    with labels.open(encoding="utf-8", newline="") as lines:
        for number, label in enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            try:
                tones = [TONES.index(label[reading]) for reading in READINGS]
            except ValueError as exc:
                raise InputError(
                    "models.bad_training_row", path=labels, line=number, detail=list(label.values())
                ) from exc
            of_text[label["id"]].append((label["unit"], tones))
    return of_text


def _mark(text: Mapping[str, Any], unit: str) -> Iterator[MarkedText]:
    """Yield the text with the names of the unit marked; nothing where the rules no longer find it."""
    item = headline(text)
    mentions = find_mentions(item, "vi")
    own = [mention for mention in mentions if mention.unit == unit]
    if own:
        yield mark(item, unit, own, [mention for mention in mentions if mention.unit != unit])

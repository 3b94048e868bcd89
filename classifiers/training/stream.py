"""Learning from texts without labels: what the models say together of a text teaches the linear one its tone.

Encoder and linear model read a text in different ways, so that one can learn from the other where that is surer (Blum
and Mitchell 1998); what is learnt is the probability of every class, not only the likeliest (Hinton et al. 2015).
"""

import json
import lzma
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix

from classifiers.features import MarkedText, mark
from classifiers.gate import Gate
from classifiers.linear import Floats
from classifiers.places import find_mentions
from classifiers.training.examples import Example, headline
from classifiers.training.linear import Features, Learnt, TaughtRows, read_rows
from classifiers.vote import TaskVote
from classifiers.windows import Window, windows
from config.errors import InputError

STREAM: Final = "stream.jsonl.xz"
MOST_UNITS: Final = 2
"""A text that names more units teaches of the first ones only."""
SHARED_WORDS: Final = 5
"""A title with so many words on end of a held-out one may be its reprint, of which the teacher knows the label."""
LEAST_ABOUT: Final = 0.5
"""Probability of ``about`` from which a text teaches the tone toward a unit."""

Read = Callable[[Sequence[Window]], Mapping[str, Floats]]
"""Windows to each task's scores, as `classifiers.encoder.Encoder.read` returns them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlabelled:
    """Pairs of a text and a unit without labels."""

    marked: Sequence[MarkedText]
    rows: Mapping[str, csr_matrix]
    """What the linear models read: block to vectors."""


def read_stream(path: Path, examples: Sequence[Example], features: Features) -> Unlabelled:
    """Return the pairs of the unlabelled texts that are not labelled, and look like no held-out one.

    Raises InputError when there is none.
    """
    labelled = {example.group for example in examples}
    held = {run for example in examples if example.held_by is not None for run in _runs(example.group)}
    gate = Gate.load()
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        marked = [
            pair
            for row in map(json.loads, stream)
            if row["title"] not in labelled and held.isdisjoint(_runs(row["title"]))
            for pair in _pairs(row, gate)
        ]
    if not marked:
        raise InputError("models.no_unlabelled", path=path)
    return Unlabelled(marked=marked, rows=features.read(marked))


def taught_tones(
    pairs: Unlabelled, read: Read, linear: Mapping[str, Learnt], votes: Mapping[str, TaskVote]
) -> TaughtRows:
    """Return the tones that the encoder, which ``read`` asks, and the linear models together give some pairs.

    Those that are hardly about their unit have none and are left out.
    """
    encoded = read([windows(marked)[0] for marked in pairs.marked])

    def said(task: str, topics: Floats | None = None) -> Floats:
        return votes[task].probabilities(encoded[task], read_rows(linear[task].model, pairs.rows), topics)

    about = said("relevance")[:, votes["relevance"].classes.index("about")]
    at = np.flatnonzero(about >= LEAST_ABOUT)
    rows = {block: of_block[at] for block, of_block in pairs.rows.items()}
    return TaughtRows(rows=rows, probabilities=said("tone", said("topics"))[at])


def _pairs(row: Mapping[str, Any], gate: Gate) -> Iterator[MarkedText]:
    """Yield a text once for each unit that it names, the others marked as such."""
    item = headline(row)
    if not gate.find_units(f"{item.title}\n{item.summary}"):
        return
    mentions = find_mentions(item, "vi")
    for unit in islice(dict.fromkeys(mention.unit for mention in mentions), MOST_UNITS):
        own = [mention for mention in mentions if mention.unit == unit]
        yield mark(item, unit, own, [mention for mention in mentions if mention.unit != unit])


def _runs(title: str) -> set[tuple[str, ...]]:
    """Return every run of `SHARED_WORDS` words of a title."""
    words = title.lower().split()
    return {tuple(words[at : at + SHARED_WORDS]) for at in range(len(words) - SHARED_WORDS + 1)}

"""What texts like this one were labelled: single cases, where the other models know what many texts share.

The next report of a flood, a trial or a festival is mostly told as the first one was, and a model that is learnt on all
texts together keeps little of a single one. The memory holds labelled texts as sets of rare terms and answers with the
labels of those that share some of them, the more readily the nearer their days: a kernel regression (Nadaraya 1964,
Watson 1964) over cosine similarity and days. Where no rare term is shared it says nothing. Of each text it holds a set
of rare words and pairs of words, of which no two overlap: no text can be put together again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.linear import DOCUMENT_TASKS, TASKS, UNIT_TASKS, Floats, load_models
from classifiers.model_files import MODELS, checked_file, packed_arrays, read_arrays, write_files
from config.errors import ModelError

MEMORY: Final = "memory.npz"
BLOCK: Final = "words"
"""The block of `classifiers.features` whose terms it compares."""
SHARPNESS: Final = 4
"""Power of the similarity: a text twice as like counts sixteen times as much."""
OTHER_UNIT: Final = 0.4
"""What a label toward another unit counts where a unit is judged."""
PRIOR: Final = 0.003
"""Weight of the usual frequencies of the classes: that of one text of similarity .23, far from its days."""
NEARBY: Final = 10.0
"""A text of the same day counts so many times more."""
NEARBY_DAYS: Final = 7.0
"""Days in which that falls to a third (a factor of e)."""
UNKNOWN: Final = 255
"""Stands for the class of a task that nobody labelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Labelled texts; a case is what one reader said of one unit in one text."""

    terms: NDArray[np.int32]
    """Position in the block's vocabulary of each term kept, ascending."""
    counts: NDArray[np.uint16]
    """In how many texts it stands."""
    texts: NDArray[np.uint16]
    """These texts, one term after the other."""
    text: NDArray[np.uint16]
    """Of each case."""
    unit: NDArray[np.str_]
    """Slug of the unit of each case."""
    day: NDArray[np.int32]
    """On which the text of each case was published, counted as `date.toordinal` does; 0 when that is not known."""
    weight: NDArray[np.float16]
    """Of each case."""
    labels: Mapping[str, NDArray[np.uint8]]
    """Task to the class of each case, `UNKNOWN` where it was not told."""
    classes: Mapping[str, Sequence[str]]
    """Task to its classes, in order."""

    def __post_init__(self) -> None:
        """Raise ValueError when the arrays do not fit together."""
        of_cases = (self.text, self.unit, self.day, self.weight, *self.labels.values())
        if len({len(each) for each in of_cases}) > 1 or len(self.texts) != self.counts.sum(dtype=np.int64):
            raise ValueError("its arrays do not fit together")


class Memory:
    """Answers how texts that share rare terms with another were labelled."""

    def __init__(self, cases: Cases, idf: Floats) -> None:
        """``idf`` is the rarity of every term of the block."""
        self._texts = cases.texts.astype(np.intp)
        counts = np.zeros(len(idf), np.intp)
        counts[cases.terms] = cases.counts
        self._ends = np.concatenate([[0], np.cumsum(counts)])
        self._squares = np.where(counts > 0, np.square(idf), 0).astype(np.float32)
        number = int(cases.text.max(initial=0)) + 1
        self._lengths = np.sqrt(np.bincount(self._texts, np.repeat(self._squares, counts), minlength=number))
        self._text, self._unit = cases.text.astype(np.intp), cases.unit
        self._day = cases.day
        self._weight = cases.weight.astype(np.float32)
        self._labels = {task: _one_hot(cases.labels[task], len(cases.classes[task])) for task in TASKS}
        self._usual = {task: _frequencies(self._weight @ labels) for task, labels in self._labels.items()}

    @classmethod
    def load(cls, folder: Path = MODELS) -> "Memory":
        """Read the committed cases, once a process. Raises ModelError naming the file that is missing or damaged."""
        return _load(folder)

    def alike(self, terms: NDArray[np.intp], published_on: date | None) -> Floats:
        """Return how much each case has to say of a text with these terms of the block, shape (cases)."""
        terms = terms[self._squares[terms] > 0]
        starts, ends = self._ends[terms], self._ends[terms + 1]
        squares = self._squares[terms]
        shared = [self._texts[start:end] for start, end in zip(starts, ends, strict=True)]
        length = np.sqrt(squares.sum())
        if not length:
            return np.zeros(len(self._text), np.float32)
        sums = np.bincount(np.concatenate(shared), np.repeat(squares, ends - starts), minlength=len(self._lengths))
        similarity = sums / (length * np.maximum(self._lengths, 1e-9))
        said = similarity[self._text] ** SHARPNESS * self._weight
        if published_on:
            said *= 1 + NEARBY * np.exp(-np.abs(self._day - published_on.toordinal()) / NEARBY_DAYS)
        return np.asarray(said, np.float32)

    def recall(self, alike: Floats, unit: str | None = None) -> dict[str, Floats]:
        """Return task to how much likelier than usual each class is among like texts, as logarithms; 0 says nothing.

        ``alike`` is what `alike` returned. With a unit the tasks are those that judge a unit, without those of a
        document.
        """
        if unit is not None:
            alike = np.where(self._unit == unit, alike, alike * np.float32(OTHER_UNIT))
        return {task: self._recall(alike, task) for task in (DOCUMENT_TASKS if unit is None else UNIT_TASKS)}

    def _recall(self, alike: Floats, task: str) -> Floats:
        usual, said = self._usual[task], alike @ self._labels[task]
        return np.asarray(np.log((said + PRIOR * usual) / (usual * (said.sum() + PRIOR))), np.float32)


def save_cases(folder: Path, cases: Cases) -> None:
    """Write the file of the memory."""
    units, of_case = np.unique(cases.unit, return_inverse=True)
    content = packed_arrays(
        terms=cases.terms,
        counts=cases.counts,
        texts=cases.texts,
        text=cases.text,
        day=cases.day,
        units=units,
        unit=of_case.astype(np.uint16),
        weight=cases.weight,
        **{f"labels.{task}": cases.labels[task] for task in TASKS},
        **{f"classes.{task}": np.array(cases.classes[task]) for task in TASKS},
    )
    write_files(folder, {MEMORY: content})


@lru_cache(maxsize=4)
def _load(folder: Path) -> Memory:
    content = checked_file(folder, MEMORY)
    models = load_models(folder)
    try:
        cases = _cases(read_arrays(content))
        if any(tuple(cases.classes[task]) != models.tasks[task].classes for task in TASKS):
            raise ModelError("models.damaged", path=folder / MEMORY, detail="its classes are not those of the models")
        return Memory(cases, models.vocabulary.idf(BLOCK))
    except (KeyError, ValueError, IndexError, TypeError) as exc:
        raise ModelError("models.damaged", path=folder / MEMORY, detail=exc) from exc


def _cases(stored: Mapping[str, NDArray[Any]]) -> Cases:
    return Cases(
        **{name: stored[name] for name in ("terms", "counts", "texts", "text", "day", "weight")},
        unit=stored["units"][stored["unit"]],
        labels={task: stored[f"labels.{task}"] for task in TASKS},
        classes={task: tuple(map(str, stored[f"classes.{task}"])) for task in TASKS},
    )


def _one_hot(labels: NDArray[np.uint8], classes: int) -> Floats:
    """Return shape (cases, classes); a row without a label is all zeros."""
    return np.asarray(labels[:, None] == np.arange(classes), np.float32)


def _frequencies(counts: Floats) -> Floats:
    """Return the share of each class; one is added to each, so that a class without a label is rare, not impossible."""
    return np.asarray((counts + 1) / (counts + 1).sum(), np.float32)

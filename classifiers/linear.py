"""TF-IDF and multinomial logistic regression, read from plain arrays: numpy only, nothing is unpickled.

A folder of models holds ``vocabulary.json`` (block to its terms, in order), ``idf.npz`` and one ``<task>.npz`` a task.
`classifiers.training` writes them.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.features import MarkedText, Terms, document_terms, unit_terms
from classifiers.model_files import MODELS, checked_file, packed_arrays, read_arrays, write_files
from config.errors import ModelError

VOCABULARY: Final = "vocabulary.json"
IDF: Final = "idf.npz"
WEIGHTS: Final = "weights."
"""Prefix of the arrays of weights in a task's file; the block follows."""
UNIT_TASKS: Final = ("relevance", "tone")
DOCUMENT_TASKS: Final = ("topics", "bad_event")
TASKS: Final = (*UNIT_TASKS, *DOCUMENT_TASKS)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vector:
    """One block of one text: the known terms and their TF-IDF, of Euclidean length 1 (0 when no term is known)."""

    terms: NDArray[np.intp]
    values: Floats


Vectors = Mapping[str, Vector]
"""Block to vector."""


class Vocabulary:
    """The known terms of every block and how rare they are."""

    def __init__(self, terms: Mapping[str, Sequence[str]], idf: Mapping[str, Floats]) -> None:
        self._index = {block: {term: at for at, term in enumerate(names)} for block, names in terms.items()}
        self._idf = idf

    def idf(self, block: str) -> Floats:
        """Return the rarity of the terms of one block, in order."""
        return self._idf[block]

    def vectors(self, terms: Terms) -> dict[str, Vector]:
        """Return one vector a block: (1 + ln tf) · idf, scaled to length 1, as scikit-learn's sublinear TF-IDF."""
        return {block: self._vector(block, names) for block, names in terms.items()}

    def _vector(self, block: str, names: Iterable[str]) -> Vector:
        index = self._index[block]
        known = Counter([at for at in map(index.get, names) if at is not None])
        terms = np.fromiter(known.keys(), np.intp, len(known))
        counts = np.fromiter(known.values(), np.float32, len(known))
        values = (1 + np.log(counts)) * self._idf[block][terms]
        length = float(np.sqrt(values @ values))
        return Vector(terms, values / length if length else values)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """One multinomial logistic regression, calibrated."""

    classes: tuple[str, ...]
    weights: Mapping[str, Floats]
    """Block to an array of shape (terms of the block, classes); the blocks it reads are its keys."""
    bias: Floats
    """One a class."""
    slope: float
    """What decisions are multiplied by before they become probabilities (1 / temperature)."""
    shift: Floats
    """One a class, added after ``slope``."""

    def decision(self, vectors: Vectors) -> Floats:
        """Return the sums of weights, one a class, not calibrated. KeyError when a block is missing."""
        total = self.bias.copy()
        for block, weights in self.weights.items():
            vector = vectors[block]
            total += vector.values @ weights[vector.terms]
        return total

    def probabilities(self, vectors: Vectors) -> Floats:
        """Return calibrated probabilities, one a class."""
        return softmax(self.decision(vectors) * self.slope + self.shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """Everything one folder of models holds."""

    vocabulary: Vocabulary
    tasks: Mapping[str, LinearModel]

    def probabilities(self, tasks: Iterable[str], vectors: Vectors) -> dict[str, Floats]:
        """Return the calibrated probabilities of some tasks, one a class."""
        return {task: self.tasks[task].probabilities(vectors) for task in tasks}

    def read_document(self, title: str, lead: str) -> Vectors:
        """Return what the tasks read of a whole document (topics, bad event)."""
        return self.vocabulary.vectors(document_terms(title, lead))

    def read_unit(self, marked: MarkedText, document: Vectors) -> Vectors:
        """Return what the tasks read of one unit in that document (relevance, tone).

        Of a full text, the sentences that hold the unit count as part of the lead.
        """
        if marked.body:
            document = self.read_document(marked.title.text, marked.lead_and_body)
        return {**document, **self.vocabulary.vectors(unit_terms(marked))}


def softmax(scores: Floats) -> Floats:
    """Return probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


@lru_cache(maxsize=4)
def load_models(folder: Path = MODELS) -> ModelFolder:
    """Read a folder of models, once a process. Raises ModelError naming the file that is missing or damaged."""
    try:
        terms = json.loads(checked_file(folder, VOCABULARY))
        idf = {block: values.astype(np.float32) for block, values in read_arrays(checked_file(folder, IDF)).items()}
        if {block: len(names) for block, names in terms.items()} != {block: len(each) for block, each in idf.items()}:
            raise ModelError("models.damaged", path=folder / IDF, detail="it does not belong to vocabulary.json")
    except (ValueError, AttributeError) as exc:
        raise ModelError("models.damaged", path=folder / VOCABULARY, detail=exc) from exc
    return ModelFolder(
        vocabulary=Vocabulary(terms, idf),
        tasks={task: _model(folder / f"{task}.npz", checked_file(folder, f"{task}.npz")) for task in TASKS},
    )


def save_models(
    folder: Path, terms: Mapping[str, Sequence[str]], idf: Mapping[str, Floats], tasks: Mapping[str, LinearModel]
) -> None:
    """Write a folder of models; half precision, so that a reader sees weights within 0.05 %."""
    contents = {VOCABULARY: json.dumps(terms, ensure_ascii=False, separators=(",", ":")).encode(), IDF: _packed(idf)}
    for task, model in tasks.items():
        weights = {WEIGHTS + block: each for block, each in model.weights.items()}
        exact = {name: np.asarray(getattr(model, name), np.float32) for name in ("bias", "slope", "shift")}
        contents[f"{task}.npz"] = _packed(weights, classes=np.array(model.classes), **exact)
    write_files(folder, contents)


def _model(path: Path, content: bytes) -> LinearModel:
    try:
        arrays = read_arrays(content)
        return LinearModel(
            classes=tuple(str(name) for name in arrays["classes"]),
            weights={
                name.removeprefix(WEIGHTS): each.astype(np.float32)
                for name, each in arrays.items()
                if name.startswith(WEIGHTS)
            },
            bias=arrays["bias"],
            slope=float(arrays["slope"]),
            shift=arrays["shift"],
        )
    except (KeyError, ValueError) as exc:
        raise ModelError("models.damaged", path=path, detail=exc) from exc


def _packed(halves: Mapping[str, Floats], **exact: NDArray[Any]) -> bytes:
    return packed_arrays(**{name: each.astype(np.float16) for name, each in halves.items()}, **exact)

"""Choosing what the memory keeps, and asking it about texts as if it had not seen them."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from classifiers.features import MarkedText, document_terms
from classifiers.linear import TASKS, Floats
from classifiers.memory import BLOCK, UNKNOWN, Cases, Memory
from classifiers.training.added import Added
from classifiers.training.examples import Example
from classifiers.training.linear import Features
from classifiers.training.rows import UNCERTAIN_WEIGHT
from classifiers.training.vote import label_of

LEAST_IDF: Final = 4.0
"""Of a term that is kept; commoner ones tell what a text is about, and the other models know that."""
OLDER_DAYS: Final = 14
"""In use the memory holds older texts only: the vote is learnt on what it says then, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one reader said of one unit in one text."""

    marked: MarkedText
    group: str
    """Title."""
    published_on: date | None
    labels: Mapping[str, str]
    """Task to class."""
    weight: float


def told_by(examples: Sequence[Example], added: Sequence[Added]) -> list[Told]:
    """Return what the annotators said of the labelled pairs and the readers of the added ones."""
    labelled = [
        Told(
            marked=each.marked,
            group=each.group,
            published_on=each.published_on,
            labels={task: label for task in TASKS if (label := label_of(task, each))},
            weight=UNCERTAIN_WEIGHT if each.uncertain else 1.0,
        )
        for each in examples
    ]
    judged = [
        Told(
            marked=each.marked,
            group=each.group,
            published_on=each.published_on,
            labels={task: label},
            weight=1 / len(labels),
        )
        for each in added
        for task, labels in each.told.items()
        for label in labels
    ]
    return labelled + judged


def learn_cases(told: Sequence[Told], features: Features, classes: Mapping[str, Sequence[str]]) -> Cases:
    """Return the cases that the memory holds: rare terms of each text, and what was said of it."""
    texts: dict[tuple[str, str], int] = {}
    of_case = [texts.setdefault((each.marked.title.text, each.marked.lead.text), len(texts)) for each in told]
    vectorizer = features.vectorizers[BLOCK]
    matrix = vectorizer.transform([document_terms(*text)[BLOCK] for text in texts]).tocsc()
    chosen = [_is_kept(*str(term).split(" ")) for term in vectorizer.get_feature_names_out()]
    terms = np.flatnonzero(np.array(chosen) & (vectorizer.idf_ >= LEAST_IDF) & (np.diff(matrix.indptr) > 0))
    kept = matrix[:, terms]
    kept.sort_indices()
    return Cases(
        terms=terms.astype(np.int32),
        counts=np.diff(kept.indptr).astype(np.uint16),
        texts=kept.indices.astype(np.uint16),
        text=np.array(of_case, np.uint16),
        unit=np.array([each.marked.unit for each in told]),
        day=np.array([each.published_on.toordinal() if each.published_on else 0 for each in told], np.int32),
        weight=np.array([each.weight for each in told], np.float16),
        labels={task: _positions([each.labels.get(task) for each in told], classes[task]) for task in TASKS},
        classes=classes,
    )


def recall_held_out(
    cases: Cases, told: Sequence[Told], features: Features, examples: Sequence[Example]
) -> dict[str, tuple[Floats, Floats]]:
    """Return for each task what the memory says of the held-out examples, each of shape (held-out examples, classes).

    First with all that it holds of other texts, then with those only that are some weeks older. Texts of one title, or
    of one lead, are one text.
    """
    memory = Memory(cases, features.idf()[BLOCK])
    own: dict[str, list[int]] = {}
    for at, each in enumerate(told):
        for text in {each.group, each.marked.lead.text}:
            own.setdefault(text, []).append(at)
    said: dict[str, tuple[list[Floats], list[Floats]]] = {task: ([], []) for task in TASKS}
    for example, row in zip(examples, features.rows[BLOCK].tocsr(), strict=True):
        if example.held_by is None:
            continue
        every = memory.alike(row.indices.astype(np.intp), example.published_on)
        for text in {example.group, example.marked.lead.text} - {""}:
            every[own[text]] = 0
        older = every.copy()
        if example.published_on:
            older[cases.day > example.published_on.toordinal() - OLDER_DAYS] = 0
        for at, alike in enumerate((every, older)):
            for task, found in (memory.recall(alike) | memory.recall(alike, example.marked.unit)).items():
                said[task][at].append(found)
    return {task: (np.array(every), np.array(older)) for task, (every, older) in said.items()}


def _is_kept(*words: str) -> bool:
    """Return whether a term may be kept: single words, and such pairs that no two of them overlap in a text.

    So at most two words on end of a text can be told from the memory.
    """
    return [zlib.crc32(word.encode()) % 2 for word in words] in ([0], [1], [0, 1])


def _positions(labels: Sequence[str | None], classes: Sequence[str]) -> np.ndarray:
    return np.array([UNKNOWN if label is None else list(classes).index(label) for label in labels], np.uint8)

"""What the encoder learns from: windows with labels, in batches of like length."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from classifiers.features import Passage
from classifiers.folding import strip_diacritics
from classifiers.linear import Floats
from classifiers.training.added import Added
from classifiers.training.examples import Example, stored_rows
from classifiers.windows import Window, window, windows

UNCERTAIN_WEIGHT: Final = 0.6
RANDOM_WEIGHT: Final = 1.5
GUIDED_WEIGHT: Final = 2.0
"""They were labelled as the rows are that the models are measured on."""
POLARITIES: Final = {-1: "negative", 0: "neutral", 1: "positive"}
BATCH_TOKENS: Final = 2400
"""Of one batch, padding included: some 32 titles with leads."""
POOL: Final = 4096
"""So many rows are sorted by length at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One window and its labels; a task without a label learns nothing from it."""

    window: Window
    labels: Mapping[str, Sequence[str]]
    """Task to the classes that its readers told; each counts as much."""
    topics: tuple[str, ...] = ()
    """Every topic; empty when they are not known."""
    weight: float = 1.0
    alike: bool = False
    """Labelled as the rows are that the models are measured on."""
    held_by: int | None = None
    """The branch that must not see it."""
    answers: Mapping[str, Floats] = field(default_factory=dict)
    """Task to the probabilities of its classes, as teachers tell them; empty when none do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRows:
    """All that the encoder learns from."""

    labelled: Sequence[Row] = ()
    judged: Sequence[Row] = ()
    """The added ones, with labels of some tasks."""
    abroad: Sequence[Row] = ()
    """In other languages than Vietnamese."""
    sentiments: Sequence[Row] = ()
    """English sentences that tell a tone only."""
    texts: Sequence[Row] = ()
    """What is read with pieces hidden, before any label."""
    unlabelled: Sequence[Row] = ()
    """Of which only teachers tell something."""
    untaught: Sequence[Row] = ()
    """Such rows, too; a student reads them last, without those of `taught`."""

    def taught(self) -> list[Row]:
        """Return what a student reads; labels only where the models' labels are to be like them."""
        labelled = [row if row.alike else replace(row, labels={}, topics=()) for row in self.labelled]
        return [*labelled, *self.judged, *self.unlabelled]


def held_titles(examples: Iterable[Example]) -> dict[str, int]:
    """Return title to the branch that must not see it; whatever tells of that text again is kept from it as well."""
    return {example.group: example.held_by for example in examples if example.held_by is not None}


def example_rows(examples: Sequence[Example], held_by: Mapping[str, int]) -> list[Row]:
    """Return the rows of labelled pairs: title and lead, the unit marked; ``held_by`` as `held_titles` returns it."""
    return [
        Row(
            window=windows(example.marked)[0],
            labels={
                "relevance": [example.relevance],
                "bad_event": [example.bad_event],
                "topics": [example.topic],
                **({"tone": [example.tone]} if example.tone and example.relevance == "about" else {}),
            },
            topics=(example.topic, *example.further_topics),
            weight=_weight(example),
            alike=example.alike,
            held_by=held_by.get(example.group),
        )
        for example in examples
    ]


def added_rows(added: Iterable[Added], held_by: Mapping[str, int] = MappingProxyType({})) -> list[Row]:
    """Return the rows of added pairs; ``held_by`` as `held_titles` returns it."""
    return [Row(window=windows(each.marked)[0], labels=each.told, held_by=held_by.get(each.group)) for each in added]


def without_accents(row: Row) -> Row:
    """Return a row as it would be written without Vietnamese accents."""
    return replace(row, window=replace(row.window, text=strip_diacritics(row.window.text).replace("Đ", "D")))


def _weight(example: Example) -> float:
    kind = RANDOM_WEIGHT if example.natural else GUIDED_WEIGHT if example.guided else 1.0
    return kind * (UNCERTAIN_WEIGHT if example.uncertain else 1.0)


def sentiment_rows(path: Path) -> list[Row]:
    """Return the rows of a file of English sentences with a target and its polarity (Hamborg and Donnay 2021)."""
    return [
        Row(
            window=window(Passage(text=row["sentence"], own=((row["from"], row["to"]),))),
            labels={"tone": [POLARITIES[int(row["polarity"])]]},
        )
        for row in stored_rows(path)
    ]


def batches(lengths: Sequence[int], chance: random.Random, most: int = BATCH_TOKENS) -> list[list[int]]:
    """Return the positions of rows of some lengths, shuffled, in batches of like length; all counted in tokens.

    ``most`` are those of one batch, padding included.
    """
    order = list(range(len(lengths)))
    chance.shuffle(order)
    found: list[list[int]] = []
    for start in range(0, len(order), POOL):
        batch: list[int] = []
        for at in sorted(order[start : start + POOL], key=lengths.__getitem__):
            if batch and (len(batch) + 1) * lengths[at] > most:
                found.append(batch)
                batch = []
            batch.append(at)
        found.append(batch)
    chance.shuffle(found)
    return found

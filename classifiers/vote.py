"""How encoder, linear model and memory are combined: the one place where their scores meet.

A logarithmic opinion pool (Genest and Zidek 1986): the scores of each, times how far it is to be trusted, and a shift a
class, become the probabilities. The numbers lie in ``vote.json`` and were learnt on rows that none of them had seen;
where the linear model cannot read a text, the encoder speaks alone, with numbers of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifiers.linear import Floats, softmax
from classifiers.model_files import MODELS, checked_file
from config.errors import ModelError

VOTE: Final = "vote.json"
LEAST_PROBABILITY: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The numbers of one task, for all models together or for the encoder alone."""

    encoder: float
    """What the encoder's scores are multiplied by."""
    linear: float
    """What the linear model's log-probabilities are multiplied by; 0 when it does not speak."""
    memory: float
    """What the memory says is multiplied by; 0 when it does not speak."""
    shift: tuple[float, ...]
    """Added a class."""

    def probabilities(self, encoder: Floats, linear: Floats | None, recalled: Floats | None = None) -> Floats:
        """Return calibrated probabilities, shape (…, classes).

        ``encoder`` are its scores, ``linear`` the probabilities of the linear model, ``recalled`` what
        `classifiers.memory.Memory.recall` says, all of the same shape.
        """
        scores = encoder * self.encoder + np.asarray(self.shift, np.float32)
        if linear is not None:
            scores = scores + self.linear * np.log(np.maximum(linear, LEAST_PROBABILITY))
        if recalled is not None:
            scores = scores + self.memory * recalled
        return softmax(scores)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskVote:
    """How one task is decided."""

    classes: tuple[str, ...]
    both: Pool
    alone: Pool
    lean: tuple[float, ...]
    """Added to log-probabilities when a class must be chosen; makes rare classes easier to choose."""

    def probabilities(self, encoder: Floats | None, linear: Floats | None, recalled: Floats | None = None) -> Floats:
        """Return calibrated probabilities from the encoder's scores and the linear model's probabilities.

        Either is None where its model has not read; ValueError when both are. What the memory recalls counts where
        both have.
        """
        if encoder is not None:
            return (self.alone if linear is None else self.both).probabilities(encoder, linear, recalled)
        if linear is None:
            raise ValueError("no model has read this")
        return linear

    def least(self, encoder: Floats, linear: Floats, recalled: Floats | None = None) -> Floats:
        """Return for each class the lower of the probabilities that all models together and the encoder alone give."""
        alone = self.alone.probabilities(encoder, None)
        return np.minimum(self.both.probabilities(encoder, linear, recalled), alone)

    def choose(self, probabilities: Floats) -> int:
        """Return the position of the class to give out."""
        return int(np.argmax(np.log(np.maximum(probabilities, LEAST_PROBABILITY)) + np.asarray(self.lean)))


@dataclass(frozen=True, slots=True, kw_only=True)
class FullTextRelevance:
    """Whether a full text is about a unit that it names: a logistic regression over a handful of evidence."""

    bias: float
    weights: Mapping[str, float]
    """Keys as `classifiers.relevance.full_text_evidence` returns them."""

    def about(self, evidence: Mapping[str, float]) -> float:
        """Return the chance of about against mention."""
        return 1 / (1 + exp(-self.bias - sum(weight * evidence[name] for name, weight in self.weights.items())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """Every task's vote, and the thresholds learnt with them."""

    tasks: Mapping[str, TaskVote]
    full_text_relevance: FullTextRelevance
    full_text_tone: TaskVote
    """On the tone of a full text whose body names the unit, where the linear model can read it: what stands in many
    words is weighed otherwise."""
    sure_negative: float
    """Score from which a negative tone is right often enough to bother people with: alerts, the negative section."""


@lru_cache(maxsize=4)
def load_votes(folder: Path = MODELS) -> Votes:
    """Read the numbers, once a process. Raises ModelError naming the file that is missing or damaged."""
    content = checked_file(folder, VOTE)
    try:
        return votes_of(json.loads(content))
    except (ValueError, KeyError, TypeError) as exc:
        raise ModelError("models.damaged", path=folder / VOTE, detail=exc) from exc


def votes_of(stored: Mapping[str, Any]) -> Votes:
    """Return the votes as ``vote.json`` writes them (`dataclasses.asdict`)."""
    return Votes(
        tasks={task: _vote(each) for task, each in stored["tasks"].items()},
        full_text_relevance=FullTextRelevance(
            bias=float(stored["full_text_relevance"]["bias"]),
            weights={str(name): float(weight) for name, weight in stored["full_text_relevance"]["weights"].items()},
        ),
        full_text_tone=_vote(stored["full_text_tone"]),
        sure_negative=float(stored["sure_negative"]),
    )


def _vote(stored: Mapping[str, Any]) -> TaskVote:
    return TaskVote(
        classes=tuple(stored["classes"]),
        both=_pool(stored["both"]),
        alone=_pool(stored["alone"]),
        lean=tuple(map(float, stored["lean"])),
    )


def _pool(stored: Mapping[str, Any]) -> Pool:
    return Pool(
        encoder=float(stored["encoder"]),
        linear=float(stored["linear"]),
        memory=float(stored["memory"]),
        shift=tuple(map(float, stored["shift"])),
    )

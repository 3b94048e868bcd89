"""How a document makes one unit look: the tone toward it, and the sentences that carried it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np

from classifiers.features import MarkedText, Passage, document_terms
from classifiers.linear import MODELS, LinearModel, ModelFolder, Vectors, load_models
from pipeline.records import Tone

UNREAD_SCORE: Final = 0.34
"""Of neutral in a language that the model was not trained on: no better than chance."""
SECOND_EVIDENCE: Final = 0.5
"""A second sentence is shown when it carries at least this share of what the first one does."""

_SENTENCE: Final = re.compile(r"\S.*?(?:[.!?…]+[\"”’»)]*(?=\s)|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TonePrediction:
    """The tone toward one unit."""

    tone: Tone
    score: float
    """Probability of that tone, calibrated."""
    evidence: tuple[str, ...]
    """One or two sentences, verbatim, that carried it."""


class ToneModel:
    """Reads the vectors of one unit in a Vietnamese document."""

    def __init__(self, models: ModelFolder) -> None:
        self._models = models
        self._model: LinearModel = models.tasks["tone"]

    @classmethod
    def load(cls, folder: Path = MODELS) -> "ToneModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        return cls(load_models(folder))

    def predict(self, marked: MarkedText, unit: Vectors) -> TonePrediction:
        """Return the tone toward the marked unit, its calibrated probability and its evidence."""
        probabilities = self._model.probabilities(unit)
        chosen = self._model.choose(probabilities)
        tone = cast(Tone, self._model.classes[chosen])
        return TonePrediction(tone=tone, score=float(probabilities[chosen]), evidence=self._evidence(marked, chosen))

    def _evidence(self, marked: MarkedText, chosen: int) -> tuple[str, ...]:
        """Return the sentences whose words speak most for the chosen class, against the mean of the classes."""
        sentences = list(dict.fromkeys(_sentences(marked)))
        carried = [self._pull(sentence, chosen) for sentence in sentences]
        order = sorted(range(len(sentences)), key=lambda at: -carried[at])[:2]
        if len(order) == 2 and carried[order[1]] < SECOND_EVIDENCE * carried[order[0]]:
            order = order[:1]
        return tuple(sentences[at] for at in sorted(order))

    def _pull(self, sentence: str, chosen: int) -> float:
        words = self._models.vocabulary.vectors({"words": document_terms(sentence, "")["words"]})["words"]
        weights = self._model.weights["words"][words.terms]
        return float(words.values @ (weights[:, chosen] - np.mean(weights, axis=1)))


def neutral_by_default(marked: MarkedText) -> TonePrediction:
    """Return neutral with a low score, for a language without a model; the evidence is the first naming sentence."""
    naming = next((passage.text.strip() for passage in marked.passages if passage.own), "")
    return TonePrediction(tone="neutral", score=UNREAD_SCORE, evidence=(naming,) if naming else ())


def _sentences(marked: MarkedText) -> Iterator[str]:
    """Yield the title, the sentences of the lead and those of the body that hold the unit."""
    yield marked.title.text.strip()
    for passage in (marked.lead, *marked.body):
        yield from _split(passage)


def _split(passage: Passage) -> Iterator[str]:
    for match in _SENTENCE.finditer(passage.text):
        yield match.group().strip()

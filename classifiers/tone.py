"""How a document makes one unit look: the tone toward it, and the sentences that carried it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, cast

import numpy as np

from classifiers.features import MarkedText, Passage, document_terms
from classifiers.linear import Floats, ModelFolder, load_models
from classifiers.model_files import MODELS
from classifiers.vote import TaskVote, load_votes
from pipeline.records import Tone

TASK: Final = "tone"
NEGATIVE: Final = "negative"
"""Blame is sure only as far as the encoder alone, too, finds it."""
HEADLINE_WEIGHT: Final = 2.0
"""Of title and lead, where each window of the body counts one. Chosen by cross-validation on full texts."""
MOST_EVIDENCE: Final = 2
SECOND_EVIDENCE: Final = 0.5
"""A second sentence is shown when it carries at least this share of what the first one does."""

_ABBREVIATIONS: Final = "TP Tp Q P H TX TT GS PGS TS ThS BS LS KTS Mr Mrs Ms Dr St No"
_ABBREVIATED: Final = "|".join(rf"(?<=\b{word})\." for word in _ABBREVIATIONS.split())
_INITIAL: Final = r"(?<=\b[A-ZĐ])\.(?=\s+[a-zà-ỹ])"
_SENTENCE: Final = re.compile(
    rf"""(?=\S) (?: [^\n.!?…。！？] | {_ABBREVIATED} | {_INITIAL} | [.!?…]++ ["”’»)]*+ (?!\s|$) )*+
    (?: [.!?…]++ ["”’»)]*+ | [。！？]++ ["”’»」』）]*+ )?""",
    re.MULTILINE | re.VERBOSE,
)
"""Up to a sign that ends it, which in Chinese and Japanese no space follows; not after abbreviations and initials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TonePrediction:
    """The tone toward one unit."""

    tone: Tone
    score: float
    """Probability of that tone, calibrated."""
    evidence: tuple[str, ...]
    """One or two sentences, verbatim, that carried it."""


class ToneModel:
    """Weighs what linear model, encoder and memory say of one unit in a document, and finds what carried it."""

    def __init__(self, models: ModelFolder, vote: TaskVote, full_text: TaskVote) -> None:
        self._models = models
        self._word_weights = models.tasks[TASK].weights["words"]
        self._vote = vote
        self._full_text = full_text

    @classmethod
    def load(cls, folder: Path = MODELS) -> "ToneModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        votes = load_votes(folder)
        return cls(load_models(folder), votes.tasks[TASK], votes.full_text_tone)

    def predict(
        self, marked: MarkedText, linear: Floats | None, encoded: Floats | None, recalled: Floats | None = None
    ) -> TonePrediction:
        """Return the tone toward the marked unit, its calibrated probability and its evidence.

        ``linear`` are the probabilities of the linear model, None where it cannot read; ``encoded`` the encoder's
        scores, shape (windows, classes), of title and lead first, None where it was not asked. ValueError when both
        are. ``recalled`` is what the memory says.
        """
        said = said_of_all(encoded) if encoded is not None else None
        vote = self._full_text if marked.body and linear is not None else self._vote
        probabilities = vote.probabilities(said, linear, recalled)
        chosen = vote.choose(probabilities)
        if said is not None and linear is not None and vote.classes[chosen] == NEGATIVE:
            probabilities = vote.least(said, linear, recalled)
        return TonePrediction(
            tone=cast(Tone, vote.classes[chosen]),
            score=float(probabilities[chosen]),
            evidence=_naming(marked) if linear is None else self._evidence(marked, chosen),
        )

    def _evidence(self, marked: MarkedText, chosen: int) -> tuple[str, ...]:
        """Return the sentences whose words speak most for the chosen class, against the mean of the classes."""
        sentences = list(dict.fromkeys(_sentences(marked)))
        carried = [self._pull(sentence, chosen) for sentence in sentences]
        order = sorted(range(len(sentences)), key=lambda at: -carried[at])[:MOST_EVIDENCE]
        if len(order) == MOST_EVIDENCE and carried[order[1]] < SECOND_EVIDENCE * carried[order[0]]:
            order = order[:1]
        return tuple(sentences[at] for at in sorted(order))

    def _pull(self, sentence: str, chosen: int) -> float:
        words = self._models.vocabulary.vectors({"words": document_terms(sentence, "")["words"]})["words"]
        weights = self._word_weights[words.terms]
        return float(words.values @ (weights[:, chosen] - np.mean(weights, axis=1)))


def said_of_all(encoded: Floats) -> Floats:
    """Return the mean score of each class over the windows of a text, shape (windows, classes), the first told more."""
    weights = np.ones(len(encoded))
    weights[0] = HEADLINE_WEIGHT
    return np.asarray(np.average(encoded, axis=0, weights=weights), np.float32)


def _naming(marked: MarkedText) -> tuple[str, ...]:
    """Return the first one or two sentences that name the unit in one passage, for a text not read word by word."""
    passage = next((passage for passage in marked.passages if passage.own), Passage(text=""))
    if passage in marked.body:
        return (passage.text.strip(),)
    sentences = (
        match.group().strip()
        for match in _SENTENCE.finditer(passage.text)
        if any(start < match.end() and match.start() < end for start, end in passage.own)
    )
    return tuple(islice(sentences, MOST_EVIDENCE))


def _sentences(marked: MarkedText) -> Iterator[str]:
    """Yield the title, the sentences of the lead and those of the body that hold the unit."""
    yield marked.title.text.strip()
    for match in _SENTENCE.finditer(marked.lead.text):
        yield match.group().strip()
    for passage in marked.body:
        yield passage.text.strip()

"""Whether a document is about a unit, only mentions it, or means something else by its name."""

import re
import unicodedata
from math import log, log1p
from pathlib import Path
from typing import Final, Literal

from classifiers.features import MarkedText
from classifiers.linear import Floats
from classifiers.model_files import MODELS
from classifiers.vote import FullTextRelevance, TaskVote, load_votes

TASK: Final = "relevance"

RelevanceClass = Literal["about", "mention", "not_it"]

LEAST_SHARE: Final = 1e-6
ABOUT_A_DRAW: Final = 0.1
"""Chance at most that the report of a lottery draw is about a unit: it names who held the draw, or where a ticket was
sold."""
_DRAW: Final = re.compile(r"(trực tiếp |kết quả )*xổ số miền (nam|bắc|trung)\b.*\bngày \d", re.IGNORECASE)
"""How titles of such reports begin."""


class RelevanceModel:
    """Weighs what linear model, encoder and memory say of one unit in a document."""

    def __init__(self, vote: TaskVote, full_text: FullTextRelevance) -> None:
        self._vote = vote
        self._full_text = full_text

    @classmethod
    def load(cls, folder: Path = MODELS) -> "RelevanceModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        votes = load_votes(folder)
        return cls(votes.tasks[TASK], votes.full_text_relevance)

    def predict(
        self, marked: MarkedText, linear: Floats | None, encoded: Floats | None, recalled: Floats | None = None
    ) -> dict[RelevanceClass, float]:
        """Return the probability of each class for a marked text.

        ``linear`` are the probabilities of the linear model, None where it cannot read; ``encoded`` the encoder's
        scores, shape (windows, classes), of title and lead first, None where it was not asked. ValueError when both
        are. ``recalled`` is what the memory says. The models have seen titles and leads only. Of a full text they keep
        the doubt about the name; whether it is about the unit is also a matter of how often its body names it.
        """
        found = self._vote.probabilities(encoded[0] if encoded is not None else None, linear, recalled)
        scores = dict(zip(self._vote.classes, map(float, found), strict=True))
        about, mention, not_it = scores["about"], scores["mention"], scores["not_it"]
        if marked.has_text:
            body = encoded[1:] if encoded is not None else None
            share = self._full_text.about(full_text_evidence(marked, about / ((about + mention) or 1.0), body))
            about, mention = (1 - not_it) * share, (1 - not_it) * (1 - share)
        if tells_of_draw(marked):
            about = min(about, ABOUT_A_DRAW * (1 - not_it))
            mention = 1 - not_it - about
        return {"about": about, "mention": mention, "not_it": not_it}


def tells_of_draw(marked: MarkedText) -> bool:
    """Return whether an item is the report of a lottery draw."""
    return bool(_DRAW.match(unicodedata.normalize("NFC", marked.title.text)))


def full_text_evidence(marked: MarkedText, headline_share: float, body: Floats | None) -> dict[str, float]:
    """Return what speaks for a full text being about a unit.

    ``headline_share`` is the chance of about against mention that title and lead give, ``body`` the encoder's scores of
    the windows of the body; where it was not asked, the body says what the headline does.
    """
    share = min(max(headline_share, LEAST_SHARE), 1 - LEAST_SHARE)
    said_of_headline = log(share / (1 - share))
    said_of_body = said_of_headline if body is None else _mean_margin(body)
    in_headline = bool(marked.title.own or marked.lead.own)
    return {
        "in_headline": float(in_headline),
        "in_title": float(bool(marked.title.own)),
        "sentences": log1p(len(marked.body)),
        "names": log1p(sum(len(sentence.own) for sentence in marked.body)),
        "said_of_headline": said_of_headline if in_headline else 0.0,
        "said_of_body": said_of_body,
    }


def _mean_margin(scores: Floats) -> float:
    """Return how much more of ``about`` than of ``mention`` some windows speak; 0 without windows."""
    return float((scores[:, 0] - scores[:, 1]).mean()) if len(scores) else 0.0

"""Whether a document is about a unit, only mentions it, or means something else by its name."""

from pathlib import Path
from typing import Final, Literal

from classifiers.features import MarkedText
from classifiers.linear import MODELS, LinearModel, Vectors, load_models

RelevanceClass = Literal["about", "mention", "not_it"]

ABOUT_BY_SENTENCES: Final = (0.05, 0.45, 0.6, 0.8)
"""Chance that a document that has the unit in neither title nor lead is about it, by 1, 2, 3, 4 or more sentences.
Counted on 152 labelled full texts: 4 of 95, 8 of 20, 6 of 11, 20 of 24."""
ODDS_BY_BODY: Final = (0.3, 3.0)
"""Factor on the odds of about when the unit stands in title or lead, by fewer than two sentences of the body or more.
Counted on 113 labelled full texts: 11 of 28, 79 of 83."""
ABOUT_BY_RULE: Final = 0.7
"""Chance given to what the rule alone takes for about, in a language that the model was not trained on."""


class RelevanceModel:
    """Reads the vectors of one unit in a Vietnamese document."""

    def __init__(self, model: LinearModel) -> None:
        self._model = model

    @classmethod
    def load(cls, folder: Path = MODELS) -> "RelevanceModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        return cls(load_models(folder).tasks["relevance"])

    def predict(self, marked: MarkedText, unit: Vectors) -> dict[RelevanceClass, float]:
        """Return the probability of each class for a marked text and its vectors.

        The model has seen titles and leads only. Of a full text it keeps the doubt about the name; whether the text
        is about the unit is then also a matter of how many sentences of the body hold it.
        """
        scores = dict(zip(self._model.classes, map(float, self._model.probabilities(unit)), strict=True))
        about, mention, not_it = scores["about"], scores["mention"], scores["not_it"]
        if marked.has_text:
            share = _about_share(marked, about / ((about + mention) or 1.0))
            about, mention = (1 - not_it) * share, (1 - not_it) * (1 - share)
        return {"about": about, "mention": mention, "not_it": not_it}


def _about_share(marked: MarkedText, headline_share: float) -> float:
    """Return the chance of about against mention for a full text, from the chance that title and lead give."""
    if not in_headline(marked):
        return ABOUT_BY_SENTENCES[min(max(len(marked.body), 1), len(ABOUT_BY_SENTENCES)) - 1]
    odds = headline_share * ODDS_BY_BODY[len(marked.body) >= 2]
    return odds / (odds + 1 - headline_share)


def in_headline(marked: MarkedText) -> bool:
    """Tell whether the unit stands in the title or the lead."""
    return bool(marked.title.own or marked.lead.own)


def relevance_by_rule(marked: MarkedText) -> dict[RelevanceClass, float]:
    """Return the guideline's rule for a language without a model: in title or lead, or in two sentences or more."""
    about = ABOUT_BY_RULE if in_headline(marked) or len(marked.body) >= 2 else 1 - ABOUT_BY_RULE
    return {"about": about, "mention": 1 - about, "not_it": 0.0}

"""Learning when a full text is about a unit, from the few full texts that are labelled."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold, cross_val_predict

from classifiers.encoder import Encoder
from classifiers.features import MarkedText, mark
from classifiers.linear import ModelFolder
from classifiers.nlp import split_sentences
from classifiers.places import find_mentions
from classifiers.relevance import full_text_evidence
from classifiers.training.examples import headline
from classifiers.vote import FullTextRelevance, TaskVote
from classifiers.windows import windows

STRENGTH: Final = 0.5
"""C of the logistic regression."""
FOLDS: Final = 10
SEED: Final = 1


def learn_full_text(
    path: Path, encoder: Encoder, models: ModelFolder, vote: TaskVote
) -> tuple[FullTextRelevance, dict[str, Any]]:
    """Return the regression and its figures by cross-validation. ``path`` holds labelled full texts, a unit a row."""
    with path.open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    known = [(row, marked) for row in rows if (marked := mark_full_text(row)) is not None]
    evidence = [_evidence(marked, encoder, models, vote) for _, marked in known]
    names = list(evidence[0])
    matrix = np.array([[each[name] for name in names] for each in evidence])
    about = np.array([row["relevance"] == "about" for row, _ in known])
    regression = LogisticRegression(C=STRENGTH, max_iter=500)
    guessed = cross_val_predict(regression, matrix, about, cv=KFold(FOLDS, shuffle=True, random_state=SEED))
    regression.fit(matrix, about)
    weights = {name: round(float(weight), 4) for name, weight in zip(names, regression.coef_[0], strict=True)}
    figures = {"rows": len(about), "macro_f1": round(float(f1_score(about, guessed, average="macro")), 4)}
    return FullTextRelevance(bias=round(float(regression.intercept_[0]), 4), weights=weights), figures


def mark_full_text(row: Mapping[str, Any]) -> MarkedText | None:
    """Return a labelled full text with its unit marked; None when no name in it is, or may be, the unit."""
    item = replace(headline(row), text=row["text"])
    mentions = find_mentions(item, "vi")
    own: Sequence[Any] = [mention for mention in mentions if mention.unit == row["unit"]]
    if not own:
        return None
    others = [mention for mention in mentions if mention.unit != row["unit"]]
    body = [(each.start, each.end) for each in split_sentences(item, "vi") if each.field == "text"]
    return mark(item, row["unit"], own, others, body)


def _evidence(marked: MarkedText, encoder: Encoder, models: ModelFolder, vote: TaskVote) -> dict[str, float]:
    unit = models.read_unit(marked, models.read_document(marked.title.text, marked.lead.text))
    scores = encoder.read(windows(marked))["relevance"]
    about, mention, _ = map(float, vote.probabilities(scores[0], models.tasks["relevance"].probabilities(unit)))
    return full_text_evidence(marked, about / ((about + mention) or 1.0), scores[1:])

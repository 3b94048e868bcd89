"""Learning of full texts, from the few that are labelled: when one is about a unit, and how its tone is voted on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

from classifiers.encoder import Encoder
from classifiers.evaluation import calibration_error
from classifiers.features import MarkedText, opening
from classifiers.linear import Floats, ModelFolder
from classifiers.memory import BLOCK, Memory
from classifiers.relevance import full_text_evidence
from classifiers.tone import said_of_all
from classifiers.training.added import CLASSES, read_labels
from classifiers.training.examples import collected_rows, headline, mark_where_named, stored_rows
from classifiers.training.linear import hits_of
from classifiers.training.vote import TaskRows, learn_vote
from classifiers.vote import LEAST_PROBABILITY, FullTextRelevance, TaskVote
from classifiers.windows import windows

ADDED_FULL_TEXTS: Final = Path(__file__).with_name("added_full_text_tones.tsv")
"""Tones of texts that came without: a collection's name and the id in it, a unit, and what was told."""
STRENGTH: Final = 0.5
"""C of the logistic regression."""
FOLDS: Final = 10
SEED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One (full text, unit) pair, and what the models say of it."""

    label: Mapping[str, Any]
    """Its ``relevance`` and, when that is about, its ``tone``; ``judged`` where it is no label of the labelled ones."""
    marked: MarkedText
    linear: Mapping[str, Floats]
    """Task to probabilities."""
    encoded: Mapping[str, Floats]
    """Task to scores, shape (windows, classes)."""
    recalled: Mapping[str, Floats]
    """Task to what the memory says."""


def learn_full_text(
    data: Path,
    encoder: Encoder,
    models: ModelFolder,
    memory: Memory,
    relevance: TaskVote,
    sure_negative: float,
    *,
    labels: Path = ADDED_FULL_TEXTS,
) -> tuple[FullTextRelevance, TaskVote, dict[str, Any]]:
    """Return when a full text is about a unit, the vote on its tone, and the figures of both by cross-validation.

    ``sure_negative`` is the threshold of headlines; the figures tell what it does here. The tone is learnt from the
    labelled full texts of ``data`` and from those of its collections that ``labels`` tells of; a collection that is not
    there is left out. Raises InputError naming the file and line of a label that cannot be read.
    """
    labelled = [_read(row, encoder, models, memory) for row in stored_rows(data / "gold" / "fulltext.jsonl")]
    added = [_read(row, encoder, models, memory) for row in _added(data / "fulltext", labels)]
    about, of_relevance = _learn_relevance([each for each in labelled if each], relevance)
    judged = [each for each in (*labelled, *added) if each and each.label["relevance"] == "about" and each.marked.body]
    tone, of_tone = _learn_tone(judged, sure_negative)
    return about, tone, {"full_text": of_relevance, "full_text_tone": of_tone}


def _learn_relevance(read: Sequence[Read], vote: TaskVote) -> tuple[FullTextRelevance, dict[str, Any]]:
    evidence = [_evidence(each, vote) for each in read]
    names = list(evidence[0])
    matrix = np.array([[each[name] for name in names] for each in evidence])
    about = np.array([each.label["relevance"] == "about" for each in read])
    regression = LogisticRegression(C=STRENGTH, max_iter=500)
    guessed = cross_val_predict(regression, matrix, about, cv=KFold(FOLDS, shuffle=True, random_state=SEED))
    regression.fit(matrix, about)
    weights = {name: round(float(weight), 4) for name, weight in zip(names, regression.coef_[0], strict=True)}
    figures = {"rows": len(about), "macro_f1": round(float(f1_score(about, guessed, average="macro")), 4)}
    return FullTextRelevance(bias=round(float(regression.intercept_[0]), 4), weights=weights), figures


def _learn_tone(read: Sequence[Read], sure_negative: float) -> tuple[TaskVote, dict[str, Any]]:
    rows = TaskRows(
        classes=CLASSES["tone"],
        encoder=np.array([said_of_all(each.encoded["tone"]) for each in read]),
        linear=np.log(np.maximum([each.linear["tone"] for each in read], LEAST_PROBABILITY)),
        truth=np.array([CLASSES["tone"].index(each.label["tone"]) for each in read]),
        memory=(),
        natural=np.ones(len(read), bool),
    )
    negative = rows.classes.index("negative")
    found, chosen = np.zeros_like(rows.encoder), np.zeros(len(read), np.intp)
    texts = [each.label["id"] for each in read]
    for seen, held in GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(rows.encoder, groups=texts):
        vote = learn_vote(_part(rows, seen), even=True)
        encoder, linear = rows.encoder[held], np.exp(rows.linear[held])
        found[held] = vote.probabilities(encoder, linear)
        chosen[held] = [vote.choose(each) for each in found[held]]
        found[held, negative] = vote.least(encoder, linear)[:, negative]  # as it is given out
    labelled = np.array([not each.label.get("judged") for each in read])
    sure = (chosen == negative) & (found[:, negative] >= sure_negative)
    figures = {
        "rows": len(read),
        "macro_f1": _macro_f1(rows.truth, chosen),
        "labelled": {"rows": int(labelled.sum()), "macro_f1": _macro_f1(rows.truth[labelled], chosen[labelled])},
        "calibration_error": calibration_error(hits_of(found, chosen, rows.truth)),
        "sure_negative": {
            "given": int(sure.sum()),
            "right": int((rows.truth[sure] == negative).sum()),
            "wanted": int((rows.truth == negative).sum()),
        },
    }
    return learn_vote(rows, even=True), figures


def _macro_f1(truth: NDArray[np.intp], chosen: NDArray[np.intp]) -> float:
    return round(float(f1_score(truth, chosen, average="macro")), 4)


def _part(rows: TaskRows, at: NDArray[np.intp]) -> TaskRows:
    return replace(
        rows, encoder=rows.encoder[at], linear=rows.linear[at], truth=rows.truth[at], natural=rows.natural[at]
    )


def _added(folder: Path, labels: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the texts of the collections with a unit and the tone that was told, a pair each."""
    of_text: dict[str, list[tuple[str, str]]] = {}
    for name, unit, tones in read_labels(labels, CLASSES["tone"]):
        of_text.setdefault(name, []).extend((unit, tone) for tone in tones)
    for row in collected_rows(folder):
        for unit, tone in of_text.get(row["id"], ()):
            yield row | {"unit": unit, "relevance": "about", "tone": tone, "judged": True}


def _read(row: Mapping[str, Any], encoder: Encoder, models: ModelFolder, memory: Memory) -> Read | None:
    """Return what the models say of a labelled full text; None when no name in it is, or may be, the unit."""
    item = replace(headline(row), text=row["text"])
    marked = mark_where_named(item, row["unit"])
    if marked is None:
        return None
    document = models.read_document(item.title, opening(item))
    return Read(
        label=row,
        marked=marked,
        linear=models.probabilities(("relevance", "tone"), models.read_unit(marked, document)),
        encoded=encoder.read(windows(marked)),
        recalled=memory.recall(memory.alike(document[BLOCK].terms, item.published_on), marked.unit),
    )


def _evidence(read: Read, vote: TaskVote) -> dict[str, float]:
    scores = read.encoded["relevance"]
    about, mention, _ = map(float, vote.probabilities(scores[0], read.linear["relevance"], read.recalled["relevance"]))
    return full_text_evidence(read.marked, about / ((about + mention) or 1.0), scores[1:])

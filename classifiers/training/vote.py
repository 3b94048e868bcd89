"""Learning how far to trust the encoder and the linear model, on rows that neither has seen.

Pool, shifts and thresholds are fitted to the held-out rows that show the balance of classes to be met in use. What the
encoder says of these is what its branches said, in full precision: close to the network given out, which is their mean,
and not the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.metrics import f1_score

from classifiers.evaluation import calibration_error
from classifiers.linear import Floats
from classifiers.training.examples import Example
from classifiers.training.linear import hits_of
from classifiers.vote import Pool, TaskVote

SHIFT_PENALTY: Final = 0.02
"""Holds back the shift of a class that has few rows to judge by."""
TRUST_PENALTY: Final = 0.02
"""Draws the trust in the two models together, so that few rows do not decide which one is never heard."""
TOPIC_PENALTY: Final = 2.0
"""Holds back what topics add, over all rows together: a topic of few rows says little."""
TOPICS: Final = "topics"
LED_BY_TOPIC: Final = "tone"
"""The task whose classes lie elsewhere by topic."""
SURE_PRECISION: Final = 0.86
"""Of `negative` from the threshold on, over the held-out rows; more than is promised for use, .85. Chosen after the
rows that the models are measured on were seen."""
LEAST_SURE: Final = 15
"""So many held-out rows must lie above the threshold."""
LEANS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Shares of the way from the frequencies of the classes to even ones that are tried when a class is chosen."""
LEANS_BESIDE: Final = 2
"""So many leans on either side are averaged with one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRows:
    """What is known of one task's held-out rows; arrays of shape (rows, classes)."""

    classes: tuple[str, ...]
    encoder: Floats
    """Scores."""
    linear: Floats
    """Log-probabilities."""
    truth: NDArray[np.intp]
    natural: NDArray[np.bool_]
    """Rows that show the balance of classes to be met in use."""
    kept: NDArray[np.bool_]
    """Which of all held-out rows these are, shape (held-out rows,)."""


def task_rows(
    task: str, examples: Sequence[Example], classes: Sequence[str], encoder: Floats, linear: Floats
) -> TaskRows:
    """Return the rows of one task among held-out examples; those without a label are left out."""
    labels = [label_of(task, example) for example in examples]
    kept = np.array([bool(label) for label in labels])
    return TaskRows(
        classes=tuple(classes),
        encoder=encoder[kept],
        linear=linear[kept],
        truth=np.array([list(classes).index(label) for label in labels if label]),
        natural=np.array([example.natural or example.guided for example in examples])[kept],
        kept=kept,
    )


def label_of(task: str, example: Example) -> str:
    """Return the class of an example for a task; empty when it has none."""
    if task == "tone":
        return example.tone if example.relevance == "about" else ""
    return {"relevance": example.relevance, "bad_event": example.bad_event, "topics": example.topic}[task]


def learn_votes(rows: Mapping[str, TaskRows], even: Sequence[str]) -> tuple[dict[str, TaskVote], float, dict[str, Any]]:
    """Return the votes of all tasks, the threshold of a sure negative, and figures of the rows they were learnt on.

    Tasks named in ``even`` choose rare classes more readily.
    """
    tasks: dict[str, TaskVote] = {}
    scores: dict[str, Floats] = {}
    figures: dict[str, Any] = {}
    of_topics, subjects = learn_vote(rows[TOPICS], even=TOPICS in even), rows[TOPICS]
    topics = (
        of_topics.probabilities(subjects.encoder, np.exp(subjects.linear)),
        of_topics.probabilities(subjects.encoder, None),
    )  # of all held-out rows: each has one
    for task, found in rows.items():
        led = (topics[0][found.kept], topics[1][found.kept]) if task == LED_BY_TOPIC else (None, None)
        tasks[task] = of_topics if task == TOPICS else learn_vote(found, even=task in even, topics=led)
        scores[task] = tasks[task].probabilities(found.encoder, np.exp(found.linear), led[0])
        figures[task] = _figures(found, scores[task], tasks[task].lean)
    tone = rows["tone"]
    negative = tone.classes.index("negative")
    blamed = _chosen(scores["tone"], tasks["tone"].lean) == negative
    least = tasks["tone"].least(tone.encoder, np.exp(tone.linear), topics[0][tone.kept])[:, negative]
    return tasks, sure_threshold(least[blamed], tone.truth[blamed] == negative), figures


def learn_vote(rows: TaskRows, *, even: bool, topics: tuple[Floats | None, Floats | None] = (None, None)) -> TaskVote:
    """Return the vote of one task; ``even``: it chooses rare classes more readily.

    ``topics`` are what both models and what the encoder alone say of the topics of all rows, where these lead the task.
    """
    both = _fit(rows, with_linear=True, topics=topics[0])
    alone = _fit(rows, with_linear=False, topics=topics[1])
    found = both.probabilities(rows.encoder, np.exp(rows.linear), topics[0])
    lean = _lean(rows, found) if even else (0.0,) * len(rows.classes)
    return TaskVote(classes=rows.classes, both=both, alone=alone, lean=lean)


def sure_threshold(scores: Floats, right: NDArray[np.bool_]) -> float:
    """Return the least score from which `SURE_PRECISION` of the given-out rows are right."""
    order = np.argsort(-scores)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((precision >= SURE_PRECISION) & (np.arange(len(order)) + 1 >= LEAST_SURE))
    return round(float(scores[order[enough[-1]]]) if len(enough) else 1.0, 3)


def _fit(rows: TaskRows, *, with_linear: bool, topics: Floats | None = None) -> Pool:
    """Return the likeliest pool over the natural rows (L-BFGS); trust is kept positive by its exponent.

    ``topics`` are the probabilities of topics of all rows, where these lead the task.
    """
    encoder, truth = rows.encoder[rows.natural].astype(np.float64), rows.truth[rows.natural]
    linear = rows.linear[rows.natural].astype(np.float64) * with_linear
    count = len(rows.classes)
    subjects = np.zeros((len(truth), 0)) if topics is None else topics[rows.natural].astype(np.float64)

    def loss(numbers: NDArray[np.float64]) -> float:
        trust, shift, of_topics = np.exp(numbers[:2]), numbers[2 : 2 + count], numbers[2 + count :].reshape(-1, count)
        scores = encoder * trust[0] + linear * trust[1] + shift + subjects @ of_topics
        held_back = (
            SHIFT_PENALTY * np.square(shift).mean()
            + TRUST_PENALTY * np.square(numbers[:2] - np.log(0.5)).sum()
            + TOPIC_PENALTY * np.square(of_topics).sum() / len(truth)
        )
        return float(held_back - log_softmax(scores, axis=1)[np.arange(len(truth)), truth].mean())

    start = np.concatenate([np.log([0.5, 0.5]), np.zeros(count * (1 + subjects.shape[1]))])
    found = minimize(loss, start, method="L-BFGS-B").x
    shift, of_topics = found[2 : 2 + count], found[2 + count :].reshape(-1, count)
    return Pool(
        encoder=round(float(np.exp(found[0])), 4),
        linear=round(float(np.exp(found[1])), 4) if with_linear else 0.0,
        shift=tuple(round(float(each), 4) for each in shift - shift.mean()),
        of_topics=tuple(tuple(round(float(each), 4) for each in row) for row in of_topics),
    )


def _lean(rows: TaskRows, probabilities: Floats) -> tuple[float, ...]:
    """Return the lean toward rare classes, by the frequencies of the natural rows, with the best macro F1 over all.

    Best on average with the leans beside it: a single one may owe its F1 to the chance of a few rows.
    """
    shares = np.bincount(rows.truth[rows.natural], minlength=len(rows.classes)) / rows.natural.sum()
    even = -np.log(np.maximum(shares, 1 / len(rows.truth)))
    even -= even.mean()

    def macro_f1(share: float) -> float:
        return float(f1_score(rows.truth, _chosen(probabilities, share * even), average="macro"))

    found = [macro_f1(share) for share in LEANS]
    around = [np.mean(found[max(0, at - LEANS_BESIDE) : at + LEANS_BESIDE + 1]) for at in range(len(found))]
    best = LEANS[int(np.argmax(around))]
    return tuple(round(float(best * each), 4) for each in even)


def _chosen(probabilities: Floats, lean: Sequence[float] | NDArray[np.float64]) -> NDArray[np.intp]:
    return np.asarray((np.log(np.maximum(probabilities, 1e-9)) + np.asarray(lean)).argmax(axis=1))


def _figures(rows: TaskRows, probabilities: Floats, lean: Sequence[float]) -> dict[str, Any]:
    natural, truth = rows.natural, rows.truth
    chosen = _chosen(probabilities, lean)
    scores = f1_score(truth[natural], chosen[natural], average=None, labels=range(len(rows.classes)), zero_division=0.0)
    return {
        "rows": int(natural.sum()),
        "accuracy": round(float((chosen == truth)[natural].mean()), 4),
        "f1": {name: round(float(score), 4) for name, score in zip(rows.classes, scores, strict=True)},
        "calibration_error": calibration_error(hits_of(probabilities[natural], chosen[natural], truth[natural])),
    }

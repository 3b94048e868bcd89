"""Learning how far to trust encoder, linear model and memory, on rows that none of them has seen.

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
TRUST_PENALTY: Final = 0.005
"""Draws the trust in the models together, so that few rows do not decide which one is never heard."""
SURE_PRECISION: Final = 0.9
"""Of `negative` from the threshold on, over the held-out rows; more than is promised for use, .85. Chosen after the
rows that the models are measured on were seen."""
LEAST_SURE: Final = 15
"""So many held-out rows must lie above the threshold."""
LEAN: Final = 0.5
"""Share of the way from the frequencies of the classes to even ones when a class is chosen. The held-out rows hardly
tell it: their macro F1 is the same, up to a few rows, from .1 to .8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRows:
    """What is known of one task's held-out rows; arrays of shape (rows, classes)."""

    classes: tuple[str, ...]
    encoder: Floats
    """Scores."""
    linear: Floats
    """Log-probabilities."""
    memory: tuple[Floats, ...]
    """What `classifiers.memory.Memory.recall` says, with all that it holds and with a part; empty where it is not
    asked."""
    truth: NDArray[np.intp]
    natural: NDArray[np.bool_]
    """Rows that show the balance of classes to be met in use."""


def task_rows(
    task: str,
    examples: Sequence[Example],
    classes: Sequence[str],
    encoder: Floats,
    linear: Floats,
    memory: tuple[Floats, ...],
) -> TaskRows:
    """Return the rows of one task among held-out examples; those without a label are left out."""
    labels = [label_of(task, example) for example in examples]
    kept = np.array([bool(label) for label in labels])
    return TaskRows(
        classes=tuple(classes),
        encoder=encoder[kept],
        linear=linear[kept],
        memory=tuple(each[kept] for each in memory),
        truth=np.array([list(classes).index(label) for label in labels if label]),
        natural=np.array([example.natural or example.guided for example in examples])[kept],
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
    tasks = {task: learn_vote(found, even=task in even) for task, found in rows.items()}
    scores = {
        task: tasks[task].probabilities(found.encoder, np.exp(found.linear), *found.memory[:1])
        for task, found in rows.items()
    }
    figures = {task: _figures(found, scores[task], tasks[task].lean) for task, found in rows.items()}
    tone = rows["tone"]
    negative = tone.classes.index("negative")
    blamed = _chosen(scores["tone"], tasks["tone"].lean) == negative
    least = tasks["tone"].least(tone.encoder, np.exp(tone.linear), *tone.memory[:1])[:, negative]
    return tasks, sure_threshold(least[blamed], tone.truth[blamed] == negative), figures


def learn_vote(rows: TaskRows, *, even: bool) -> TaskVote:
    """Return the vote of one task; ``even``: it chooses rare classes more readily."""
    return TaskVote(
        classes=rows.classes,
        both=_fit(rows, together=True),
        alone=_fit(rows, together=False),
        lean=_lean(rows) if even else (0.0,) * len(rows.classes),
    )


def sure_threshold(scores: Floats, right: NDArray[np.bool_]) -> float:
    """Return the least score from which `SURE_PRECISION` of the given-out rows are right."""
    order = np.argsort(-scores)
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((precision >= SURE_PRECISION) & (np.arange(len(order)) + 1 >= LEAST_SURE))
    return round(float(scores[order[enough[-1]]]) if len(enough) else 1.0, 3)


def _fit(rows: TaskRows, *, together: bool) -> Pool:
    """Return the likeliest pool over the natural rows (L-BFGS); trust is kept positive by its exponent.

    Not ``together``: the encoder alone. Every row counts once for each way in which the memory is heard.
    """
    others = {"linear": (rows.linear,), "memory": rows.memory} if together else {}
    voices = {name: said for name, said in {"encoder": (rows.encoder,), **others}.items() if said}
    times = max(map(len, voices.values()))
    heard = np.stack(
        [np.concatenate([each[rows.natural] for each in said] * (times // len(said))) for said in voices.values()]
    )
    heard, truth = heard.astype(np.float64), np.tile(rows.truth[rows.natural], times)

    def loss(numbers: NDArray[np.float64]) -> float:
        trust, shift = np.exp(numbers[: len(voices)]), numbers[len(voices) :]
        scores = np.tensordot(trust, heard, axes=1) + shift
        held_back = SHIFT_PENALTY * np.square(shift).mean()
        held_back += TRUST_PENALTY * np.square(numbers[: len(voices)] - np.log(0.5)).sum()
        return float(held_back - log_softmax(scores, axis=1)[np.arange(len(truth)), truth].mean())

    start = np.concatenate([np.full(len(voices), np.log(0.5)), np.zeros(len(rows.classes))])
    found = minimize(loss, start, method="L-BFGS-B").x
    trust = {name: round(float(np.exp(each)), 4) for name, each in zip(voices, found, strict=False)}
    shift = found[len(voices) :]
    return Pool(
        encoder=trust["encoder"],
        linear=trust.get("linear", 0.0),
        memory=trust.get("memory", 0.0),
        shift=tuple(round(float(each), 4) for each in shift - shift.mean()),
    )


def _lean(rows: TaskRows) -> tuple[float, ...]:
    """Return the lean toward rare classes, by the frequencies of the natural rows."""
    shares = np.bincount(rows.truth[rows.natural], minlength=len(rows.classes)) / rows.natural.sum()
    even = -np.log(np.maximum(shares, 1 / len(rows.truth)))
    return tuple(round(float(LEAN * each), 4) for each in even - even.mean())


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

"""Training the linear models of relevance, tone, topics and bad event. Needs scikit-learn.

Each block is weighted TF-IDF; each task a multinomial logistic regression over some blocks. Probabilities are made of
decisions on held-out folds: one slope and a shift a class (vector scaling, Guo et al. 2017) fitted on the rows that
show the natural balance of classes. The same data give the same files.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags, hstack, vstack
from scipy.special import log_softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.utils.class_weight import compute_class_weight

from classifiers.evaluation import calibration_error
from classifiers.features import DOCUMENT_BLOCKS, UNIT_BLOCKS, MarkedText, terms_of
from classifiers.linear import Floats, LinearModel, softmax
from classifiers.training.examples import Example

FOLDS: Final = 3
UNCERTAIN_WEIGHT: Final = 0.5
"""Of a label that its annotator was not sure of."""
RANDOM_WEIGHT: Final = 1.5
"""Of a row drawn at random: it shows the natural balance of classes, which rows drawn at margins do not."""
SHIFT_PENALTY: Final = 0.01
"""Holds back the shift of a class that has few rows to judge by."""

LEAST_ROWS: Final[Mapping[str, int]] = {
    "words": 3,
    "chars": 6,
    "title_words": 3,
    "marked_title": 3,
    "sentence": 3,
    "window": 3,
    "context": 2,
    "position": 1,
    "name": 2,
}
"""A term that fewer rows hold is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one task is learnt. The numbers were chosen by cross-validation on the training rows."""

    label: Callable[[Example], str]
    """Empty: the row teaches this task nothing."""
    blocks: Mapping[str, float]
    """Block to the factor its vectors are multiplied by."""
    strength: float
    """C of the logistic regression; larger: less regularised."""
    natural: Callable[[Example], bool]
    """Whether a row shows the balance of classes to be met in use."""
    guided: float = 0.0
    """Weight of a second copy of the features that only guided rows have, and that is added for use (Daumé 2007)."""
    guided_rows: float = 1.0
    """Factor on the weight of guided rows."""
    iterations: int = 60
    """Of L-BFGS at most."""
    tolerance: float = 2e-3
    """Slope at which it stops. Stopped early it has learnt what is frequent, which keeps it from learning by heart."""
    even: bool = False
    """Every class weighs the same, however many rows it has, and is chosen as if all were as frequent: a rare one is
    missed more dearly. Its probability still tells how often it is right."""


RECIPES: Final[Mapping[str, Recipe]] = {
    "relevance": Recipe(
        label=lambda example: example.relevance,
        blocks={
            "words": 0.7,
            "chars": 0.7,
            "marked_title": 1.0,
            "sentence": 1.0,
            "window": 1.0,
            "context": 1.4,
            "position": 1.5,
            "name": 1.0,
        },
        strength=4,
        natural=lambda example: example.natural,
    ),
    "tone": Recipe(
        label=lambda example: example.tone if example.relevance == "about" else "",
        blocks={"words": 1.0, "chars": 1.0, "marked_title": 0.7, "sentence": 0.7, "position": 0.5, "context": 0.5},
        strength=4,
        natural=lambda example: example.natural,
        iterations=300,
        tolerance=3e-4,
        even=True,
    ),
    "topics": Recipe(
        label=lambda example: example.topic,
        blocks={"words": 1.0, "chars": 1.0, "title_words": 0.8},
        strength=6,
        natural=lambda example: example.natural or example.guided,
        guided=1.0,
        guided_rows=3.0,
    ),
    "bad_event": Recipe(
        label=lambda example: example.bad_event,
        blocks={"words": 1.0, "chars": 1.0, "title_words": 0.8},
        strength=4,
        natural=lambda example: example.natural or example.guided,
        iterations=200,
        tolerance=5e-4,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The TF-IDF of every block, fitted on the training rows."""

    vectorizers: Mapping[str, TfidfVectorizer]
    rows: Mapping[str, csr_matrix]

    @classmethod
    def fit(cls, examples: Sequence[Example]) -> "Features":
        """Learn the vocabulary of each block."""
        vectorizers, rows = {}, {}
        terms = [terms_of(example.marked) for example in examples]
        for block in (*DOCUMENT_BLOCKS, *UNIT_BLOCKS):
            vectorizer = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=LEAST_ROWS[block], dtype=np.float32)
            rows[block] = vectorizer.fit_transform([each[block] for each in terms])
            vectorizers[block] = vectorizer
        return cls(vectorizers=vectorizers, rows=rows)

    def terms(self) -> dict[str, list[str]]:
        """Return block to its terms, in order."""
        return {block: [str(name) for name in each.get_feature_names_out()] for block, each in self.vectorizers.items()}

    def idf(self) -> dict[str, Floats]:
        """Return block to the inverse document frequency of its terms."""
        return {block: np.asarray(each.idf_, np.float32) for block, each in self.vectorizers.items()}

    def read(self, pairs: Sequence[MarkedText]) -> dict[str, csr_matrix]:
        """Return block to the vectors of other pairs."""
        terms = [terms_of(each) for each in pairs]
        return {
            block: vectorizer.transform([each[block] for each in terms])
            for block, vectorizer in self.vectorizers.items()
        }


def beside(rows: Mapping[str, csr_matrix], blocks: Mapping[str, float]) -> csr_matrix:
    """Return the rows of some blocks beside one another, each block times its factor."""
    return hstack([rows[block] * np.float32(factor) for block, factor in blocks.items()]).tocsr()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedRows:
    """Added pairs, as one task learns them."""

    groups: Sequence[str]
    """Titles; see `Example.group`."""
    rows: Mapping[str, csr_matrix]
    """Block to vectors."""
    shares: Floats
    """How often each class was told, shape (pairs, classes)."""

    def outside(self, fold: int) -> "AddedRows":
        """Return the pairs of texts that a fold does not hold."""
        at = [each for each, group in enumerate(self.groups) if fold_of(group) != fold]
        return AddedRows(
            groups=[self.groups[each] for each in at],
            rows={block: rows[at] for block, rows in self.rows.items()},
            shares=self.shares[at],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """One task's model, and what was found out on the way."""

    model: LinearModel
    held_out: Floats
    """Log-probabilities of models that have not seen the text, shape (examples, classes); NaN where it has no label."""
    figures: Mapping[str, Any]
    """Of the held-out folds."""


def learn(recipe: Recipe, examples: Sequence[Example], features: Features, added: AddedRows | None = None) -> Learnt:
    """Train one task on all rows, calibrated by models trained on parts of them."""
    chosen = [at for at, example in enumerate(examples) if recipe.label(example)]
    rows = [examples[at] for at in chosen]
    matrix = beside(features.rows, recipe.blocks)[chosen]
    labels = np.array([recipe.label(row) for row in rows])
    classes = tuple(sorted(set(labels)))
    folds = np.array([fold_of(row.group) for row in rows])
    decisions = np.zeros((len(rows), len(classes)), np.float32)
    for fold in range(FOLDS):
        held = folds == fold
        weights, bias = fit(recipe, rows, matrix, labels, classes, ~held, added and added.outside(fold))
        decisions[held] = matrix[held] @ weights + bias
    natural = np.array([recipe.natural(row) for row in rows])
    truth = np.array([classes.index(label) for label in labels])
    slope, shift = calibrate(decisions[natural], truth[natural])
    calibrated = softmax(decisions * slope + shift)
    lean = -shift if recipe.even else np.zeros(len(classes), np.float32)
    weights, bias = fit(recipe, rows, matrix, labels, classes, np.ones(len(rows), bool), added)
    model = LinearModel(
        classes=classes,
        weights=split(weights, recipe.blocks, features),
        bias=bias,
        slope=slope,
        shift=shift,
    )
    held_out = np.full((len(examples), len(classes)), np.nan, np.float32)
    held_out[chosen] = log_softmax(decisions * slope + shift, axis=1)
    return Learnt(model=model, held_out=held_out, figures=measure(classes, calibrated, lean, truth, natural))


def fold_of(group: str) -> int:
    """Return the fold that holds the texts of a group, the same in every run."""
    return zlib.crc32(group.encode()) % FOLDS


def fit(
    recipe: Recipe,
    rows: Sequence[Example],
    matrix: csr_matrix,
    labels: NDArray[np.str_],
    classes: Sequence[str],
    used: NDArray[np.bool_],
    added: AddedRows | None = None,
) -> tuple[Floats, Floats]:
    """Return weights of shape (terms, classes) and bias of a logistic regression on the used rows."""
    guided = np.array([row.guided for row in rows])
    row_weights = np.array([weight_of(row) for row in rows]) * np.where(guided, recipe.guided_rows, 1.0)
    seen = hstack([matrix, diags(guided * np.float32(recipe.guided)) @ matrix]).tocsr() if recipe.guided else matrix
    regression = LogisticRegression(C=recipe.strength, max_iter=recipe.iterations, tol=recipe.tolerance)
    seen, labels, row_weights = seen[used], labels[used], row_weights[used]
    if recipe.even:
        names = np.unique(labels)
        even = compute_class_weight("balanced", classes=names, y=labels, sample_weight=row_weights)
        regression.class_weight = dict(zip(names.tolist(), even.tolist(), strict=True))
    if added:
        at, of_class = np.nonzero(added.shares)
        seen = vstack([seen, beside(added.rows, recipe.blocks)[at]]).tocsr()
        labels = np.concatenate([labels, np.array(classes)[of_class]])
        row_weights = np.concatenate([row_weights, added.shares[at, of_class]])
    regression.fit(seen, labels, sample_weight=row_weights)
    weights = np.zeros((seen.shape[1], len(classes)), np.float32)
    bias = np.full(len(classes), -20.0, np.float32)  # a class that these rows lack is never chosen
    known = [classes.index(name) for name in regression.classes_]
    if len(known) == 2:  # scikit-learn keeps one column for two classes
        weights[:, known[1]], bias[known] = regression.coef_[0], (0.0, regression.intercept_[0])
    else:
        weights[:, known], bias[known] = regression.coef_.T, regression.intercept_
    if recipe.guided:
        terms = matrix.shape[1]
        weights = weights[:terms] + np.float32(recipe.guided) * weights[terms:]
    return weights, bias


def weight_of(row: Example) -> float:
    """Return how much a row counts."""
    return (UNCERTAIN_WEIGHT if row.uncertain else 1.0) * (RANDOM_WEIGHT if row.natural else 1.0)


def split(weights: Floats, blocks: Mapping[str, float], features: Features) -> dict[str, Floats]:
    """Return block to its part of the weights, the factor of the block multiplied in."""
    parts: dict[str, Floats] = {}
    at = 0
    for block, factor in blocks.items():
        terms = features.rows[block].shape[1]
        parts[block] = weights[at : at + terms] * np.float32(factor)
        at += terms
    return parts


def calibrate(decisions: Floats, truth: NDArray[np.intp]) -> tuple[float, Floats]:
    """Return the slope and the shifts that make decisions into the likeliest probabilities (vector scaling)."""
    exact = decisions.astype(np.float64)  # in single precision the optimiser sees no slope

    def loss(parameters: NDArray[np.float64]) -> float:
        logs = log_softmax(exact * np.exp(parameters[0]) + parameters[1:], axis=1)
        return float(SHIFT_PENALTY * np.square(parameters[1:]).mean() - logs[np.arange(len(truth)), truth].mean())

    found = minimize(loss, np.zeros(exact.shape[1] + 1), method="L-BFGS-B").x
    return float(np.exp(found[0])), np.asarray(found[1:], np.float32)


def measure(
    classes: Sequence[str], probabilities: Floats, lean: Floats, truth: NDArray[np.intp], natural: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return figures of the held-out folds: over all rows, and over those of natural balance."""
    chosen = (np.log(np.maximum(probabilities, 1e-9)) + lean).argmax(axis=1)
    return {
        name: {
            "rows": int(rows.sum()),
            "accuracy": round(float((chosen == truth)[rows].mean()), 4),
            "f1": _f1(classes, truth[rows], chosen[rows]),
            "calibration_error": calibration_error(hits_of(probabilities[rows], chosen[rows], truth[rows])),
        }
        for name, rows in (("all", np.ones(len(truth), bool)), ("natural", natural))
    }


def _f1(classes: Sequence[str], truth: NDArray[np.intp], chosen: NDArray[np.intp]) -> dict[str, float]:
    scores: Iterable[float] = f1_score(truth, chosen, average=None, labels=range(len(classes)), zero_division=0.0)
    return {name: round(float(score), 4) for name, score in zip(classes, scores, strict=True)}


def hits_of(probabilities: Floats, chosen: NDArray[np.intp], truth: NDArray[np.intp]) -> list[tuple[float, bool]]:
    """Return the probability of each chosen class, and whether it is the true one."""
    scores = probabilities[np.arange(len(truth)), chosen]
    return list(zip(scores.tolist(), (chosen == truth).tolist(), strict=True))

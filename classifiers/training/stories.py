"""Training the score of story pairs. Needs scikit-learn.

Learnt from labelled pairs whose number is even; those with an odd number are kept for checking. The labelled pairs are
alike by words on purpose; what most pairs of a day look like is learnt from articles of the stream that name the same
province on the same day and share few words (`unlike_pairs`). Rarities are counted over all texts there are.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from classifiers.folding import fold
from classifiers.linear import Floats
from classifiers.model_files import STORY_RARITIES, STORY_WEIGHTS, packed_arrays, write_files
from classifiers.stories import ABROAD, FEATURES, RARITY_STEP, Rarity, Texts
from classifiers.story_text import COLUMNS, LEAD_CHARS, Indices, StoryReader, StoryText, columns, tokens_of
from classifiers.training.examples import ENGLISH, STREAM, stored_rows
from config.errors import InputError

PAIRS: Final = "gold/story_pairs.jsonl"
LEAST_ARTICLES: Final = 5
"""A token that fewer articles hold counts as never seen: the table stays small."""
STRENGTH: Final = 0.03
"""C of the logistic regressions on standardised features."""
STRENGTH_ABROAD: Final = 0.1
UNCERTAIN_WEIGHT: Final = 0.5
UNLIKE_SHARE: Final = 0.05
"""What all pairs of `unlike_pairs` together weigh against the labelled ones."""
UNLIKE_SHARE_ABROAD: Final = 0.5
UNLIKE_DAYS: Final = 40
UNLIKE_A_DAY: Final = 260
"""Articles of a day that are looked at."""
MOST_ALIKE: Final = 0.35
"""Cosine of words from which two articles of one day and province may well tell of one event."""
MERGE_COST: Final = 3.25
"""How many times dearer it is to join two events than to part one: a false merge hides an event."""
MERGE_COST_ABROAD: Final = 4.5
"""The same across languages, where less is compared."""
FOLDS: Final = 10
SEED: Final = 20260901


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two labelled articles."""

    number: int
    sides: tuple[Mapping[str, str], Mapping[str, str]]
    same: bool
    uncertain: bool

    @property
    def held_out(self) -> bool:
        """True for a pair that training must not see."""
        return self.number % 2 == 1


def read_pairs(path: Path) -> list[Pair]:
    """Return the labelled pairs, by number. Raises InputError when there are none."""
    if not path.is_file():
        raise InputError("models.no_training_data", path=path)
    pairs = []
    with path.open(encoding="utf-8") as stream:
        for line, text in enumerate(stream, 1):
            try:
                row = json.loads(text)
                pairs.append(
                    Pair(
                        number=int(row["id"][1:]),
                        sides=(row["a"], row["b"]),
                        same=row["same_story"],
                        uncertain=row["uncertain"],
                    )
                )
            except (ValueError, KeyError, TypeError) as exc:
                raise InputError("models.bad_training_row", path=path, line=line, detail=exc) from exc
    return sorted(pairs, key=lambda pair: (pair.number, str(pair.sides[0].get("url"))))


def train_stories(data: Path, output: Path) -> dict[str, Any]:
    """Count rarities, learn both regressions on the even pairs, write them and return figures."""
    articles, counts = count_press(data)
    seen = np.flatnonzero(counts >= LEAST_ARTICLES)
    unseen = _steps(articles, np.ones(1))[0]
    steps = np.full(COLUMNS, unseen, np.uint8)
    steps[seen] = _steps(articles, counts[seen])
    pairs = [pair for pair in read_pairs(data / PAIRS) if not pair.held_out]
    texts, left, right = layout(pairs, Rarity(steps))
    same = np.array([pair.same for pair in pairs])
    row_weights = np.where([pair.uncertain for pair in pairs], UNCERTAIN_WEIGHT, 1.0)
    others, one, other = unlike_pairs(data, Rarity(steps))
    alike, alike_figures = learn(
        Rows(texts.features(left, right), same, row_weights),
        others.features(one, other),
        FEATURES,
        Recipe(STRENGTH, UNLIKE_SHARE, MERGE_COST),
    )
    abroad, abroad_figures = learn(
        Rows(texts.features_abroad(left, right), same, row_weights),
        others.features_abroad(one, other),
        ABROAD,
        Recipe(STRENGTH_ABROAD, UNLIKE_SHARE_ABROAD, MERGE_COST_ABROAD),
    )
    rarities = packed_arrays(columns=seen.astype(np.uint32), steps=steps[seen], unseen=np.array(unseen, np.uint8))
    weights = json.dumps({"alike": alike, "abroad": abroad}, indent=1) + "\n"
    write_files(output, {STORY_RARITIES: rarities, STORY_WEIGHTS: weights.encode()})
    return {"pairs": len(pairs), "alike": alike_figures, "abroad": abroad_figures}


def layout(pairs: Sequence[Pair], rarity: Rarity) -> tuple[Texts, Indices, Indices]:
    """Return the articles of some pairs, and the rows of the left and right ones."""
    reader = StoryReader.load()
    read = [
        reader.read(
            side["title"],
            side.get("summary") or "",
            published_at=datetime.fromisoformat(side["published_at"]),
            outlet=side["outlet"],
        )
        for pair in pairs
        for side in pair.sides
    ]
    left = np.arange(0, len(read), 2)
    return Texts(read, rarity), left, left + 1


def unlike_pairs(data: Path, rarity: Rarity) -> tuple[Texts, Indices, Indices]:
    """Return articles of the stream, and rows of pairs that are taken to tell of two events.

    Two articles of one day that name one province and share few words; nobody has read them.
    """
    labelled = {side["title"] for pair in read_pairs(data / PAIRS) for side in pair.sides}
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in stored_rows(data / STREAM):
        if row["title"] not in labelled:
            days[row["published_at"][:10]].append(row)
    randomness = random.Random(SEED)
    reader = StoryReader.load()
    texts: list[StoryText] = []
    pairs: list[tuple[int, int]] = []
    for day in randomness.sample(sorted(days), min(UNLIKE_DAYS, len(days))):
        naming: dict[int, list[int]] = defaultdict(list)
        for row in randomness.sample(days[day], min(UNLIKE_A_DAY, len(days[day]))):
            text = reader.read(
                row["title"],
                row.get("summary") or "",
                published_at=datetime.fromisoformat(row["published_at"]),
                outlet=row["outlet"],
            )
            for unit in text.units.tolist():
                naming[unit].append(len(texts))
            texts.append(text)
        pairs += [pair for places in naming.values() for pair in zip(places[::2], places[1::2], strict=False)]
    laid_out = Texts(texts, rarity)
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    unlike = laid_out.shared("words", left, right) < MOST_ALIKE
    return laid_out, left[unlike], right[unlike]


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled pairs, ready to be learnt from."""

    features: Floats
    same: NDArray[np.bool_]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one regression is learnt."""

    strength: float
    """C."""
    unlike_share: float
    merge_cost: float


def learn(rows: Rows, unlike: Floats, names: Sequence[str], recipe: Recipe) -> tuple[dict[str, Any], dict[str, float]]:
    """Return weights on raw features with a bias that puts the threshold at 0, and figures of the held-out folds.

    Two articles are joined where it is ``merge_cost`` times likelier that they tell of one event than of two.
    ``unlike`` are the features of pairs that are taken to tell of two; they are in no held-out fold.
    """
    threshold = float(np.log(recipe.merge_cost))
    held = np.zeros(len(rows.same))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(rows.features, rows.same):
        some = Rows(rows.features[train], rows.same[train], rows.weights[train])
        weights, bias = _fit(some, unlike, recipe)
        held[test] = rows.features[test] @ weights + bias
    weights, bias = _fit(rows, unlike, recipe)
    certain = rows.weights == 1.0
    joined, truth = held[certain] > threshold, rows.same[certain]
    hits = int((joined & truth).sum())
    figures = {
        "f1": _share(2 * hits, joined.sum() + truth.sum()),
        "recall": _share(hits, truth.sum()),
        "false_merge": _share((joined & ~truth).sum(), (~truth).sum()),
        "unlike_joined": _share((unlike @ weights + bias > threshold).sum(), len(unlike)),
    }
    stored = {
        "weights": {name: round(float(each), 6) for name, each in zip(names, weights, strict=True)},
        "bias": round(float(bias - threshold), 6),
    }
    return stored, figures


def _share(part: float, whole: float) -> float:
    """Return a share; 0 of nothing, for small data sets lack some kinds of pairs."""
    return round(float(part / whole), 4) if whole else 0.0


def _fit(rows: Rows, unlike: Floats, recipe: Recipe) -> tuple[Floats, float]:
    features = np.concatenate([rows.features, unlike])
    same = np.concatenate([rows.same, np.zeros(len(unlike), bool)])
    each = recipe.unlike_share * rows.weights.sum() / max(1, len(unlike))
    weights = np.concatenate([rows.weights, np.full(len(unlike), each)])
    scaler = StandardScaler().fit(features)
    regression = LogisticRegression(C=recipe.strength, max_iter=2000)
    regression.fit(scaler.transform(features), same, sample_weight=weights)
    found = regression.coef_[0] / scaler.scale_
    return found, float(regression.intercept_[0] - found @ scaler.mean_)


def count_tokens(texts: Iterable[tuple[str, str]]) -> tuple[int, NDArray[np.float64]]:
    """Return how many (title, lead) texts there are, and in how many each column occurs."""
    total, counts = 0, np.zeros(COLUMNS)
    for title, lead in texts:
        parts = [tokens_of(fold(title)), tokens_of(fold(lead[:LEAD_CHARS]))]
        held = columns(
            token
            for part in parts
            for token in (*part.words, *part.pairs, *part.full_names, *part.numbers, *part.days, *part.plain_names())
        )
        counts[held] += 1
        total += 1
    return total, counts


def count_press(data: Path) -> tuple[int, NDArray[np.float64]]:
    """Return the number of articles of the stream, and in how many each column occurs.

    English is counted as if it were a stream of the same size.
    """
    articles, counts = count_tokens((row["title"], row.get("summary") or "") for row in stored_rows(data / STREAM))
    # the stream hardly tells which English words are common
    sentences, english = count_tokens((text, "") for text in {row["sentence"] for row in stored_rows(data / ENGLISH)})
    return articles, counts + english * (articles / max(1, sentences))


def _steps(articles: int, counts: NDArray[Any]) -> NDArray[np.uint8]:
    rarity = np.log(articles / (1.0 + counts))
    return np.clip(np.round(rarity / RARITY_STEP), 0, 255).astype(np.uint8)

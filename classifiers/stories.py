"""Whether two articles tell of one event: a learned score of title, lead, time and outlet.

Two logistic regressions over what the articles share. One compares texts of one language; the other reads only what
survives translation (places, kinds of events, names without diacritics, numbers, times). It is asked where two articles
are not both Vietnamese and share the kind of event or a name: a place alone joins nothing.
`classifiers.training.stories` makes the files.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from classifiers.linear import Floats
from classifiers.model_files import MODELS, STORY_RARITIES, STORY_WEIGHTS, checked_file, read_arrays
from classifiers.story_text import COLUMNS, Indices, StoryReader, StoryText
from config.errors import ModelError

UNKNOWN_GAP_H: Final = 12.0
"""Hours between two articles of which one has no date."""
LONGEST_GAP_H: Final = 96.0
FEATURES: Final = (
    "words",
    "title",
    "title_found_least",
    "title_found_most",
    "pairs",
    "rare_words",
    "rare_pairs",
    "names_share",
    "names",
    "names_unshared",
    "full_names",
    "numbers",
    "units",
    "units_differ",
    "places",
    "places_differ",
    "gap",
    "gap_log",
    "same_outlet",
    "shorter",
    "gap_words",
    "gap_names",
    "gap_same_outlet",
)
"""What two texts of one language are judged by, in the order of `Texts.features`."""
ABROAD: Final = ("units", "units_differ", "amounts", "plain_names", "events", "events_differ", "gap", "gap_log")
"""What texts in two languages are judged by, in the order of `Texts.features_abroad`."""
LEAST_ALIKE: Final = 0.2
"""Cosine of words below which two articles are not compared; joining the labelled pairs needs none below."""
LEAST_ALIKE_ABROAD: Final = 1.0
"""The same across languages: places, kinds of events, names and numbers that must be shared, by rarity or number."""
RARE_WORD: Final = 6.0
RARE_PAIR: Final = 8.0
"""Rarity above which a shared word, or pair of words, says something of itself."""
UNSEEN_SCRIPT: Final = 6.0
"""Rarity of every token in scripts that the table of rarities has not seen: Chinese, Japanese, Thai, Russian …"""
RARITY_STEP: Final = 0.05
"""In which rarities are kept; one byte holds up to 12.75, one in 340,000."""
TINY: Final = 1e-6
"""Keeps texts without any token from a division by 0."""
ROWS_AT_ONCE: Final = 256
"""Articles compared with all others in one step; bounds memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A logistic regression shifted so that a score above 0 joins two articles."""

    weights: Floats
    """One a feature, of features as they are (the scaling of training is multiplied in)."""
    bias: float

    def score(self, features: Floats) -> Floats:
        """Return log-odds of shape (pairs,)."""
        return np.asarray(features @ self.weights + np.float32(self.bias), np.float32)


class Rarity:
    """How rare tokens are in the press: log of (articles / articles that hold the token)."""

    def __init__(self, steps: NDArray[np.uint8]) -> None:
        """``steps``: one a column of the hash, each `RARITY_STEP`."""
        self._steps = steps

    def of(self, columns: Indices) -> Floats:
        """Return the rarity of hashed tokens."""
        return np.asarray(self._steps[columns] * np.float32(RARITY_STEP), np.float32)


class Texts:
    """Articles laid out to be compared: a sparse matrix a block, a row an article."""

    def __init__(self, texts: Sequence[StoryText], rarity: Rarity) -> None:
        self.size = len(texts)
        self.vietnamese = np.array([text.accented for text in texts], bool)
        self._latin = np.array([text.latin for text in texts], bool)
        hours = [np.nan if text.published_at is None else text.published_at.timestamp() / 3600 for text in texts]
        self._hours = np.array(hours, np.float64)
        self._outlets = _numbered([text.outlet or f" {at}" for at, text in enumerate(texts)])
        words = _Rows.of([text.words.columns for text in texts])
        title = _Rows.of([text.title.columns for text in texts])
        pairs = _Rows.of([text.pairs.columns for text in texts])
        capitals = _Rows.of([text.capitals for text in texts])
        full_names = _Rows.of([text.full_names for text in texts])
        numbers = _Rows.of([text.numbers for text in texts])
        amounts = _Rows.of([text.amounts for text in texts])
        plain_names = _Rows.of([text.plain_names for text in texts])
        of_words, of_title, of_pairs, of_capitals, of_full_names = (
            self._rare(rows, rarity) for rows in (words, title, pairs, capitals, full_names)
        )
        self.words = np.array([text.words.counts.sum() for text in texts], np.float32)
        self.name_total = capitals.sums(of_capitals)
        title_share = of_title / np.repeat(np.maximum(title.sums(of_title), TINY), title.lengths)
        blocks = {
            "words": words.matrix(words.unit_length(of_words * _damped([text.words.counts for text in texts]))),
            "title": title.matrix(title.unit_length(of_title * _damped([text.title.counts for text in texts]))),
            "present": words.matrix(np.ones(len(of_words), np.float32)),
            "title_share": title.matrix(title_share),
            "pairs": pairs.matrix(pairs.unit_length(of_pairs * _damped([text.pairs.counts for text in texts]))),
            "rare_words": words.matrix(np.sqrt(np.maximum(of_words - RARE_WORD, 0))),
            "rare_pairs": pairs.matrix(np.sqrt(np.maximum(of_pairs - RARE_PAIR, 0))),
            "names": capitals.matrix(np.sqrt(of_capitals)),
            "name_weights": capitals.matrix(of_capitals),
            "full_names": full_names.matrix(np.sqrt(of_full_names)),
            "numbers": numbers.matrix(np.sqrt(rarity.of(numbers.columns))),
            "amounts": amounts.matrix(np.sqrt(rarity.of(amounts.columns))),
            "plain_names": plain_names.matrix(np.sqrt(rarity.of(plain_names.columns))),
        }
        for name, rows in (
            ("units", _Rows.of([text.units for text in texts])),
            ("places", _Rows.of([text.places for text in texts])),
            ("events", _Rows.of([text.events for text in texts])),
        ):
            blocks[name] = rows.matrix(np.ones(len(rows.columns), np.float32))
        self.blocks: Mapping[str, csr_array] = blocks

    def _rare(self, rows: "_Rows", rarity: Rarity) -> Floats:
        """Return the rarity of each value; one and the same in scripts that the table does not know."""
        known = np.repeat(self._latin, rows.lengths)
        return np.where(known, rarity.of(rows.columns), np.float32(UNSEEN_SCRIPT))

    def shared(self, block: str, left: Indices, right: Indices, other: str | None = None) -> Floats:
        """Return the scalar product of rows of a block (of two blocks, with ``other``), one a pair."""
        product = self.blocks[block][left].multiply(self.blocks[other or block][right])
        return np.asarray(product.sum(axis=1), np.float32).ravel()

    def counts(self, block: str) -> NDArray[np.intp]:
        """Return how many columns of a block each row has."""
        return np.asarray(np.diff(self.blocks[block].indptr), np.intp)

    def gap_h(self, left: Indices, right: Indices) -> Floats:
        """Return hours between publications, one a pair."""
        gap = np.abs(self._hours[left] - self._hours[right])
        return np.minimum(np.where(np.isnan(gap), UNKNOWN_GAP_H, gap), LONGEST_GAP_H).astype(np.float32)

    def features(self, left: Indices, right: Indices) -> Floats:
        """Return an array of shape (pairs, FEATURES)."""
        gap = self.gap_h(left, right)
        gap_log = np.log1p(gap)
        words = self.shared("words", left, right)
        found = (
            self.shared("title_share", left, right, "present"),
            self.shared("title_share", right, left, "present"),
        )
        names = self.shared("names", left, right)
        totals = self.name_total[left], self.name_total[right]
        unshared = (
            totals[0] - self.shared("name_weights", left, right, "present"),
            totals[1] - self.shared("name_weights", right, left, "present"),
        )
        names_share = names / np.maximum(np.minimum(*totals), 1e-6)
        units, units_differ = self._met("units", left, right)
        places, places_differ = self._met("places", left, right)
        same_outlet = (self._outlets[left] == self._outlets[right]).astype(np.float32)
        columns = {
            "words": words,
            "title": self.shared("title", left, right),
            "title_found_least": np.minimum(*found),
            "title_found_most": np.maximum(*found),
            "pairs": np.sqrt(self.shared("pairs", left, right)),
            "rare_words": np.log1p(self.shared("rare_words", left, right)),
            "rare_pairs": np.log1p(self.shared("rare_pairs", left, right)),
            "names_share": names_share,
            "names": np.log1p(names),
            "names_unshared": np.minimum(*unshared),
            "full_names": np.log1p(self.shared("full_names", left, right)),
            "numbers": np.log1p(self.shared("numbers", left, right)),
            "units": units,
            "units_differ": units_differ,
            "places": places,
            "places_differ": places_differ,
            "gap": gap,
            "gap_log": gap_log,
            "same_outlet": same_outlet,
            "shorter": np.minimum(self.words[left], self.words[right]),
            "gap_words": gap_log * words,
            "gap_names": gap_log * names_share,
            "gap_same_outlet": gap_log * same_outlet,
        }
        return np.stack([columns[name] for name in FEATURES], axis=1).astype(np.float32)

    def features_abroad(self, left: Indices, right: Indices) -> Floats:
        """Return an array of shape (pairs, ABROAD)."""
        gap = self.gap_h(left, right)
        units, units_differ = self._met("units", left, right)
        events, events_differ = self._met("events", left, right)
        columns = {
            "units": units,
            "units_differ": units_differ,
            "amounts": np.log1p(self.shared("amounts", left, right)),
            "plain_names": np.log1p(self.shared("plain_names", left, right)),
            "events": events,
            "events_differ": events_differ,
            "gap": gap,
            "gap_log": np.log1p(gap),
        }
        return np.stack([columns[name] for name in ABROAD], axis=1).astype(np.float32)

    def _met(self, block: str, left: Indices, right: Indices) -> tuple[Floats, Floats]:
        """Return how many columns two rows share, and whether both have some and none in common."""
        shared, counts = self.shared(block, left, right), self.counts(block)
        differ = (counts[left] > 0) & (counts[right] > 0) & (shared == 0)
        return np.log1p(shared), differ.astype(np.float32)


class StoryScorer:
    """Reads articles and compares them. Build it with ``StoryScorer.load()``."""

    def __init__(self, reader: StoryReader, rarity: Rarity, alike: Regression, abroad: Regression) -> None:
        self.read = reader.read
        self._rarity = rarity
        self._alike = alike
        self._abroad = abroad

    @classmethod
    def load(cls, folder: Path = MODELS) -> "StoryScorer":
        """Read the committed weights, once a process. Raises ModelError naming the file that is missing or damaged."""
        return _load(folder)

    def lay_out(self, texts: Sequence[StoryText]) -> Texts:
        """Return some articles ready to be compared."""
        return Texts(texts, self._rarity)

    def score(self, texts: Texts, left: Indices, right: Indices) -> Floats:
        """Return how surely each pair of rows tells of one event: log-odds, above 0 where they should be joined."""
        if not len(left):
            return np.zeros(0, np.float32)
        scores = self._alike.score(texts.features(left, right))
        foreign = ~(texts.vietnamese[left] & texts.vietnamese[right])
        foreign &= texts.shared("events", left, right) + texts.shared("plain_names", left, right) > 0
        if foreign.any():
            chosen = left[foreign], right[foreign]
            scores[foreign] = np.maximum(scores[foreign], self._abroad.score(texts.features_abroad(*chosen)))
        return scores


def candidates(texts: Texts, wanted: NDArray[np.bool_]) -> tuple[Indices, Indices]:
    """Return the pairs worth comparing of which at least one row is ``wanted``; each once, left < right."""
    rows = np.flatnonzero(wanted)
    found = list(_alike(texts.blocks["words"], rows, LEAST_ALIKE))
    foreign = np.flatnonzero(~texts.vietnamese)
    if len(foreign):
        anything = sum((texts.blocks[name] for name in ("plain_names", "amounts", "events")), texts.blocks["units"])
        for left, right in _alike(anything, foreign, LEAST_ALIKE_ABROAD):
            kept = wanted[left] | wanted[right]
            found.append((left[kept], right[kept]))
    left = np.concatenate([each for each, _ in found] or [np.zeros(0, np.int64)])
    right = np.concatenate([each for _, each in found] or [np.zeros(0, np.int64)])
    pairs = np.unique(np.minimum(left, right) * texts.size + np.maximum(left, right))
    low, high = pairs // max(1, texts.size), pairs % max(1, texts.size)
    return low[low != high], high[low != high]


def _alike(block: csr_array, rows: Indices, least: float) -> Iterator[tuple[Indices, Indices]]:
    """Yield the pairs (one of ``rows``, any row) whose scalar product is large enough, some rows at a time."""
    used, places = np.unique(block.indices, return_inverse=True)
    block = csr_array(
        (block.data, places, block.indptr), shape=(block.shape[0], len(used))
    )  # a product costs by column
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        products = (block[some] @ block.T).tocoo()
        kept = products.data >= least
        yield some[products.coords[0][kept]], products.coords[1][kept].astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The columns of many texts, one behind another."""

    columns: Indices
    lengths: Indices
    """Columns of each text."""

    @classmethod
    def of(cls, rows: Sequence[Indices]) -> "_Rows":
        lengths = np.array([len(row) for row in rows], np.int64)
        return cls(columns=np.concatenate([*rows, np.zeros(0, np.int64)]), lengths=lengths)

    @property
    def ends(self) -> Indices:
        return np.concatenate([[0], np.cumsum(self.lengths)])

    def sums(self, values: Floats) -> Floats:
        """Return the sum of the values of each text."""
        running = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        return np.asarray(np.diff(running[self.ends]), np.float32)

    def unit_length(self, values: Floats) -> Floats:
        """Return the values scaled so that their squares sum to 1 in each text."""
        lengths = np.sqrt(np.maximum(self.sums(values * values), TINY))
        return np.asarray(values / np.repeat(lengths, self.lengths), np.float32)

    def matrix(self, values: Floats) -> csr_array:
        return csr_array((values, self.columns, self.ends), shape=(len(self.lengths), COLUMNS))


def _damped(counts: Sequence[NDArray[np.int64]]) -> Floats:
    """Return 1 + log of each count: what is said twice is not twice as much."""
    together = np.concatenate([*counts, np.zeros(0, np.int64)])
    return np.asarray(1 + np.log(np.maximum(together, 1)), np.float32)


def _numbered(names: Sequence[str]) -> NDArray[np.intp]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.intp)


@lru_cache(maxsize=2)
def _load(folder: Path) -> StoryScorer:
    path = folder / STORY_WEIGHTS
    try:
        weights = json.loads(checked_file(folder, STORY_WEIGHTS))
        return StoryScorer(
            StoryReader.load(),
            _rarity(folder),
            _regression(weights["alike"], FEATURES),
            _regression(weights["abroad"], ABROAD),
        )
    except (ValueError, KeyError, TypeError, OSError) as exc:
        raise ModelError("models.damaged", path=path, detail=exc) from exc


def _rarity(folder: Path) -> Rarity:
    steps = np.zeros(COLUMNS, np.uint8)
    try:
        stored = read_arrays(checked_file(folder, STORY_RARITIES))
        steps[:] = stored["unseen"]
        steps[stored["columns"]] = stored["steps"]
    except (ValueError, KeyError, IndexError) as exc:
        raise ModelError("models.damaged", path=folder / STORY_RARITIES, detail=exc) from exc
    return Rarity(steps)


def _regression(stored: Mapping[str, Any], names: Sequence[str]) -> Regression:
    return Regression(
        weights=np.array([float(stored["weights"][name]) for name in names], np.float32), bias=float(stored["bias"])
    )

"""Items a second through the search for stories, beside plain TF-IDF and cosine in the same run, on one core.

``python -m tests.benchmarks.stories [ITEMS.jsonl[.xz]] [--unit SLUG] [--items-read N]``; without a file the stream of
``DIEMBAO_EVAL_DATA``. Both read the items that name one province, a day at a time, and compare each with those of the
three days before. Also printed: what share of the pairs another order of arrival within the days changes, and how much
memory was taken.
"""

import argparse
import os
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations, islice
from pathlib import Path
from typing import Any, TypeVar

from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from classifiers.gate import Gate
from classifiers.stories import StoryScorer
from config.localtime import LOCAL_ZONE
from pipeline.importing import ItemFile
from pipeline.records import Item
from pipeline.stories.batch import find_stories
from pipeline.stories.finder import QUIET_DAYS, StoryFinder

LEAST_PER_S = 1_000
MOST_CHANGED = 0.02
"""Share of pairs that the order of arrival may change."""
PLAIN_ALIKE = 0.3
"""Cosine from which plain TF-IDF joins two items."""
STREAM = Path(os.environ.get("DIEMBAO_EVAL_DATA", ".")) / "data/stream.jsonl.xz"

Result = TypeVar("Result")


def main() -> int:
    """Print rates and the effect of order; exit 1 when one is beyond its bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=Path, nargs="?", default=STREAM)
    parser.add_argument("--unit", default="ho-chi-minh")
    parser.add_argument("--items-read", type=int, default=200_000)
    options = parser.parse_args()
    gate = Gate.load()
    items = [
        item
        for item in islice(ItemFile(path=options.items).items(), options.items_read)
        if options.unit in gate.find_units(f"{item.title}\n{item.summary}")
    ]
    scorer = StoryScorer.load()
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate, rows = timed(items, lambda: find_stories(items, StoryFinder(scorer), outlet_of))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb
    plain_rate, plain_stories = timed(items, lambda: plain(items))
    stories = {row["story_id"] for row in rows}
    print(
        f"stories: {rate:,.0f} items/s, {rate / plain_rate:.2f} × plain TF-IDF ({plain_rate:,.0f}/s); {len(items)} "
        f"items, {len(stories)} stories (plain: {plain_stories}); {memory_mb:,.0f} MB more than the items"
    )
    again = find_stories(shuffled_within_days(items), StoryFinder(scorer), outlet_of)
    one, other = pairs(rows), pairs(again)
    changed = len(one ^ other) / max(1, len(one | other))
    print(f"another order of arrival within the days changes {changed:.2%} of {len(one)} pairs")
    return 0 if rate >= LEAST_PER_S and changed <= MOST_CHANGED else 1


def plain(items: Sequence[Item]) -> int:
    """Cluster by TF-IDF and cosine as one would write it in an afternoon; returns the number of stories."""
    days: dict[date, list[Item]] = defaultdict(list)
    for item in items:
        days[day_of(item)].append(item)
    stories = 0
    window: list[Item] = []
    for day in sorted(days):
        window = [item for item in window if (day - day_of(item)).days <= QUIET_DAYS] + days[day]
        vectors = TfidfVectorizer().fit_transform([f"{item.title} {item.summary}" for item in window])
        joined = (vectors @ vectors.T).toarray() >= PLAIN_ALIKE
        labels = connected_components(joined, directed=False)[1]
        started = len(window) - len(days[day])
        stories += len(set(labels[started:].tolist()) - set(labels[:started].tolist()))
    return stories


def shuffled_within_days(items: Sequence[Item]) -> list[Item]:
    """Return the items with those of each day in another order."""
    places: dict[date, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        places[day_of(item)].append(place)
    randomness = random.Random(20260301)
    order = list(range(len(items)))
    for of_day in places.values():
        for place, other in zip(of_day, randomness.sample(of_day, len(of_day)), strict=True):
            order[place] = other
    return [items[place] for place in order]


def pairs(rows: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Return the pairs of items that share a story."""
    stories: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        stories[row["story_id"]].append(row["id"])
    return {pair for ids in stories.values() for pair in combinations(sorted(ids), 2)}


def outlet_of(item: Item) -> tuple[str, int]:
    return item.outlet, 1


def day_of(item: Item) -> date:
    assert item.published_at
    return item.published_at.astimezone(LOCAL_ZONE).date()


def timed(items: Sequence[Item], work: Callable[[], Result]) -> tuple[float, Result]:
    """Return items a second of processor time, and what came of it."""
    started_at = time.process_time()
    result = work()
    return len(items) / (time.process_time() - started_at), result


if __name__ == "__main__":
    sys.exit(main())

"""Items a second through the search for stories, beside plain TF-IDF and cosine in the same run, on one core.

``python -m tests.benchmarks.stories [ITEMS.jsonl[.xz]] [--unit SLUG] [--items-read N]``; without a file the stream of
``DIEMBAO_EVAL_DATA``. Both read the items that name one province, a day at a time, and compare each with those of the
three days before. Also printed: how many pairs another order of arrival within the days changes.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import combinations, islice
from pathlib import Path

from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

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
    rate, rows = timed(items, lambda: find_stories(items, StoryFinder(scorer), outlet_of))
    plain_rate, plain_stories = timed(items, lambda: plain(items))
    found = {str(row["id"]): str(row["story_id"]) for row in rows}
    print(
        f"stories: {rate:,.0f} items/s, {len(set(found.values()))} stories of {len(items)} items; "
        f"plain TF-IDF {plain_rate:,.0f} items/s, {plain_stories} stories; ratio {rate / plain_rate:.2f}"
    )
    arrived = shuffled_within_days(items)
    again = {str(row["id"]): str(row["story_id"]) for row in find_stories(arrived, StoryFinder(scorer), outlet_of)}
    before, after = pairs(found), pairs(again)
    changed = len(before ^ after) / max(1, len(before | after))
    print(f"stories: another order of arrival within the days changes {changed:.2%} of {len(before)} pairs")
    return 0 if rate >= LEAST_PER_S and changed <= MOST_CHANGED else 1


def timed(items: Sequence[Item], work: Callable[[], object]) -> tuple[float, object]:
    """Return items a second of processor time, and what came of it."""
    started_at = time.process_time()
    result = work()
    return len(items) / (time.process_time() - started_at), result

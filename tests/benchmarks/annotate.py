"""Candidates a second through the whole annotator, on one core, models loaded.

``python -m tests.benchmarks.annotate [DATA]`` reads ``gold/dev.jsonl`` (title and lead) and ``gold/fulltext.jsonl`` of
DATA, which is ``data`` in ``DIEMBAO_EVAL_DATA`` when not named.
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path

from classifiers.annotator import Annotator
from classifiers.batch import read_items
from pipeline.records import Item

LEAST_PER_S = {"dev": 40, "fulltext": 10}
MOST_LOAD_S = 3
MOST_MEMORY_MB = 700
DATA = Path(os.environ.get("DIEMBAO_EVAL_DATA", ".")) / "data"


def main() -> int:
    """Print the rates; exit 1 when one is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    gold = parser.parse_args().data / "gold"
    started_at = time.process_time()
    annotator = Annotator.load()
    annotator.annotate(Item(id="1", title="Công an tỉnh Cao Bằng họp"))  # underthesea loads its model on first use
    load_s = time.process_time() - started_at
    kept = load_s <= MOST_LOAD_S
    for name, least in LEAST_PER_S.items():
        with (gold / f"{name}.jsonl").open("rb") as stream:
            items = [item for item in read_items(stream) if isinstance(item, Item)]
        started_at = time.process_time()
        for item in items:
            annotator.annotate(item)
        rate = len(items) / (time.process_time() - started_at)
        kept &= rate >= least
        print(f"{name}: {rate:,.0f} items/s, {len(items)} items of {_mean_chars(items):,.0f} characters")
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"loaded in {load_s:.1f} s, {memory_mb:,.0f} MB at most")
    return 0 if kept and memory_mb <= MOST_MEMORY_MB else 1


def _mean_chars(items: list[Item]) -> float:
    return sum(len(item.title + item.summary + item.text) for item in items) / len(items)


if __name__ == "__main__":
    sys.exit(main())

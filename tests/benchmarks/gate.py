"""Items a second through the gate, on one core.

``python -m tests.benchmarks.gate [ITEMS.jsonl[.xz]] [--items-read N]``; without a file the stream of
``DIEMBAO_EVAL_DATA``.
"""

import argparse
import lzma
import os
import sys
import time
from itertools import islice
from pathlib import Path

from classifiers.batch import read_items
from classifiers.gate import Gate
from pipeline.records import Item

LEAST_PER_S = 5_000
STREAM = Path(os.environ.get("DIEMBAO_EVAL_DATA", ".")) / "data/stream.jsonl.xz"


def main() -> int:
    """Print the rate; exit 1 when it is below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=Path, nargs="?", default=STREAM)
    parser.add_argument("--items-read", type=int, default=20_000)
    options = parser.parse_args()
    opener = lzma.open if options.items.suffix == ".xz" else open
    with opener(options.items, "rb") as stream:
        lines = islice(read_items(stream), options.items_read)
        texts = [f"{item.title}\n{item.summary}" for item in lines if isinstance(item, Item)]
    started_at = time.perf_counter()
    gate = Gate.load()
    load_s = time.perf_counter() - started_at
    started_at = time.process_time()
    passed = sum(bool(gate.find_units(text)) for text in texts)
    rate = len(texts) / (time.process_time() - started_at)
    print(f"gate: {rate:,.0f} items/s, {passed / len(texts):.1%} pass, tables loaded in {load_s:.2f} s")
    return 0 if rate >= LEAST_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())

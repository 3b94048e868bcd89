"""Candidates a second through the whole annotator, on one core, models loaded, beside a plain TF-IDF model.

``python -m tests.benchmarks.annotate [DATA]`` reads ``gold/dev.jsonl`` (title and lead), ``gold/fulltext.jsonl`` and
``gold/train.jsonl`` of DATA, which is ``data`` in ``DIEMBAO_EVAL_DATA`` when not named. The plain model is what one
would write in an afternoon: scikit-learn's TF-IDF of words and runs of letters, one logistic regression a task, the
province found by its name.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from classifiers.annotator import Annotator
from classifiers.batch import read_items
from config.units import historic_units
from pipeline.records import Item

LEAST_PER_S = {"dev": 40, "fulltext": 10}
MOST_LOAD_S = 3
MOST_MEMORY_MB = 700
MOST_ITEMS = 400
"""So many of each set are read; more of them do not change the rate."""
PLAIN_ROWS = 3000
"""Of the training rows; more of them make the plain model better, not slower."""
DATA = Path(os.environ.get("DIEMBAO_EVAL_DATA", ".")) / "data"

Annotate = Callable[[Item], object]


def main() -> int:
    """Print the rates; exit 1 when one is below its floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    gold = parser.parse_args().data / "gold"
    started_at = time.process_time()
    annotator = Annotator.load()
    annotator.annotate(Item(id="1", title="Công an tỉnh Cao Bằng họp"))  # underthesea loads its model on first use
    load_s = time.process_time() - started_at
    sets = {name: _items(gold / f"{name}.jsonl") for name in LEAST_PER_S}
    rates = {name: _rate(annotator.annotate, items) for name, items in sets.items()}
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before the plain model takes its share
    plain = plain_model(gold / "train.jsonl")
    for name, items in sets.items():
        beside = _rate(plain, items)
        print(
            f"{name}: {rates[name]:,.0f} items/s, {rates[name] / beside:.2f} × the plain model ({beside:,.0f}/s); "
            f"{len(items)} items of {_mean_chars(items):,.0f} characters"
        )
    print(f"loaded in {load_s:.1f} s, {memory_mb:,.0f} MB at most")
    kept = all(rates[name] >= least for name, least in LEAST_PER_S.items())
    return 0 if kept and load_s <= MOST_LOAD_S and memory_mb <= MOST_MEMORY_MB else 1


def plain_model(path: Path) -> Annotate:
    """Return what gives an item's labels by scikit-learn alone."""
    with path.open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line, _ in zip(stream, range(PLAIN_ROWS), strict=False)]
    texts = [f"{row['title']}. {row['summary']}" for row in rows]
    labels = {
        "relevance": [row["relevance"] for row in rows],
        "tone": [row["tone"] or "none" for row in rows],
        "bad_event": [row["bad_event"] for row in rows],
        "topic": [row["topics"][0] for row in rows],
    }
    models = {task: _plain().fit(texts, values) for task, values in labels.items()}
    names = [unit.name for unit in historic_units().values()]

    def annotate(item: Item) -> dict[str, Any]:
        text = f"{item.title}. {item.summary or item.text}"
        named = [name for name in names if name in text]
        return {"units": named, **{task: model.predict([text])[0] for task, model in models.items()}}

    return annotate


def _plain() -> Any:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)
    return make_pipeline(make_union(words, letters), LogisticRegression(C=4, max_iter=60, tol=1e-2))


def _items(path: Path) -> list[Item]:
    with path.open("rb") as stream:
        return [item for item in read_items(stream) if isinstance(item, Item)][:MOST_ITEMS]


def _rate(annotate: Annotate, items: Sequence[Item]) -> float:
    started_at = time.process_time()
    for item in items:
        annotate(item)
    return len(items) / (time.process_time() - started_at)


def _mean_chars(items: Sequence[Item]) -> float:
    return sum(len(item.title + item.summary + item.text) for item in items) / len(items)


if __name__ == "__main__":
    sys.exit(main())

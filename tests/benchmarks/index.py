"""Documents a second into Elasticsearch beside plain `parallel_bulk`, and how soon both indexes answer, in one run.

    python -m tests.benchmarks.index [--rounds 2] [--home FOLDER]

The items of ``DIEMBAO_EVAL_DATA/data/stream.jsonl.xz`` are imported once. Then rounds alternate on one real server: the
feeder reads outbox and documents from the store, builds what is sent and confirms each row; `parallel_bulk` with its
own defaults gets the same bodies, built beforehand. Searches are words, phrases, unaccented words and filters taken
from the items' own titles.
"""

import argparse
import gc
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from elasticsearch.helpers import parallel_bulk

from config.localtime import LOCAL_ZONE
from config.settings import SETTINGS_FILE
from pipeline.app import Installation, init_home
from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_client import ElasticServer, connect
from pipeline.index.elastic_document import OwnView, to_source
from pipeline.index.elastic_feed import Pace, feed_elastic
from pipeline.index.feed import ELASTIC
from pipeline.index.protocol import ArticleIndex, Filters, SearchRequest
from pipeline.index.tokens import normalise, tokens
from pipeline.store import Store
from tests.elastic.cluster import Cluster
from tests.elastic.software import NoServerError, server_software

HEAP_MB = 1024
WARM_UP = 20_000
"""Documents sent before anything is timed: Java compiles what it runs often."""
QUERIES_A_KIND = 10
PASSES = 3
READ_AT_ONCE = 500

Body = dict[str, Any]


def import_stream(home: Path, stream: Path) -> Installation:
    """Import every item into a new installation that indexes all of them."""
    init_home(home, province="cao-bang", contact="press@caobang.example", lang="en")
    path = home / SETTINGS_FILE
    path.write_text(path.read_text(encoding="utf-8").replace("scope: assessed", "scope: all"), encoding="utf-8")
    installation = Installation(home)
    installation.import_items(stream, (None, None))
    return installation


def bodies(store: Store, number: int) -> Iterator[Body]:
    """Yield what both ways send of the first ``number`` documents of the outbox."""
    own = OwnView()
    rows = store.outbox(ELASTIC, number)
    for start in range(0, len(rows), READ_AT_ONCE):
        for doc in store.documents_by_id([row.document_id for row in rows[start : start + READ_AT_ONCE]]):
            yield to_source(doc, own)


def time_feeder(store: Store, index: ElasticIndex) -> float:
    """Return documents a second from the outbox into an empty index."""
    index.clear()
    store.enqueue_all(ELASTIC, index_all=True)
    number = store.outbox_size(ELASTIC)
    started = time.perf_counter()
    feed_elastic(store, index, ELASTIC, pace=Pace(patience_s=60.0), now=lambda: datetime.now(UTC))
    elapsed = time.perf_counter() - started
    _check(index, number)
    return number / elapsed


def time_parallel_bulk(sources: Sequence[Body], index: ElasticIndex, url: str) -> float:
    """Return documents a second from memory into an empty index."""
    index.clear()
    name = index.indices.write_alias
    client = connect(ElasticServer(urls=(url,)))
    actions = ({"_index": name, "_id": source["id"], "_source": source} for source in sources)
    started = time.perf_counter()
    for _ in parallel_bulk(client, actions):
        pass
    index.indices.refresh(name)
    elapsed = time.perf_counter() - started
    client.close()
    _check(index, len(sources))
    return len(sources) / elapsed


def queries(sources: Sequence[Body]) -> list[SearchRequest]:
    """Return searches of five kinds from titles chosen at random, the same ones in every run."""
    chosen = iter(random.Random(7).sample(sources, len(sources)))

    def words(number: int) -> Iterator[tuple[Body, list[tuple[str, str]]]]:
        for source in chosen:
            found = [(token.exact, token.plain) for token in tokens(normalise(source["title"]))]
            if len(found) >= number + 2:
                yield source, found[1 : 1 + number]

    def some(number: int) -> Iterator[tuple[Body, list[tuple[str, str]]]]:
        return (pair for pair, _ in zip(words(number), range(QUERIES_A_KIND), strict=False))

    def around(source: Body) -> Filters:
        day = datetime.fromisoformat(source["published_at"]).astimezone(LOCAL_ZONE).date()
        return Filters(since=day - timedelta(days=15), until=day + timedelta(days=15))

    kinds = (
        (SearchRequest(query=exact) for _, [(exact, _)] in some(1)),
        (SearchRequest(query=" ".join(exact for exact, _ in found)) for _, found in some(3)),
        (SearchRequest(query=" ".join(plain for _, plain in found)) for _, found in some(2)),
        (SearchRequest(query=f'"{found[0][0]} {found[1][0]}"', facets=("day", "outlet")) for _, found in some(2)),
        (SearchRequest(query=found[0][1], filters=around(source)) for source, found in some(1)),
    )
    return list(chain.from_iterable(kinds))


def latencies_ms(index: ArticleIndex, requests: Sequence[SearchRequest]) -> list[float]:
    """Return how long each search took, after one pass that is not timed."""
    for request in requests:
        index.search(request)
    taken = []
    for request in list(requests) * PASSES:
        started = time.perf_counter()
        index.search(request)
        taken.append((time.perf_counter() - started) * 1_000)
    return taken


def main() -> None:
    """Print both rates, their ratio and the latencies of both indexes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--home", type=Path, help="keep the imported items here, or use those that are there")
    args = parser.parse_args()
    try:
        software = server_software()
    except NoServerError as reason:
        raise SystemExit(str(reason)) from None
    stream = Path(os.environ["DIEMBAO_EVAL_DATA"]) / "data/stream.jsonl.xz"
    with tempfile.TemporaryDirectory() as name:
        home = args.home or Path(name) / "home"
        installation = Installation(home) if (home / SETTINGS_FILE).exists() else import_stream(home, stream)
        with Cluster(software, heap_mb=HEAP_MB, java_options=()) as server:
            _measure(installation, server.url, args.rounds)
        installation.close()


def _measure(installation: Installation, url: str, rounds: int) -> None:
    store = installation.store
    store.enqueue_all(ELASTIC, index_all=True)
    sources = list(bodies(store, store.outbox_size(ELASTIC)))
    gc.freeze()  # what lies there for parallel_bulk must not slow the feeder down
    requests = queries(sources)
    index = ElasticIndex(connect(ElasticServer(urls=(url,))), url)
    time_parallel_bulk(sources[:WARM_UP], index, url)
    ours, plain = [], []
    for number in range(rounds):
        first = number % 2 == 0  # who comes second finds a server that is warmer
        if first:
            plain.append(time_parallel_bulk(sources, index, url))
        ours.append(time_feeder(store, index))
        if not first:
            plain.append(time_parallel_bulk(sources, index, url))
        print(f"  parallel_bulk {plain[-1]:.0f}, feeder {ours[-1]:.0f}", file=sys.stderr)
    print(f"documents            {len(sources)}")
    print(f"outbox to index      {statistics.median(ours):7.0f} documents/s")
    print(f"parallel_bulk        {statistics.median(plain):7.0f} documents/s")
    print(f"ratio                {statistics.median(a / b for a, b in zip(ours, plain, strict=True)):7.2f}")
    for name, searched in (("embedded", installation.index), ("elastic", index)):
        taken = latencies_ms(searched, requests)
        p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
        print(
            f"{name:<20} {p50:7.1f} ms p50 {p95:7.1f} ms p95 of {len(requests)} searches, {searched.count()} documents"
        )
    index.close()


def _check(index: ElasticIndex, number: int) -> None:
    held = index.count()
    if held != number:
        raise RuntimeError(f"{held} documents in the index, {number} were sent")


if __name__ == "__main__":
    main()

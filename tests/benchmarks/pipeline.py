"""Pages a second through the whole process loop beside plain trafilatura on the same pages, in one run.

    python -m tests.benchmarks.pipeline [--rounds 5]

One page in ten names a province of Viet Nam, as in a crawl of mixed outlets. The loop reads the WARC inbox, gates,
extracts, judges, stores and feeds the index; trafilatura reads the same bytes with its own metadata. Rounds alternate,
and the median is told. Pages come from ``DIEMBAO_EVAL_DATA``.
"""

import argparse
import gzip
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import trafilatura

from config.units import historic_units
from crawlers.inbox import InboxWriter
from pipeline.enrich import EnrichSpec, load_enricher
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.feed import drain_outbox
from pipeline.process import ProcessLoop
from pipeline.records import Document, Page
from pipeline.store import open_store

NOW = datetime(2026, 9, 1, tzinfo=UTC)
UNITS = frozenset(historic_units())
OTHERS_A_CANDIDATE = 9


def load_pages(folder: Path) -> list[Page]:
    """Return the pages, one candidate to nine others, each with an address of its own."""
    candidates: list[Page] = []
    others: list[Page] = []
    enricher = load_enricher(EnrichSpec(units=UNITS))
    for path in sorted(folder.glob("*.html.gz")):
        address = f"https://{path.name.split('-')[1].lower()}.example/{path.name.removesuffix('.gz')}"
        page = Page(
            url=address,
            requested_url=address,
            status=200,
            content_type="text/html",
            body=gzip.decompress(path.read_bytes()),
            fetched_at=NOW,
        )
        doc = enricher.page(page)
        judged = isinstance(doc, Document) and doc.annotation is not None
        (candidates if judged else others).append(page)
    return candidates[: len(others) // OTHERS_A_CANDIDATE] + others[: len(candidates) * OTHERS_A_CANDIDATE]


def time_ours(pages: Sequence[Page]) -> float:
    """Return pages a second from the inbox to the index."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with InboxWriter(folder / "inbox", NOW) as inbox:
            for page in pages:
                inbox.write(page)
        store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
        index = EmbeddedIndex(folder / "index.sqlite")
        loop = ProcessLoop(store=store, spec=EnrichSpec(units=UNITS), targets=("embedded",), now=lambda: NOW)
        started = time.perf_counter()
        report = loop.inbox(folder / "inbox")
        drain_outbox(store, index, "embedded")
        elapsed = time.perf_counter() - started
        store.close()
        index.close()
    if report.read != len(pages):
        raise RuntimeError(f"{report.read} pages read, {len(pages)} were in the inbox")
    return len(pages) / elapsed


def time_trafilatura(pages: Sequence[Page]) -> float:
    """Return pages a second through plain extraction with metadata."""
    started = time.perf_counter()
    for page in pages:
        trafilatura.bare_extraction(page.body, with_metadata=True)
    return len(pages) / (time.perf_counter() - started)


def main() -> None:
    """Print both rates, their ratio and the memory used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    pages = load_pages(Path(os.environ["DIEMBAO_EVAL_DATA"]) / "data/pages")
    time_ours(pages[:10])
    ours, plain = [], []
    for _ in range(rounds):
        plain.append(time_trafilatura(pages))
        ours.append(time_ours(pages))
    ratios = [mine / theirs for mine, theirs in zip(ours, plain, strict=True)]
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"pages                {len(pages)}, one in {OTHERS_A_CANDIDATE + 1} a candidate")
    print(f"process loop         {statistics.median(ours):7.1f} pages/s")
    print(f"plain trafilatura    {statistics.median(plain):7.1f} pages/s")
    print(f"ratio                {statistics.median(ratios):7.2f}")
    print(f"peak memory          {memory_mb:7.0f} MB")


if __name__ == "__main__":
    main()

"""Crawls for tests. Twisted starts once a process, so each runs in a process of its own, with a real store.

``python -m tests.crawlers.crawling HOME [--force] [--patient]`` crawls the sources of ``HOME/sources.yaml`` once.
"""

import sys
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar, cast

from scrapy.utils.reactor import install_reactor
from twisted.internet.address import IPv4Address

from config.settings import CrawlSettings
from crawlers.check import SourceCheck, check_sources
from crawlers.crawl import CrawlRequest, crawl
from crawlers.inbox import read_segment, segments
from crawlers.sources import load_sources
from crawlers.summary import CrawlSummary
from pipeline.records import Page, Source
from pipeline.store import Store, open_store

T = TypeVar("T")
LOCAL = CrawlSettings(allow_loopback=True)
CHILD_TIMEOUT_S = 120
PRELOADED = [
    __name__,
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.downloadermiddlewares.cookies",
    "scrapy.extensions.throttle",
    "alembic.command",
]
"""Imported once, without a reactor; each child starts from there."""


def make_request(sources: tuple[Source, ...], **options: Any) -> CrawlRequest:
    defaults: dict[str, Any] = {"crawl": LOCAL, "version": "0.1.0", "contact": "toasoan@example.vn", "timeout_s": 3.0}
    return CrawlRequest(sources=sources, **(defaults | options))


def run_crawl(
    home: Path, request: CrawlRequest, *, now: datetime, names: Mapping[str, str] | None = None
) -> CrawlSummary:
    """Crawl once in a process of its own, as if it were ``now`` all the time.

    ``names`` stand for the name servers: host name to IPv4 address.
    """
    return in_a_process(partial(_crawl_at, home, request, now, names))


def run_check(sources: tuple[Source, ...], *, now: datetime, **options: Any) -> list[SourceCheck]:
    defaults: dict[str, Any] = {"crawl": LOCAL, "version": "0.1.0", "timeout_s": 3.0}
    return in_a_process(partial(_check_at, sources, now, defaults | options))


def in_a_process(job: Callable[[], T]) -> T:
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(job).result(timeout=CHILD_TIMEOUT_S)


def store_of(home: Path) -> Store:
    return open_store(f"sqlite:///{home / 'store.sqlite'}")


def pages_of(home: Path) -> list[Page]:
    """Return every page in the finished segments of the inbox; fails on anything else in there."""
    records = [record for path in segments(home / "inbox") for record, _ in read_segment(path)]
    assert all(isinstance(record, Page) for record in records)
    return [record for record in records if isinstance(record, Page)]


def _be_strict() -> None:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=ResourceWarning)  # warcio leaves its buffers to the garbage collector


def _crawl_at(home: Path, request: CrawlRequest, now: datetime, names: Mapping[str, str] | None) -> CrawlSummary:
    _be_strict()
    if names is not None:
        _serve_names(names)
    store = store_of(home)
    try:
        return crawl(request, ledger=store.ledger, inbox_folder=home / "inbox", clock=lambda: now)
    finally:
        store.close()


def _serve_names(names: Mapping[str, str]) -> None:
    """Put scripted name servers behind whatever resolver the crawl installs."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor  # noqa: PLC0415 - this very import would install another reactor

    cast("Any", reactor).installNameResolver(NameServers(names))


class NameServers:
    """Answers names from a table (Twisted's ``IHostnameResolver``)."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any) -> Any:  # noqa: N802
        receiver.resolutionBegan(self)
        if host in self.names:
            receiver.addressResolved(IPv4Address("TCP", self.names[host], port))
        receiver.resolutionComplete()
        return self


def _check_at(sources: tuple[Source, ...], now: datetime, options: dict[str, Any]) -> list[SourceCheck]:
    _be_strict()
    return check_sources(sources, clock=lambda: now, **options)


def main(home: Path, *options: str) -> None:
    timeout_s = 60.0 if "--patient" in options else 3.0
    request = make_request(load_sources(home), force="--force" in options, timeout_s=timeout_s)
    store = store_of(home)
    summary = crawl(request, ledger=store.ledger, inbox_folder=home / "inbox", clock=lambda: datetime.now(UTC))
    store.close()
    print(f"pages={summary.pages} recovered={summary.recovered} interrupted={summary.interrupted}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])

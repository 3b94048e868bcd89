"""A crawl from end to end: recover what a killed run left, poll, fetch, close the inbox segment."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from config.errors import ParseError
from config.settings import CrawlSettings
from crawlers.collector import Collector, Progress
from crawlers.fetcher import Fetcher
from crawlers.inbox import InboxWriter, recover_segments
from crawlers.ledger import CrawlLedger
from crawlers.scrapy_settings import PAGE_TIMEOUT_S, build_settings
from crawlers.spider import run_job
from crawlers.summary import CrawlSummary
from crawlers.urls import canonical_url
from pipeline.records import Page, Source

log = structlog.get_logger()

TIME_LIMIT_S = 30 * 60.0
"""A crawl ends then; slow hosts and long crawl-delays keep the rest of their queue for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRequest:
    """What to crawl, and how to appear."""

    sources: tuple[Source, ...]
    crawl: CrawlSettings
    version: str
    """Of the product, for the User-Agent."""
    contact: str = ""
    """Address or URL shown to outlets in the User-Agent."""
    force: bool = False
    """Poll what is not due yet, too."""
    skip_url: Callable[[str], bool] | None = None
    """True for addresses that must never be fetched (muted); asked with the listed and the canonical one."""
    timeout_s: float = PAGE_TIMEOUT_S
    """For one response, from the request to the last byte."""
    time_limit_s: float | None = TIME_LIMIT_S
    debug: bool = False
    """Let Scrapy log everything to standard error."""


def crawl(
    request: CrawlRequest,
    *,
    ledger: CrawlLedger,
    inbox_folder: Path,
    clock: Callable[[], datetime],
    on_progress: Progress | None = None,
) -> CrawlSummary:
    """Crawl once and return what happened. Blocks; once a process, in its main thread (Twisted cannot start twice).

    SIGINT and SIGTERM end it cleanly: requests in flight are finished, the segment is completed, the rest stays queued.
    Raises StoreError when the ledger or the inbox cannot be written; what outlets do wrong is in the summary instead.
    """
    recovered = recover_pages(inbox_folder, ledger)
    settings = build_settings(
        request.crawl,
        version=request.version,
        contact=request.contact,
        timeout_s=request.timeout_s,
        debug=request.debug,
    )
    summary = CrawlSummary(recovered=recovered)

    async def job(crawler: Any, stopping: asyncio.Event) -> None:
        nonlocal summary
        collector = Collector(
            Fetcher(crawler, clock),
            ledger,
            inbox,
            stopping=stopping,
            clock=clock,
            skip_url=request.skip_url or (lambda _: False),
            per_host=request.crawl.per_host,
            on_progress=on_progress or (lambda *_: None),
        )
        outcomes = await collector.run((source for source in request.sources if source.enabled), force=request.force)
        summary = replace(summary, sources=outcomes, out_of_time=stopping.is_set())

    with InboxWriter(inbox_folder, clock()) as inbox:
        interrupted = run_job(job, settings, time_limit_s=request.time_limit_s)
    return replace(
        summary,
        segment=inbox.path if summary.pages else None,
        interrupted=interrupted,
        out_of_time=summary.out_of_time and not interrupted,
    )


def recover_pages(inbox_folder: Path, ledger: CrawlLedger) -> int:
    """Complete the segments of killed runs and tell the ledger which pages lie in them; return how many pages."""
    found = 0

    def mark(page: Page) -> None:
        nonlocal found
        found += 1
        try:
            key = canonical_url(page.entry.url if page.entry else page.requested_url)
        except ParseError:  # it was queued under a canonical URL, so this cannot be one of ours
            return
        ledger.mark_fetched(key, outcome="ok", at=page.fetched_at)

    recover_segments(inbox_folder, mark)
    return found

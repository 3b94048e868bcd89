"""Does every address of the catalogue answer? Each is fetched once, through the same guards as a crawl."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from config.settings import CrawlSettings
from crawlers.collector import Progress
from crawlers.failures import Failure
from crawlers.fetcher import Fetcher
from crawlers.listings import Endpoint, EndpointKind, endpoints_of
from crawlers.reading import read_endpoint
from crawlers.scrapy_settings import PAGE_TIMEOUT_S, build_settings
from crawlers.spider import run_job
from pipeline.records import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """One address of one source, as it answered."""

    source_id: str
    url: str
    kind: EndpointKind
    outcome: str
    """``ok``, ``no_entries``, or the named failure."""
    status: int | None = None
    """HTTP status; None when no response came."""
    entries: int = 0
    newest_at: datetime | None = None
    """The latest date among the entries; None when none carries one."""
    redirected_to: str = ""
    """Final address when it is another one; the catalogue should name it."""
    took_ms: int | None = None
    """Until the response began; None when none came."""

    @property
    def ok(self) -> bool:
        """True when the address answered with at least one entry."""
        return self.outcome == "ok"


def check_sources(
    sources: Iterable[Source],
    *,
    crawl: CrawlSettings,
    version: str,
    contact: str = "",
    clock: Callable[[], datetime],
    timeout_s: float = PAGE_TIMEOUT_S,
    on_progress: Progress | None = None,
    debug: bool = False,
) -> list[SourceCheck]:
    """Fetch every endpoint once and return a row each, in the order of the catalogue. Blocks; once a process.

    Disabled sources are checked too. Neither the ledger nor the inbox is touched. After a signal only the rows that
    were finished are returned.
    """
    wanted = [(source, endpoint) for source in sources for endpoint in endpoints_of(source)]
    rows: dict[tuple[str, str], SourceCheck] = {}

    async def job(crawler: Any, _stopping: asyncio.Event) -> None:
        fetcher = Fetcher(crawler, clock)

        async def check(source: Source, endpoint: Endpoint) -> None:
            row = await _check_endpoint(fetcher, source, endpoint)
            if row.outcome != "stopped":
                rows[source.id, endpoint.url] = row
            if on_progress:
                on_progress(len(rows), len(wanted))

        async with asyncio.TaskGroup() as tasks:
            for source, endpoint in wanted:
                tasks.create_task(check(source, endpoint))

    run_job(job, build_settings(crawl, version=version, contact=contact, timeout_s=timeout_s, debug=debug))
    return [rows[key] for source, endpoint in wanted if (key := (source.id, endpoint.url)) in rows]


async def _check_endpoint(fetcher: Fetcher, source: Source, endpoint: Endpoint) -> SourceCheck:
    answer = await read_endpoint(fetcher, source, endpoint, headers={})
    row = SourceCheck(source_id=source.id, url=endpoint.url, kind=endpoint.kind, outcome="ok", status=answer.status)
    if isinstance(answer, Failure):
        return replace(row, outcome=answer.reason, redirected_to=answer.redirected_to)
    dates = [date for entry in answer.entries if (date := entry.updated_at or entry.published_at)]
    return replace(
        row,
        outcome="ok" if answer.entries else "no_entries",
        entries=len(answer.entries),
        newest_at=max(dates, default=None),
        redirected_to=answer.url if answer.url != endpoint.url else "",
        took_ms=round(answer.latency.total_seconds() * 1000),
    )

"""Asking for articles again, as politely as a crawl: the same guards, robots.txt, pauses and rests."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog

from config.settings import CrawlSettings
from crawlers.collector import Progress
from crawlers.failures import Failure
from crawlers.fetcher import Fetched, Fetcher
from crawlers.hosts import Hosts
from crawlers.presence import GONE_STATUSES, REDIRECTED_HOME, Found, KnownPage, PageCheck, doubt_lost_sites, leads_home
from crawlers.scrapy_settings import PAGE_TIMEOUT_S, build_settings
from crawlers.spider import run_job

log = structlog.get_logger()

TIME_LIMIT_S = 30 * 60.0
"""A run ends then; the articles it did not get to come first in the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckSummary:
    """What one run of checks saw."""

    checks: tuple[PageCheck, ...]
    unasked: int
    """Articles whose host rests, or that time or a signal left out."""
    interrupted: bool
    """A signal ended it."""


def recheck_pages(
    pages: Sequence[KnownPage],
    *,
    crawl: CrawlSettings,
    version: str,
    contact: str = "",
    clock: Callable[[], datetime],
    timeout_s: float = PAGE_TIMEOUT_S,
    time_limit_s: float | None = TIME_LIMIT_S,
    on_progress: Progress | None = None,
) -> RecheckSummary:
    """Ask for every page once, in the order given a host, and say what is still there.

    Blocks; once a process, in its main thread, as a crawl. Neither the ledger nor the inbox is touched.
    """
    queues: dict[str, deque[KnownPage]] = {}
    for page in pages:
        queues.setdefault(urlsplit(page.url).netloc, deque()).append(page)
    checks: list[PageCheck] = []
    passed = 0

    async def job(crawler: Any, stopping: asyncio.Event) -> None:
        fetcher, hosts = Fetcher(crawler, clock), Hosts()

        async def work_off(queue: deque[KnownPage]) -> None:
            nonlocal passed
            while queue:
                page = queue.popleft()
                if not stopping.is_set() and not hosts.is_resting(page.url):
                    check = await _check(fetcher, hosts, page, clock)
                    checks.extend([check] if check else [])
                passed += 1
                if on_progress:
                    on_progress(passed, len(pages))

        async with asyncio.TaskGroup() as workers:
            for queue in queues.values():
                for _ in range(crawl.per_host):
                    workers.create_task(work_off(queue))

    settings = build_settings(crawl, version=version, contact=contact, timeout_s=timeout_s)
    interrupted = run_job(job, settings, time_limit_s=time_limit_s)
    believed = tuple(doubt_lost_sites(checks))
    return RecheckSummary(checks=believed, unasked=len(pages) - len(believed), interrupted=interrupted)


async def _check(fetcher: Fetcher, hosts: Hosts, page: KnownPage, clock: Callable[[], datetime]) -> PageCheck | None:
    """Return what a page answered; None when it was not asked after all."""
    headers = {"Accept-Language": page.language} if page.language else {}
    answer = await fetcher.get(page.url, kind="page", headers=headers)
    if isinstance(answer, Failure):
        hosts.note_failure(page.url, answer)
        if answer.reason == "stopped":
            return None
    else:
        hosts.note_answer(page.url)
    found, reason = _judge(page, answer)
    log.info("page_checked", url=page.url, found=found, reason=reason)
    return PageCheck(document_id=page.document_id, url=page.url, at=clock(), found=found, reason=reason)


def _judge(page: KnownPage, answer: Fetched | Failure) -> tuple[Found, str]:
    if isinstance(answer, Failure):
        return ("gone" if answer.status in GONE_STATUSES else "unknown"), answer.reason
    if leads_home(page.url, answer.url):
        return "gone", REDIRECTED_HOME
    return "present", "ok"

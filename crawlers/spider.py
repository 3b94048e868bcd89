"""The one spider, and how it runs: a job that fetches, inside Scrapy's engine, until it is done or told to stop."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import structlog
from scrapy import Spider
from scrapy.crawler import CrawlerProcess

log = structlog.get_logger()

Job = Callable[[Any, asyncio.Event], Awaitable[None]]
"""Takes Scrapy's crawler and the event that asks it to stop; returns when nothing is left to do."""

IN_FLIGHT_S = 4.0
"""So long a crawl that was told to stop waits for answers; whoever told it waits ten seconds at most."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
COUNTED_ELSEWHERE = (
    "scrapy.core.downloader.handlers.http11",
    "scrapy.downloadermiddlewares.httpcompression",
)
"""Loggers that repeat in prose what a summary counts by name."""


class JobSpider(Spider):
    """Hands the engine to its job. The job awaits its fetches one by one, so it reads from top to bottom."""

    name = "diembao"

    def __init__(self, *, job: Job, time_limit_s: float | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.time_limit_s = time_limit_s
        self.stopping = asyncio.Event()
        """Begin nothing new."""
        self.giving_up = asyncio.Event()
        """Wait no longer for what is in flight; it stays queued."""
        self.interrupted = False
        self.error: BaseException | None = None
        """What broke the job; raised again by `run_job` outside of Scrapy, which would only log it."""

    async def start(self) -> AsyncIterator[Any]:
        loop = asyncio.get_running_loop()
        if self.time_limit_s is not None:
            loop.call_later(self.time_limit_s, self.stopping.set)
        with self._signals(loop):
            try:
                await self.job(self.crawler, self.stopping)
            except BaseExceptionGroup as group:
                self.error = _first(group)
            except Exception as exc:
                self.error = exc
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # makes this the generator that Scrapy wants, though its scheduler gets no request
            yield item

    @contextmanager
    def _signals(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        before = {signum: signal.getsignal(signum) for signum in STOP_SIGNALS}
        for signum in STOP_SIGNALS:
            loop.add_signal_handler(signum, self._stop, signum)
        try:
            yield
        finally:
            for signum, handler in before.items():
                loop.remove_signal_handler(signum)
                signal.signal(signum, handler or signal.SIG_DFL)  # None: it was not set from Python

    def _stop(self, signum: int) -> None:
        """Finish what is in flight at the first signal; die of the second, as if it had not been handled."""
        if self.interrupted:
            signal.signal(signum, signal.SIG_DFL)
            os.kill(os.getpid(), signum)
        log.info("crawl_stopping", signal=signal.Signals(signum).name)
        self.interrupted = True
        self.stopping.set()
        asyncio.get_running_loop().call_later(IN_FLIGHT_S, self.giving_up.set)


def run_job(job: Job, settings: Mapping[str, Any], *, time_limit_s: float | None = None) -> bool:
    """Run ``job`` to its end, in this process; return True when a signal cut it short.

    Twisted's reactor cannot be started twice: call this once a process, in its main thread. Raises what the job raised.
    """
    debug = settings["LOG_LEVEL"] == "DEBUG"
    logging.disable(logging.NOTSET if debug else logging.INFO)  # it lists versions while it sets logging up
    process = CrawlerProcess(dict(settings))
    logging.disable(logging.NOTSET)
    if not debug:
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        for name in COUNTED_ELSEWHERE:
            logging.getLogger(name).setLevel(logging.ERROR)
    crawler = process.create_crawler(JobSpider)
    process.crawl(crawler, job=job, time_limit_s=time_limit_s)
    spider = cast("JobSpider", crawler.spider)
    process.start(install_signal_handlers=False)
    if spider.error is not None:
        raise spider.error
    return spider.interrupted


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first

"""Scrapy's HTTP handler with a bound on the transfers at one time, over all hosts.

Only what is on the wire counts: a request that waits for a crawl-delay or for its slot keeps nobody else waiting.
"""

import asyncio
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from crawlers.failures import Refused

TRANSFERS_MAX = 24
"""Of each scheme; with crawl.max_page_mb it bounds the memory that bodies take."""


class BoundedHandler(HTTP11DownloadHandler):
    """Queues requests beyond `TRANSFERS_MAX`; the time limit of a request begins when it leaves the queue.

    Those still queued when the crawl is told to stop are let go.
    """

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._free = asyncio.Semaphore(TRANSFERS_MAX)
        self._running: Any = crawler

    async def download_request(self, request: Request) -> Response:
        async with self._free:
            if self._running.spider.stopping.is_set():
                raise Refused("stopped")
            return await super().download_request(request)

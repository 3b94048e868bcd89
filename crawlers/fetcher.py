"""One fetch through Scrapy's downloader: an address in, a response or a named failure out."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from scrapy import Request
from scrapy.exceptions import StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.conditional import parse_retry_after
from crawlers.failures import Failure, name_failure
from crawlers.guards import Kind, refuse_body

log = structlog.get_logger()

OK = 200
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A response worth reading, or a 304."""

    url: str
    """Final address, after redirects."""
    status: int
    content_type: str
    body: bytes
    etag: str = ""
    last_modified: str = ""
    at: datetime
    latency: timedelta
    """From the request going out to the response's headers."""

    @property
    def not_modified(self) -> bool:
        """True for a 304: the body held is still the current one."""
        return self.status == NOT_MODIFIED


class Fetcher:
    """Sends requests through every middleware of `crawlers.scrapy_settings`."""

    def __init__(self, crawler: Any, clock: Callable[[], datetime]) -> None:
        self._crawler = crawler
        self._clock = clock

    async def get(self, url: str, *, kind: Kind, headers: Mapping[str, str] | None = None) -> Fetched | Failure:
        """Fetch ``url`` after its guards agreed. Never raises for what an outlet or the network does."""
        try:
            request = Request(url, headers=dict(headers or {}), callback=NO_CALLBACK, meta={"kind": kind})
            response = await self._download(request)
            if response is None:
                return Failure(reason="stopped")
        except StopDownload as stop:  # a guard did not want the body; the status may still be the reason
            failure = self._judge_status(stop.response, url) if stop.response else None
            return failure or Failure(reason="content_type", status=OK)
        except Exception as exc:  # the web fails in ways that no list is complete for; each has at least a name
            return self._explain(exc, url)
        return self._judge(response, url, kind)

    async def _download(self, request: Request) -> Response | None:
        """Return the response, or None when the crawl gives up what is in flight."""
        download = asyncio.ensure_future(self._crawler.engine.download_async(request))
        giving_up = asyncio.ensure_future(self._crawler.spider.giving_up.wait())
        await asyncio.wait({download, giving_up}, return_when=asyncio.FIRST_COMPLETED)
        giving_up.cancel()
        if not download.done():
            download.cancel()
            return None
        response: Response = download.result()
        return response

    def _judge(self, response: Response, url: str, kind: Kind) -> Fetched | Failure:
        content_type = _header(response, "Content-Type")
        if failure := self._judge_status(response, url):
            return failure
        if reason := refuse_body(kind, content_type, response.body):
            return Failure(reason=reason, status=response.status)
        return Fetched(
            url=response.url,
            status=response.status,
            content_type=content_type,
            body=response.body,
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            at=self._clock(),
            latency=timedelta(seconds=response.meta.get("download_latency", 0.0)),
        )

    def _judge_status(self, response: Response, url: str) -> Failure | None:
        if response.status in {OK, NOT_MODIFIED}:
            return None
        return Failure(
            reason=f"http_{response.status}",
            status=response.status,
            retry_after=parse_retry_after(_header(response, "Retry-After"), self._clock()),
            redirected_to=response.url if response.url != url else "",
        )

    def _explain(self, exc: Exception, url: str) -> Failure:
        if isinstance(exc, ValueError):
            return Failure(reason="bad_url")
        reason = name_failure(exc)
        if reason == "error":
            log.warning("fetch_error", url=url, error=repr(exc))
        status = reason.removeprefix("http_")  # robots.txt answered so, and stands for its host
        return Failure(reason=reason, status=int(status) if status.isdecimal() else None)


def _header(response: Response, name: str) -> str:
    value: bytes = response.headers.get(name) or b""
    return value.decode("latin-1").strip()

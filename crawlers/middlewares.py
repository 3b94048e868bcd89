"""The guards of `crawlers.guards` where Scrapy calls them: around each request, redirects and robots.txt included."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest, StopDownload
from scrapy.http import Response

from crawlers.failures import Refused
from crawlers.guards import refuse_content_type, refuse_url
from crawlers.resolver import ALLOW_LOOPBACK, refused_hosts
from crawlers.robots import Robots

PROXY = "DIEMBAO_PROXY"
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


class GuardMiddleware:
    """Checks the address, names the slot (one for each host and port), sets the proxy, asks robots.txt."""

    def __init__(self, crawler: Any) -> None:
        self.allow_loopback = crawler.settings.getbool(ALLOW_LOOPBACK)
        self._crawler = crawler
        self.proxy = crawler.settings.get(PROXY, "")
        self.stopping: asyncio.Event = crawler.spider.stopping
        self.robots = Robots(self._download, self.stopping)

    @classmethod
    def from_crawler(cls, crawler: Any) -> "GuardMiddleware":
        guard = cls(crawler)
        crawler.signals.connect(guard.check_headers, signal=signals.headers_received)
        return guard

    async def process_request(self, request: Request) -> None:
        """Runs again for each hop of a redirect: the next host is another slot with rules of its own."""
        if reason := refuse_url(request.url, allow_loopback=self.allow_loopback):
            raise Refused(reason)
        request.meta["download_slot"] = urlsplit(request.url).netloc
        if self.proxy:
            request.meta["proxy"] = self.proxy
        if request.meta["kind"] != "robots":
            await self.robots.admit(request.url, _origin(request.url))
        if self.stopping.is_set():
            raise Refused("stopped")

    def process_response(self, request: Request, response: Response) -> Response:
        self.robots.note_answer(_origin(request.url))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        self.robots.note_answer(_origin(request.url))
        if isinstance(exception, CannotResolveHostError) and urlsplit(request.url).hostname in refused_hosts():
            raise Refused("private_address") from exception

    async def _download(self, request: Request) -> Response:
        response: Response = await self._crawler.engine.download_async(request)  # there is no engine before it starts
        return response

    def check_headers(self, headers: Any, request: Request) -> None:
        """Stop a download whose header says that it is no text, before its body comes."""
        content_type = headers.get(b"Content-Type", b"").decode("latin-1")
        if b"Location" not in headers and refuse_content_type(request.meta["kind"], content_type):
            raise StopDownload(fail=True)


class NamedRedirects(RedirectMiddleware):
    """Scrapy's redirects; one hop too many is called ``redirect_loop``, a hop out of the web ``scheme``."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's old signature
    ) -> Request | Response:
        try:
            result = super().process_response(request, response)
        except IgnoreRequest as exc:
            raise Refused("redirect_loop") from exc
        except ValueError as exc:  # a Location that is no address
            raise Refused("bad_url") from exc
        if isinstance(result, Response) and result.status in REDIRECT_STATUSES and b"Location" in result.headers:
            raise Refused("scheme")
        return result


class NamedCompression(HttpCompressionMiddleware):
    """Scrapy's decompression; a bomb and a broken stream have names."""

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 - Scrapy's old signature
    ) -> Request | Response:
        try:
            return super().process_response(request, response)
        except IgnoreRequest as exc:
            raise Refused("decompression_bomb") from exc
        except Exception as exc:  # each codec has errors of its own
            raise Refused("content_encoding") from exc


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

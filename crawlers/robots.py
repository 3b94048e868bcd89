"""robots.txt as RFC 9309 reads it, with crawl-delay."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import structlog
from protego import Protego
from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from crawlers.failures import Refused, name_failure

log = structlog.get_logger()

ROBOTS_TOKEN = "DiemBao"  # noqa: S105 - the product token that robots.txt groups address
ROBOTS_MAX_BYTES = 500 * 1024
"""RFC 9309 section 2.5: at least this much is read."""
CRAWL_DELAY_MAX_S = 300.0
"""A longer delay is taken as this one; the queue of such a host lasts over several crawls."""


@dataclass(slots=True, kw_only=True)
class HostRules:
    """What one origin allows."""

    rules: Protego | None = None
    """None: everything is allowed (there is no robots.txt)."""
    failure: str = ""
    """Name of the failure when robots.txt could not be had; then nothing may be fetched (RFC 9309, 2.3.1.4)."""
    next_at: float = field(default=0.0)
    """Monotonic second from which the next request may go out."""

    @property
    def crawl_delay_s(self) -> float:
        """Seconds between two requests; 0 when robots.txt asks for none."""
        delay = self.rules.crawl_delay(ROBOTS_TOKEN) if self.rules else None
        return min(float(delay or 0), CRAWL_DELAY_MAX_S)

    def allows(self, url: str) -> bool:
        """True unless a rule for us disallows ``url``."""
        return self.rules is None or bool(self.rules.can_fetch(url, ROBOTS_TOKEN))


def read_robots(status: int, body: bytes) -> HostRules:
    """Judge an answer for ``/robots.txt``: none (4xx) allows everything, a server in trouble allows nothing."""
    if status >= 500 or status == 429:
        return HostRules(failure=f"http_{status}")
    if status != 200:
        return HostRules()
    return HostRules(rules=Protego.parse(body[:ROBOTS_MAX_BYTES].decode("utf-8-sig", errors="ignore")))


class Robots:
    """The rules of every origin met in this crawl; each ``robots.txt`` is fetched once, before anything else there."""

    def __init__(self, download: Callable[[Request], Any], stopping: asyncio.Event) -> None:
        self._download = download
        self._stopping = stopping
        self._pending: dict[str, asyncio.Task[HostRules]] = {}

    async def admit(self, url: str, origin: str) -> None:
        """Return when ``url`` may be requested; raise Refused when it may not, or when the crawl stops meanwhile."""
        if origin not in self._pending:
            self._pending[origin] = asyncio.ensure_future(self._fetch_rules(origin))
        rules = await asyncio.shield(self._pending[origin])
        if rules.failure:
            raise Refused(rules.failure)
        if not rules.allows(url):
            raise Refused("robots")
        if rules.crawl_delay_s:
            await self._wait_turn(rules)

    def note_answer(self, origin: str) -> None:
        """Count the crawl-delay from the end of a request: what happens between turn and sending shortens no gap."""
        task = self._pending.get(origin)
        if task and task.done():
            rules = task.result()
            rules.next_at = max(rules.next_at, monotonic() + rules.crawl_delay_s)

    async def _wait_turn(self, rules: HostRules) -> None:
        turn_at = max(monotonic(), rules.next_at)
        rules.next_at = turn_at + rules.crawl_delay_s
        wait_s = turn_at - monotonic()
        if wait_s > 0:
            try:
                await asyncio.wait_for(self._stopping.wait(), timeout=wait_s)
            except TimeoutError:
                return
            raise Refused("stopped")

    async def _fetch_rules(self, origin: str) -> HostRules:
        request = Request(f"{origin}/robots.txt", callback=NO_CALLBACK, meta={"kind": "robots"})
        try:
            response = await self._download(request)
        except Exception as exc:  # whatever broke it, nothing may be fetched; the name is reported with each refusal
            rules = HostRules(failure=name_failure(exc))
        else:
            rules = read_robots(response.status, response.body)
        log.debug("robots_read", origin=origin, failure=rules.failure, crawl_delay_s=rules.crawl_delay_s)
        return rules

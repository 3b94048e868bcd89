"""One polled address, fetched and read: a feed, a section page, or a sitemap with the sitemaps it leads to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from config.errors import ParseError
from crawlers.conditional import content_hash
from crawlers.failures import Failure
from crawlers.fetcher import Fetched, Fetcher
from crawlers.listings import Endpoint, Listing, read_listing, recent
from pipeline.records import FeedEntry, Source

SITEMAP_DEPTH = 2
"""An index of indexes is followed, not deeper."""
SITEMAP_CHILDREN = 6
"""Of one index, the freshest; archives behind them are not news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint said."""

    reason: str
    """``ok``, ``not_modified`` (304), or ``unchanged`` (the body held already)."""
    url: str
    """Final address; entries are relative to it."""
    entries: tuple[FeedEntry, ...] = ()
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    """Empty for a 304."""
    ttl_s: int | None = None
    status: int = 200
    latency: timedelta


async def read_endpoint(
    fetcher: Fetcher, source: Source, endpoint: Endpoint, *, headers: Mapping[str, str], known_hash: str = ""
) -> Answer | Failure:
    """Fetch and parse one endpoint. ``headers`` make it conditional; ``known_hash`` is of the body parsed last."""
    asked = {"Accept-Language": source.language, **headers}
    fetched = await fetcher.get(endpoint.url, kind="endpoint", headers=asked)
    if isinstance(fetched, Failure):
        return fetched
    answer = Answer(
        reason="ok",
        url=fetched.url,
        status=fetched.status,
        latency=fetched.latency,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
    )
    if fetched.not_modified:
        # A 304 to a question without a condition is no answer.
        return replace(answer, reason="not_modified") if headers else Failure(reason="http_304", status=304)
    listing = _read_listing(endpoint, fetched, source)
    bodies = [fetched.body]
    if isinstance(listing, Listing) and listing.children:
        listing = await _read_children(fetcher, source, endpoint, listing, bodies)
        answer = replace(answer, etag="", last_modified="")  # they say nothing about the sitemaps below
    if isinstance(listing, Failure):
        return listing
    entries = recent(listing.entries) if endpoint.kind == "sitemap" else listing.entries
    digest = content_hash(*bodies)
    reason = "unchanged" if digest == known_hash else "ok"
    return replace(answer, reason=reason, entries=entries, content_hash=digest, ttl_s=listing.ttl_s)


async def _read_children(
    fetcher: Fetcher, source: Source, endpoint: Endpoint, index: Listing, bodies: list[bytes], depth: int = 1
) -> Listing | Failure:
    """Read the freshest sitemaps of an index. What some of them fail to give is left for the next poll.

    A crawl that is stopped in between has not read the index: the rest must not wait until the next poll is due.
    """
    entries: list[FeedEntry] = []
    failures: list[Failure] = []
    children = index.children[:SITEMAP_CHILDREN]
    for url in children:
        fetched = await fetcher.get(url, kind="endpoint", headers={"Accept-Language": source.language})
        listing = _read_listing(endpoint, fetched, source) if isinstance(fetched, Fetched) else fetched
        if isinstance(listing, Listing) and listing.children:
            if depth >= SITEMAP_DEPTH:
                continue
            listing = await _read_children(fetcher, source, endpoint, listing, bodies, depth + 1)
        if isinstance(listing, Failure):
            if listing.reason == "stopped":
                return listing
            failures.append(listing)
            continue
        if isinstance(fetched, Fetched):
            bodies.append(fetched.body)
        entries.extend(listing.entries)
    if len(failures) == len(children):
        return failures[0]
    return Listing(entries=tuple(entries))


def _read_listing(endpoint: Endpoint, fetched: Fetched, source: Source) -> Listing | Failure:
    try:
        return read_listing(endpoint, fetched, source)
    except ParseError as exc:
        return Failure(reason=exc.code.rpartition(".")[2], status=fetched.status)

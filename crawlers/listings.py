"""The polled addresses of a source, and what their answers list. Bytes in, entries out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from config.errors import ParseError
from crawlers.feeds import parse_feed
from crawlers.fetcher import Fetched
from crawlers.sections import parse_section
from crawlers.sitemaps import parse_sitemap
from crawlers.urls import canonical_url
from pipeline.records import FeedEntry, Source

EndpointKind = Literal["feed", "sitemap", "section"]

NEWS_SPAN = timedelta(days=3)
"""A news sitemap covers two days; the third is for a weekend on which nobody crawled."""
MAX_ENTRIES = 1000
"""Of one poll; a news sitemap may list as many, a feed rarely lists 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One polled address."""

    url: str
    kind: EndpointKind
    links_css: str = ""
    """CSS selector of the links of a section page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one answer lists."""

    entries: tuple[FeedEntry, ...] = ()
    children: tuple[str, ...] = ()
    """Sitemaps to read in its place, news sitemaps and the freshest first; only of a sitemap index."""
    ttl_s: int | None = None
    """How long the feed itself says it may be kept."""


def endpoints_of(source: Source) -> tuple[Endpoint, ...]:
    """Return every polled address of a source with its kind, in the order of the catalogue."""
    feeds = (Endpoint(url=url, kind="feed") for url in source.feeds)
    sitemaps = (Endpoint(url=url, kind="sitemap") for url in source.sitemaps)
    sections = (Endpoint(url=page.url, kind="section", links_css=page.links) for page in source.sections)
    return (*feeds, *sitemaps, *sections)


def keyed(
    entries: Iterable[FeedEntry], *, base: str, skip_url: Callable[[str], bool] | None = None
) -> tuple[tuple[str, FeedEntry], ...]:
    """Return (canonical URL, entry), each URL once and as mentioned first, without unreadable and muted addresses."""
    chosen: dict[str, FeedEntry] = {}
    for entry in entries:
        try:
            key = canonical_url(entry.url, base)
        except ParseError:
            continue
        if key in chosen or (skip_url and (skip_url(key) or skip_url(entry.url))):
            continue
        chosen[key] = entry
        if len(chosen) == MAX_ENTRIES:
            break
    return tuple(chosen.items())


def read_listing(endpoint: Endpoint, fetched: Fetched, source: Source) -> Listing:
    """Parse one answer with the parser of its kind. Raises ParseError whose key names what is wrong."""
    return READERS[endpoint.kind](endpoint, fetched, source)


def _read_feed(_: Endpoint, fetched: Fetched, source: Source) -> Listing:
    feed = parse_feed(
        fetched.body,
        url=fetched.url,
        content_type=fetched.content_type,
        fetched_at=fetched.at,
        timezone=source.timezone,
    )
    return Listing(entries=feed.entries, ttl_s=feed.ttl_s)


def _read_sitemap(_: Endpoint, fetched: Fetched, source: Source) -> Listing:
    sitemap = parse_sitemap(fetched.body, url=fetched.url, fetched_at=fetched.at, timezone=source.timezone)
    by_name = sorted(sitemap.children, key=lambda url: "news" not in url)  # stable: the freshest stay in front
    return Listing(entries=sitemap.entries, children=tuple(by_name))


def _read_section(endpoint: Endpoint, fetched: Fetched, _: Source) -> Listing:
    entries = parse_section(
        fetched.body, url=fetched.url, links_css=endpoint.links_css, content_type=fetched.content_type
    )
    return Listing(entries=entries)


READERS: dict[EndpointKind, Callable[[Endpoint, Fetched, Source], Listing]] = {
    "feed": _read_feed,
    "sitemap": _read_sitemap,
    "section": _read_section,
}


def recent(entries: Iterable[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Leave out what a sitemap lists of older days than `NEWS_SPAN` before its newest entry, and its plain pages.

    Measured from the newest entry and not from now, so that an outlet's archive of any date can be collected. Without
    a date only what has a title is news: the news extension demands one, plain sitemaps have none.
    """
    dated = [(entry, entry.updated_at or entry.published_at) for entry in entries]
    newest = max((date for _, date in dated if date), default=None)
    return tuple(entry for entry, date in dated if (newest - date <= NEWS_SPAN if date and newest else entry.title))

"""Sitemaps and sitemap indexes (sitemaps.org), plain or gzipped, with Google's news extension. Nothing is fetched."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from typing import Any, Final

from lxml import etree

from config.errors import ParseError
from crawlers.entryfields import MAX_TITLE_CHARS, date_reader, declares_entities, language_code, usable_address
from crawlers.plaintext import plain_text
from crawlers.warc import GZIP_MAGIC, TooLarge, inflate_gzip
from pipeline.records import FeedEntry

MAX_BYTES: Final = 16 << 20
"""Uncompressed. The protocol allows 50 MB, a news sitemap of the 1,000 articles it may list has less than one."""
MAX_ROWS: Final = 50_000
"""What the protocol allows; the rest is left unread."""
MAX_ELEMENTS: Final = 500_000
ROOTS: Final = {"urlset": "url", "sitemapindex": "sitemap"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one sitemap document lists."""

    entries: tuple[FeedEntry, ...] = ()
    children: tuple[str, ...] = ()
    """Addresses of further sitemaps, the one modified last first."""
    dropped: int = 0
    """Entries without a usable address."""
    bozo: bool = False
    """The document is malformed or truncated; the entries are what could be read."""


def parse_sitemap(body: bytes, *, url: str, fetched_at: datetime, timezone: str, max_bytes: int = MAX_BYTES) -> Sitemap:
    """Read a sitemap or an index; dates without a zone are of ``timezone``.

    Raises ParseError: ``crawl.sitemap_too_large`` (a gzip bomb too), ``crawl.sitemap_entities``,
    ``crawl.not_a_sitemap``.
    """
    document = _inflated(body, url, max_bytes)
    if declares_entities(document):
        raise ParseError("crawl.sitemap_entities", url=url)
    events = etree.iterparse(
        BytesIO(document),
        events=("start", "end"),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        rows = list(islice(_rows(events, url), MAX_ROWS))
    except etree.LxmlError as exc:
        raise ParseError("crawl.not_a_sitemap", url=url) from exc
    except TooLarge as exc:
        raise ParseError("crawl.sitemap_too_large", url=url, limit_mb=max_bytes >> 20) from exc
    bozo = bool(len(events.error_log))
    if bozo:
        rows = rows[:-1]  # cut off in the middle, perhaps in the middle of its address
    if bozo and not rows:
        raise ParseError("crawl.not_a_sitemap", url=url)
    return _sitemap(rows, url, fetched_at, timezone, bozo=bozo)


Row = tuple[str, dict[str, str]]
"""``url`` or ``sitemap``, and the texts of its elements and of those for news, by local name."""


def _inflated(body: bytes, url: str, max_bytes: int) -> bytes:
    try:
        document = inflate_gzip(body, max_bytes) if body.startswith(GZIP_MAGIC) else body
    except TooLarge:
        document = b"\0" * (max_bytes + 1)
    if len(document) > max_bytes:
        raise ParseError("crawl.sitemap_too_large", url=url, limit_mb=max_bytes >> 20)
    return document


def _rows(events: Iterable[tuple[str, Any]], url: str) -> Iterator[Row]:
    """Yield the rows and free their elements. Raises ParseError at once when the root is not a sitemap's."""
    kind = ""
    for number, (event, element) in enumerate(events):
        if number > 2 * MAX_ELEMENTS:
            raise TooLarge
        name = _local_name(element)
        if event == "start":
            if not kind and not (kind := ROOTS.get(name, "")):
                raise ParseError("crawl.not_a_sitemap", url=url)
        elif name == kind:
            parts = [*element.iterchildren(etree.Element), *element.iterfind("{*}news//{*}*")]
            yield kind, {_local_name(part): part.text or "" for part in parts}
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def _local_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]  # lxml's QName refuses what its lenient parser lets through


def _sitemap(rows: list[Row], url: str, fetched_at: datetime, timezone: str, *, bozo: bool) -> Sitemap:
    read_date = date_reader(timezone, fetched_at)
    entries: list[FeedEntry] = []
    children: list[tuple[datetime, str]] = []
    for kind, texts in rows:
        address = usable_address(texts.get("loc"), url)
        updated_at = read_date(texts.get("lastmod"))
        if address and kind == "sitemap":
            children.append((updated_at or datetime.min.replace(tzinfo=UTC), address))
        elif address:
            entries.append(
                FeedEntry(
                    url=address,
                    title=plain_text(texts.get("title"), MAX_TITLE_CHARS),
                    language=language_code(texts.get("language")),
                    published_at=read_date(texts.get("publication_date")),
                    updated_at=updated_at,
                )
            )
    children.sort(key=lambda child: child[0], reverse=True)
    return Sitemap(
        entries=tuple(entries),
        children=tuple(address for _, address in children),
        dropped=len(rows) - len(entries) - len(children),
        bozo=bozo,
    )

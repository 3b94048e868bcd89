"""Feeds: RSS, RDF and Atom through feedparser, JSON Feed by hand. Bytes in, entries out; nothing is ever fetched.

feedparser is lenient, and slow where a document is hostile. So the bytes are decoded and measured first, entity
declarations are refused, and only then parsed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from xml.parsers import expat

import feedparser
from w3lib.encoding import html_to_unicode

from config.errors import ParseError
from crawlers.entryfields import (
    MAX_TITLE_CHARS,
    DateReader,
    date_reader,
    declares_entities,
    language_code,
    usable_address,
)
from crawlers.plaintext import plain_text
from pipeline.records import FeedEntry

MAX_BYTES: Final = 8 << 20
MAX_DEPTH: Final = 500
"""Open elements; unclosed ``<br>`` of sloppy feeds count, real nesting stays under 50."""
MAX_ELEMENTS: Final = 200_000
"""A thousand entries with two hundred elements each."""
MAX_LENIENT_BYTES: Final = 1 << 20
"""Of a malformed document: feedparser's lenient parser needs seconds a megabyte, and the newest entries come first."""
MAX_SUMMARY_CHARS: Final = 2000
"""A summary, not the article that some feeds carry whole."""
PERIODS_S: Final = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}

MARKUP = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(?P<close>/?)[A-Za-z_:][^<>]*?(?P<empty>/?)>|<[A-Za-z_:]",
    re.DOTALL,
)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
JSON_VERSION = re.compile(r"https?://jsonfeed\.org/version/1(\.\d+)?")
CONTROL_CHARACTERS: Final = dict.fromkeys(set(range(32)) - {9, 10, 13})


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one feed document says."""

    title: str
    entries: tuple[FeedEntry, ...]
    """In the order of the feed; those without a usable link are left out."""
    dropped: int = 0
    """Entries left out."""
    ttl_s: int | None = None
    """How long the feed says it may be kept (RSS ``ttl``, or the syndication module's update period)."""
    bozo: bool = False
    """The document is malformed or truncated; the entries are what could be read."""


def parse_feed(
    body: bytes, *, url: str, content_type: str, fetched_at: datetime, timezone: str, max_bytes: int = MAX_BYTES
) -> Feed:
    """Read a feed; relative links are resolved against ``url``, dates without a zone are of ``timezone``.

    Raises ParseError: ``crawl.feed_empty``, ``crawl.feed_too_large``, ``crawl.feed_entities`` (a document type that
    declares entities), ``crawl.feed_too_deep`` (nesting or number of elements), ``crawl.not_a_feed``.
    """
    if len(body) > max_bytes:
        raise ParseError("crawl.feed_too_large", url=url, limit_mb=max_bytes >> 20)
    text = _decode(body, content_type)
    if not text.strip():
        raise ParseError("crawl.feed_empty", url=url)
    read_date = date_reader(timezone, fetched_at)
    if text.lstrip()[0] == "{":
        return _read_json(text, url, read_date)
    return _read_xml(text, url, read_date)


def _decode(body: bytes, content_type: str) -> str:
    """Return the text. What is valid UTF-8 is UTF-8, whatever header and prolog claim: that is no coincidence."""
    if b"\0" not in body:
        try:
            return body.decode("utf-8-sig").translate(CONTROL_CHARACTERS)
        except UnicodeDecodeError:
            pass
    for marker, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if body.startswith(marker):
            return body.decode(encoding, "replace").translate(CONTROL_CHARACTERS)
    _, text = html_to_unicode(content_type or None, body, default_encoding="utf-8")
    return text.translate(CONTROL_CHARACTERS)


# ---- XML ------------------------------------------------------------------------------------------------------------


def _read_xml(text: str, url: str, read_date: DateReader) -> Feed:
    document = XML_DECLARATION.sub("", text.lstrip("\ufeff")).strip().encode("utf-8", "replace")
    _refuse_hostile(document, url)
    if not _is_well_formed(document):
        document = document[:MAX_LENIENT_BYTES]
    try:
        parsed = feedparser.parse(
            BytesIO(document),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
            sanitize_html=False,  # `plain_text` keeps no markup
            resolve_relative_uris=False,
        )
    except Exception as exc:  # its lenient parser raises whatever malformed markup provokes
        raise ParseError("crawl.not_a_feed", url=url) from exc
    if not parsed.entries and (parsed.bozo or not parsed.get("version")):
        raise ParseError("crawl.not_a_feed", url=url)
    language = language_code(parsed.feed.get("language"))
    entries = [_xml_entry(entry, url, language, read_date) for entry in parsed.entries]
    return Feed(
        title=plain_text(parsed.feed.get("title"), MAX_TITLE_CHARS),
        entries=tuple(entry for entry in entries if entry),
        dropped=entries.count(None),
        ttl_s=_ttl_s(parsed.feed),
        bozo=bool(parsed.bozo),
    )


def _refuse_hostile(document: bytes, url: str) -> None:
    if declares_entities(document):
        raise ParseError("crawl.feed_entities", url=url)
    depth = elements = 0
    for match in MARKUP.finditer(document):
        if match["close"] is None:  # CDATA, a comment, or a tag without end
            elements += match[0][1:2] != b"!"
        elif match["close"]:
            depth = max(depth - 1, 0)
        else:
            elements += 1
            depth += not match["empty"]
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            raise ParseError("crawl.feed_too_deep", url=url)


def _is_well_formed(document: bytes) -> bool:
    try:
        expat.ParserCreate().Parse(document, True)
    except expat.ExpatError:
        return False
    return True


def _xml_entry(entry: dict[str, Any], url: str, language: str, read_date: DateReader) -> FeedEntry | None:
    address = usable_address(entry.get("feedburner_origlink") or entry.get("link"), url)
    if not address:
        return None
    contents = entry.get("content") or [{}]
    tags = [tag.get("label") or tag.get("term") for tag in entry.get("tags") or ()]
    updated_at = read_date(dict.get(entry, "updated"))  # the entry's own `get` offers ``published`` too
    return FeedEntry(
        url=address,
        title=plain_text(entry.get("title"), MAX_TITLE_CHARS),
        summary=plain_text(entry.get("summary") or contents[0].get("value"), MAX_SUMMARY_CHARS),
        author=plain_text(entry.get("author"), MAX_TITLE_CHARS),
        section=plain_text(next(filter(None, tags), ""), MAX_TITLE_CHARS),
        language=language_code(entry.get("language") or contents[0].get("language")) or language,
        published_at=read_date(entry.get("published")) or updated_at,
        updated_at=updated_at,
    )


def _ttl_s(feed: Mapping[str, Any]) -> int | None:
    minutes = _positive(feed.get("ttl"))
    if minutes:
        return round(minutes * 60)
    period_s = PERIODS_S.get(str(feed.get("sy_updateperiod", "")).strip().lower())
    return round(period_s / (_positive(feed.get("sy_updatefrequency")) or 1)) if period_s else None


def _positive(value: object) -> float | None:
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None


# ---- JSON Feed 1.0 and 1.1 (jsonfeed.org) ---------------------------------------------------------------------------


def _read_json(text: str, url: str, read_date: DateReader) -> Feed:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ParseError("crawl.not_a_feed", url=url) from exc
    version, items = feed.get("version"), feed.get("items")
    if not JSON_VERSION.fullmatch(str(version)) or not isinstance(items, list):
        raise ParseError("crawl.not_a_feed", url=url)
    language = language_code(feed.get("language"))
    entries = [_json_entry(item, url, language, read_date) for item in items]
    return Feed(
        title=plain_text(feed.get("title"), MAX_TITLE_CHARS),
        entries=tuple(entry for entry in entries if entry),
        dropped=entries.count(None),
    )


def _json_entry(item: object, url: str, language: str, read_date: DateReader) -> FeedEntry | None:
    if not isinstance(item, dict) or not (address := usable_address(item.get("url"), url)):
        return None
    texts = (item.get(key) for key in ("summary", "content_text", "content_html"))
    updated_at = read_date(item.get("date_modified"))
    return FeedEntry(
        url=address,
        title=plain_text(item.get("title"), MAX_TITLE_CHARS),
        summary=plain_text(next(filter(None, texts), ""), MAX_SUMMARY_CHARS),
        author=plain_text(next(_names(item), ""), MAX_TITLE_CHARS),
        section=plain_text(next(iter(item.get("tags") or ()), ""), MAX_TITLE_CHARS) if _is_list(item, "tags") else "",
        language=language_code(item.get("language")) or language,
        published_at=read_date(item.get("date_published")) or updated_at,
        updated_at=updated_at,
    )


def _names(item: Mapping[str, Any]) -> Iterator[object]:
    authors = item["authors"] if _is_list(item, "authors") else [item.get("author")]
    yield from (author.get("name") for author in authors if isinstance(author, dict))


def _is_list(item: Mapping[str, Any], key: str) -> bool:
    return isinstance(item.get(key), list)

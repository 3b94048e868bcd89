"""When an article was published: the first trustworthy date of a page, and the rule that chose it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from lxml import etree, html

from crawlers.dates import parse_date
from pipeline.extract.declared import Declared, element_text
from pipeline.extract.structured import StructuredArticle
from pipeline.records import FeedEntry

GRAPH_NAMES: Final = (
    "article:published_time",
    "article:published:time",
    "article:published",
    "og:article:published_time",
    "og:published_time",
    "og:pubdate",
    "published_time",
)
META_NAMES: Final = (
    "datepublished",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "publication_date",
    "publication-date",
    "article_date_original",
    "originalpublicationdate",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.date",
    "dc.date.published",
    "dcterms.created",
    "dc.date.created",
    "dc.date",
    "dc.created",
    "date.created",
    "article.published",
    "article:post_date",
    "created",
    "date",
    "article-publish-time",
    "pdate",
)
LAST_META_NAMES: Final = (
    "datecreated",
    "uploaddate",
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmod",
)

VISIBLE_DATE: Final = re.compile(
    r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{4}|\d{4}\s*[-/.年년]\s*\d{1,2}\s*[-/.月월]\s*\d{1,2}"
    r"|\d{1,2}\s+tháng\s+\d{1,2}|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}",
    re.I,
)
SHORT_YEAR: Final = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d\d)(?=\D{1,12}\d{1,2}[:h])")
"""``25.04.24 | 14:07``: two digits of a year, with a clock behind."""
DATE_NAMES: Final = "date|time|publi|posted|ngay|thoigian|tarih|datum|fecha|meta|byline|lineinfo"
DATED: Final = etree.XPath(
    ".//*[self::span or self::div or self::p or self::li or self::td or self::em or self::small]"
    f"[re:test(concat(@class, ' ', @id), '{DATE_NAMES}', 'i')]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
MAX_HEADINGS: Final = 5
NEAR_LEVELS: Final = 3
"""Ancestors of a headline whose dates are taken for its own."""
MAX_DATE_LINE_CHARS: Final = 90
"""A longer text that holds a date is a sentence."""
MAX_VISIBLE: Final = 40
"""Date-like elements looked at, in order of the page."""

URL_DAY: Final = re.compile(
    r"(?<!\d)(20\d\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:([01]\d|2[0-3])([0-5]\d)([0-5]\d)\d{0,6})?(?!\d)"
)
"""``/2026/03/05/``, ``-20260305-``, and ids that begin with the minute of publication (``-20260305083518123.htm``)."""
PLAUSIBLE_AHEAD: Final = timedelta(days=1)
"""A date further ahead of the fetch loses to any other date of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An article's date."""

    at: datetime
    """Aware UTC, never after the fetch."""
    raw: str
    """ISO 8601 with the page's own offset; a bare date stays bare; empty when the page gave none."""
    rule: str
    flag: str = ""
    """``future_date`` when it was clamped to the fetch, ``no_date`` when it is the fetch."""


def choose_published(
    root: html.HtmlElement,
    declared: Declared,
    structured: StructuredArticle,
    *,
    entry: FeedEntry | None,
    url: str,
    timezone: str,
    fetched_at: datetime,
) -> Published:
    """Return the first date of the page that can be read and does not lie ahead of the fetch."""
    ahead: tuple[datetime, str, str] | None = None
    for raw, rule in _candidates(root, declared, structured, entry, url):
        moment = parse_date(raw, timezone=timezone)
        if moment is None:
            continue
        shown = raw if re.fullmatch(r"\d{4}-\d\d-\d\d", raw) else moment.isoformat()
        if moment <= fetched_at + PLAUSIBLE_AHEAD:
            return _clamp(moment, shown, rule, fetched_at)
        ahead = ahead or (moment, shown, rule)
    if ahead:
        return _clamp(*ahead, fetched_at)
    return Published(at=fetched_at.astimezone(UTC), raw="", rule="fetched", flag="no_date")


def _clamp(moment: datetime, raw: str, rule: str, fetched_at: datetime) -> Published:
    if moment > fetched_at:
        return Published(at=fetched_at.astimezone(UTC), raw=raw, rule=rule, flag="future_date")
    return Published(at=moment.astimezone(UTC), raw=raw, rule=rule)


def _candidates(
    root: html.HtmlElement, declared: Declared, structured: StructuredArticle, entry: FeedEntry | None, url: str
) -> Iterator[tuple[str, str]]:
    """Yield (date as written, rule), best first. Later ones are only computed when the earlier ones fail."""
    yield structured.published, "json-ld"
    yield from ((declared.meta[name], "opengraph") for name in GRAPH_NAMES if name in declared.meta)
    yield declared.microdata.get("datepublished", ""), "microdata"
    yield from ((declared.meta[name], "meta") for name in META_NAMES if name in declared.meta)
    for attribute, text in declared.times[:MAX_VISIBLE]:
        yield attribute, "time"
        if VISIBLE_DATE.search(text):
            yield text, "time"
    if entry and entry.published_at:
        yield entry.published_at.isoformat(), "feed"
    yield from _in_url(url)
    yield from ((text, "text") for text in _visible_dates(root))
    yield structured.created, "json-ld"
    yield structured.modified, "json-ld"
    yield from ((declared.meta[name], "meta") for name in LAST_META_NAMES if name in declared.meta)


def _in_url(url: str) -> Iterator[tuple[str, str]]:
    match = URL_DAY.search(url)
    if match:
        year, month, day = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
        clock = f"T{match[7]}:{match[8]}:{match[9]}" if match[7] else ""
        yield f"{year}-{month}-{day}{clock}", "url"


def _visible_dates(root: html.HtmlElement) -> Iterator[str]:
    """Yield short texts that hold a date, from elements whose class speaks of one: first those around a headline.

    The head of many pages shows today's date; the article's stands beside its headline.
    """
    for heading in list(root.iter("h1"))[:MAX_HEADINGS]:
        for place in islice(heading.iterancestors(), NEAR_LEVELS):
            if place.tag in {"body", "html"}:
                break
            yield from _dates_inside(place)
    yield from _dates_inside(root)


def _dates_inside(place: html.HtmlElement) -> Iterator[str]:
    for element in DATED(place)[:MAX_VISIBLE]:
        if len(element) > MAX_VISIBLE:
            continue
        text = SHORT_YEAR.sub(r"\1\2\3\g<2>20\4", element_text(element))
        if len(text) <= MAX_DATE_LINE_CHARS and VISIBLE_DATE.search(text):
            yield text

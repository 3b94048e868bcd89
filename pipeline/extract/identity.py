"""Who wrote an article, in which outlet and section, in which language, under which address."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from courlan import extract_domain

from config.errors import ParseError
from crawlers.urls import canonical_url
from pipeline.extract.declared import Declared
from pipeline.extract.structured import StructuredArticle
from pipeline.extract.words import tidy
from pipeline.records import FeedEntry

Choice = tuple[str, str]
"""(value, rule); both empty when nothing gives it."""

LANGUAGE_CODE: Final = re.compile(r"[a-z]{2,3}(?![a-z])")
MAX_NAME_CHARS: Final = 150
"""Longer values are sentences, not names."""


def choose_author(declared: Declared, structured: StructuredArticle, entry: FeedEntry | None) -> Choice:
    """Return the author's name; addresses of profiles are no names."""
    return _first(
        (structured.author, "json-ld"),
        (
            declared.first("article:author", "og:article:author", "dc.creator", "dcterms.creator", "parsely-author"),
            "meta",
        ),
        (declared.microdata.get("author", ""), "microdata"),
        (declared.first("author", "byl", "sailthru.author"), "meta"),
        (entry.author if entry else "", "feed"),
    )


def choose_outlet(declared: Declared, structured: StructuredArticle) -> Choice:
    """Return the outlet's name as the page gives it."""
    return _first(
        (declared.first("og:site_name"), "opengraph"),
        (structured.publisher, "json-ld"),
        (declared.first("application-name", "dc.publisher", "publisher", "copyright"), "meta"),
    )


def choose_section(declared: Declared, structured: StructuredArticle, entry: FeedEntry | None) -> Choice:
    """Return the section the outlet filed it under."""
    return _first(
        (structured.section, "json-ld"),
        (declared.first("article:section", "og:article:section", "section", "parsely-section", "category"), "meta"),
        (declared.microdata.get("articlesection", ""), "microdata"),
        (entry.section if entry else "", "feed"),
    )


def choose_language(declared: Declared, structured: StructuredArticle, entry: FeedEntry | None) -> Choice:
    """Return the declared language as ISO 639-1, such as ``vi`` of ``vi-VN``."""
    for value, rule in (
        (declared.language, "html"),
        (structured.language, "json-ld"),
        (declared.first("og:locale"), "opengraph"),
        (declared.first("content-language", "language", "dc.language"), "meta"),
        (entry.language if entry else "", "feed"),
    ):
        code = LANGUAGE_CODE.match(value.strip().lower())
        if code:
            return code[0], rule
    return "", ""


def choose_url(page_url: str, declared: Declared) -> Choice:
    """Return the article's canonical address: the page's canonical link where that stays with the outlet.

    Raises ParseError when ``page_url`` is no http(s) address. Without a ``page_url`` (a saved page) the link is all
    there is, and the address may be empty.
    """
    for value, rule in ((declared.canonical, "canonical"), (declared.first("og:url"), "opengraph")):
        if not value:
            continue
        try:
            linked = canonical_url(value, page_url or None)
        except ParseError:
            continue
        if not page_url or _same_article_site(linked, page_url):
            return linked, rule
    return (canonical_url(page_url), "response") if page_url else ("", "")


def outlet_names(outlet: str, declared: Declared, structured: StructuredArticle, url: str) -> Iterator[str]:
    """Yield every form in which the outlet may sign a title: its names, its host, the host's own label."""
    yield from (outlet, structured.publisher, declared.first("og:site_name"), declared.first("application-name"))
    yield from (declared.first("twitter:site").lstrip("@"), declared.first("apple-mobile-web-app-title"))
    host = _bare_host(url)
    yield from (host, host.partition(".")[0], (extract_domain(url) or "").partition(".")[0] if host else "")


def _first(*choices: Choice) -> Choice:
    for value, rule in choices:
        name = tidy(value)
        if name and len(name) <= MAX_NAME_CHARS and not name.startswith(("http://", "https://", "//", "@")):
            return name, rule
    return "", ""


def _same_article_site(linked: str, page_url: str) -> bool:
    """True when a canonical link names an article of the same outlet; some software links every page to the front."""
    if urlsplit(linked).path.strip("/") == "" != urlsplit(page_url).path.strip("/"):
        return False
    first, second = _bare_host(linked), _bare_host(page_url)
    domain = extract_domain(linked)
    return (
        first == second
        or first.endswith(f".{second}")
        or second.endswith(f".{first}")
        or (domain is not None and domain == extract_domain(page_url))
    )


def _bare_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")

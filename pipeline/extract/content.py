"""The text of an article, by trafilatura on a tree that is already parsed."""

import logging
from collections.abc import Iterator
from typing import Final

import structlog
from lxml import html
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor

from pipeline.extract.declared import element_text

log = structlog.get_logger()
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it discards is said by our own flags and events

MAX_ELEMENTS: Final = 12_000
"""Articles have some hundreds once thinned; trafilatura's time grows with their number times their depth."""
MAX_TEXT_CHARS: Final = 400_000
"""Four novels' chapters; what is longer is cut."""
MIN_PARAGRAPH_CHARS: Final = 60

QUICK: Final = Extractor(output_format="python", comments=False, dedup=False, fast=True)
THOROUGH: Final = Extractor(output_format="python", comments=False, dedup=False)
"""Readers' comments are not the article; ``dedup`` remembers earlier pages, so results would depend on the order.
Thorough compares the result with two other algorithms (readability, jusText), which costs two thirds more."""
LOST: Final = 0.5
"""A quick text below this share of the page's prose has lost a part of it."""
ASTRAY: Final = 2.0
"""A quick text above this multiple of the page's prose was found outside its paragraphs."""


def find_text(root: html.HtmlElement) -> str:
    """Return the article's paragraphs, one a line; empty when the page has none.

    trafilatura (Barbaresi 2021) without its metadata step, which costs half its time; first its own algorithm alone,
    and with its fallbacks only where the result does not fit the prose that is on the page. Where the tree is too
    large for it, or it fails, the long paragraphs as they stand.
    """
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        log.info("page_too_complex", elements_over=MAX_ELEMENTS)
        return "\n".join(_prose(root))[:MAX_TEXT_CHARS]
    prose = sum(map(len, _prose(root)))
    text = _extract(root, QUICK)
    if text is not None and not LOST * prose <= len(text) <= ASTRAY * prose:
        text = _extract(root, THOROUGH)
    return "\n".join(_prose(root))[:MAX_TEXT_CHARS] if text is None else text[:MAX_TEXT_CHARS]


def _extract(root: html.HtmlElement, options: Extractor) -> str | None:
    """Return trafilatura's text, or None when it failed."""
    try:
        found = bare_extraction(root, options=options)
    except Exception as exc:  # whatever hostile markup provokes in the library, the page is kept
        log.warning("extraction_failed", error=type(exc).__name__)
        return None
    return (found.text or "") if isinstance(found, Document) else ""


def _prose(root: html.HtmlElement) -> Iterator[str]:
    """Yield the page's long paragraphs."""
    for paragraph in root.iter("p"):
        text = element_text(paragraph)
        if len(text) >= MIN_PARAGRAPH_CHARS:
            yield text

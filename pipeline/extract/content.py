"""The text of an article, by trafilatura on a tree that is already parsed."""

import copy
from typing import Final

import structlog
from lxml import html
from trafilatura import bare_extraction
from trafilatura.settings import Extractor

from pipeline.extract.declared import element_text

log = structlog.get_logger()

MAX_ELEMENTS: Final = 50_000
"""A larger tree is no article; trafilatura's time grows faster than the tree."""
MAX_TEXT_CHARS: Final = 400_000
"""Four novels' chapters; what is longer is cut."""
MIN_PARAGRAPH_CHARS: Final = 60

OPTIONS: Final = Extractor(output_format="python", comments=False, dedup=False)
"""Readers' comments are not the article; ``dedup`` remembers earlier pages, so results would depend on the order."""


def find_text(root: html.HtmlElement) -> str:
    """Return the article's paragraphs, one a line; empty when the page has none.

    trafilatura (Barbaresi 2021) without its metadata step, which costs half its time. Where the tree is too large for
    it, or it fails, the long paragraphs as they stand.
    """
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        log.info("page_too_complex", elements_over=MAX_ELEMENTS)
        return _long_paragraphs(root)
    try:
        found = bare_extraction(root, options=copy.copy(OPTIONS))
    except Exception as exc:  # whatever hostile markup provokes in the library, the page is kept
        log.warning("extraction_failed", error=type(exc).__name__)
        return _long_paragraphs(root)
    return (found.text or "")[:MAX_TEXT_CHARS] if found else ""


def _long_paragraphs(root: html.HtmlElement) -> str:
    texts, total = [], 0
    for paragraph in root.iter("p"):
        text = element_text(paragraph)
        if len(text) >= MIN_PARAGRAPH_CHARS:
            texts.append(text)
            total += len(text)
        if total > MAX_TEXT_CHARS:
            break
    return "\n".join(texts)

"""Plain text of the HTML snippets in feeds."""

import re
import unicodedata
from typing import Final

from lxml import etree, html

MAX_SNIPPET_CHARS: Final = 100_000
"""Of markup that is looked at; some feeds carry whole articles."""
SILENT: Final = ("script", "style", "noscript", "template", "iframe", "head")
SPACED: Final = frozenset(
    {"address", "article", "br", "div", "h1", "h2", "h3", "h4", "hr", "li", "p", "td", "tr", "ul"}
)
MARKUP = re.compile(r"</?[A-Za-z!][^>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|\w+);")


def plain_text(snippet: object, max_chars: int) -> str:
    """Return the text of a snippet: no markup, NFC, single spaces, cut at a word within ``max_chars``.

    Anything but a string gives an empty text: feeds hold numbers and lists where they should not.
    """
    if not isinstance(snippet, str):
        return ""
    text = snippet[:MAX_SNIPPET_CHARS]
    if MARKUP.search(text):
        text = _text_of_html(text)
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) <= max_chars:
        return text
    return text[: max_chars - 1].rsplit(" ", 1)[0].rstrip() + "…"


def _text_of_html(snippet: str) -> str:
    try:
        root = html.fragment_fromstring(snippet, create_parent="div")
    except (etree.LxmlError, ValueError):
        return MARKUP.sub(" ", snippet)
    return element_text(root)


def element_text(root: html.HtmlElement) -> str:
    """Return the text of an element, which is changed by it: silent parts are cut, blocks and breaks set apart."""
    etree.strip_elements(root, *SILENT, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for element in root.iter(*SPACED):
        element.tail = " " + (element.tail or "")
        element.text = " " + (element.text or "")
    return str(root.text_content())

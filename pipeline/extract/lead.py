"""The lead (sapo, standfirst): the one or two sentences between headline and text."""

import re
from functools import lru_cache
from typing import Final

from lxml import html

from pipeline.extract.declared import Declared, element_text
from pipeline.extract.structured import StructuredArticle
from pipeline.extract.words import WORD, tidy, words

LEAD_CLASS: Final = re.compile(
    r"""sapo|stand-?first|sub-?(?:title|headline|heading)|strapline|teaser-?text|excerpt|entete|sommario
    |(?:^|[-_ ])(?:lead|lede|dek|deck|chapo|ingress|intro|perex|abstract)(?:$|[-_ ])
    |article[-_]{0,2}(?:summary|description|intro|lead)""",
    re.I | re.X,
)
BLOCKS: Final = ("p", "h2", "h3", "div", "strong", "span")
INLINE: Final = frozenset({"span", "strong", "b", "em", "i", "a", "font"})
MAX_CHILDREN: Final = 12
"""An element with more children is a container."""
MIN_WORDS: Final = 8
MAX_WORDS: Final = 130
"""A lead is a paragraph; longer is text."""
MIN_SHARED: Final = 8
"""Words at its start that an element must share with the description to be the lead it describes."""


def find_lead(root: html.HtmlElement, declared: Declared, structured: StructuredArticle) -> tuple[str, bool]:
    """Return the lead and whether it is printed on the page (True) or only declared for search and sharing (False).

    Printed: an element that begins like one of the declared descriptions (which are often cut short), else one whose
    class names it the lead, behind the headline.
    """
    described = [
        tidy(text)
        for text in (
            structured.description,
            declared.first("og:description"),
            declared.first("description", "twitter:description", "dc.description"),
        )
        if len(words(text)) >= MIN_SHARED
    ]
    printed = _printed_lead(root, described)
    if printed:
        return printed, True
    fallback = declared.first("og:description", "description") or structured.description
    return tidy(fallback), False


def _printed_lead(root: html.HtmlElement, described: list[str]) -> str:
    """Return the text of the element that begins like a description, else of the first that is marked as the lead."""
    starts = {tuple(words(text)[:MIN_SHARED]) for text in described}
    first_words = {start[0] for start in starts}
    body = root.find("body")
    marked, passed_headline = "", False
    for element in (root if body is None else body).iter("h1", *BLOCKS):
        if element.tag == "h1":
            passed_headline = True
            continue
        opening = _opening(element)
        if opening in first_words and len(element) <= MAX_CHILDREN:
            text = tidy(element_text(element))
            said = words(text)
            if len(said) <= MAX_WORDS and tuple(said[:MIN_SHARED]) in starts:
                return text
        if passed_headline and not marked and _marked_as_lead(element.get("class") or element.get("data-testid") or ""):
            text = tidy(element_text(element))
            if MIN_WORDS <= len(words(text)) <= MAX_WORDS:
                marked = text
    return marked


def _opening(element: html.HtmlElement) -> str:
    """Return the first word in an element, empty when it opens with another block, which is looked at for itself."""
    piece = element.text
    if (piece is None or piece.isspace()) and len(element) and element[0].tag in INLINE:
        piece = element[0].text
    found = WORD.search(piece) if piece else None
    return found[0].casefold() if found else ""


@lru_cache(maxsize=4096)
def _marked_as_lead(names: str) -> bool:
    return bool(LEAD_CLASS.search(names))


def holds(text: str, lead: str) -> bool:
    """True when ``text`` already begins with the lead, give or take a dateline, near its start."""
    start = words(lead)[:MIN_SHARED]
    head = words(text[: 2 * len(lead) + 1500])
    return any(head[index : index + len(start)] == start for index in range(len(head)))

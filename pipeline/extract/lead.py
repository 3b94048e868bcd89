"""The lead (sapo, standfirst): the one or two sentences between headline and text."""

import re
from typing import Final

from lxml import etree, html

from pipeline.extract.declared import Declared, element_text
from pipeline.extract.structured import StructuredArticle
from pipeline.extract.words import tidy, words

LEAD_CLASS: Final = (
    "sapo|stand-?first|sub-?(?:title|headline|heading)|(?:^|[-_ ])(?:lead|lede|dek|deck|chapo|ingress|intro|perex|abstract)"
    "(?:$|[-_ ])|strapline|teaser-?text|article[-_]{0,2}(?:summary|description|intro|lead|excerpt)|excerpt|entete|sommario"
)
LEADS: Final = etree.XPath(
    ".//body//*[self::p or self::div or self::h2 or self::h3 or self::strong or self::span or self::section]"
    f"[re:test(concat(@class, ' ', @id, ' ', @itemprop, ' ', @data-testid), '{LEAD_CLASS}', 'i')]",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
BLOCKS: Final = ("p", "h2", "h3", "div", "strong", "span")
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
    printed = _element_that_says(root, described) or _element_by_class(root)
    if printed:
        return printed, True
    fallback = declared.first("og:description", "description") or structured.description
    return tidy(fallback), False


def _element_that_says(root: html.HtmlElement, described: list[str]) -> str:
    starts = {tuple(words(text)[:MIN_SHARED]) for text in described}
    if not starts:
        return ""
    body = root.find("body")
    for element in (root if body is None else body).iter(*BLOCKS):
        if len(element) > 12:
            continue
        text = element_text(element)
        said = words(text[:200])
        if tuple(said[:MIN_SHARED]) in starts and len(words(text)) <= MAX_WORDS:
            return tidy(text)
    return ""


def _element_by_class(root: html.HtmlElement) -> str:
    passed_headline = False
    candidates = set(LEADS(root)[:20])
    if not candidates:
        return ""
    for element in root.iter("h1", *BLOCKS, "section"):
        if element.tag == "h1":
            passed_headline = True
        elif passed_headline and element in candidates:
            text = tidy(element_text(element))
            if MIN_WORDS <= len(words(text)) <= MAX_WORDS:
                return text
    return ""


def holds(text: str, lead: str) -> bool:
    """True when ``text`` already begins with the lead, give or take a dateline, near its start."""
    start = words(lead)[:MIN_SHARED]
    head = words(text[: 2 * len(lead) + 1500])
    return any(head[index : index + len(start)] == start for index in range(len(head)))


def without_dateline(text: str) -> str:
    """Return ``(Dân trí) - Giá vàng…`` without the outlet's mark, for comparing."""
    return re.sub(r"^\s*\([^)]{2,30}\)\s*[-–—]\s*", "", text)

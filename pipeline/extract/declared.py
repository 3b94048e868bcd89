"""What a page declares about itself outside JSON-LD: meta elements, headings, ``<time>``, microdata, links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import html

MAX_ELEMENTS: Final = 2_000
"""Declarations looked at; a page has some fifty."""
MAX_VALUE_CHARS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The declarations of one page, as written, white space collapsed."""

    meta: Mapping[str, str]
    """Lower-case ``property``, ``name`` or ``itemprop`` of a meta element to its first content."""
    title: str = ""
    """Of the ``<title>`` element."""
    headings: tuple[str, ...] = ()
    """Texts of the ``<h1>`` elements."""
    times: tuple[tuple[str, str], ...] = ()
    """(``datetime`` attribute, text) of the ``<time>`` elements, in order."""
    microdata: Mapping[str, str]
    """``itemprop`` to its first value, outside meta elements."""
    canonical: str = ""
    amp: bool = False
    """True when the page calls itself an AMP page."""
    language: str = ""
    """``lang`` of the ``<html>`` element."""

    def first(self, *names: str) -> str:
        """Return the first meta value among ``names`` that is there."""
        return next((self.meta[name] for name in names if self.meta.get(name)), "")


def read_declared(root: html.HtmlElement) -> Declared:
    """Collect the declarations in one walk over the tree."""
    meta: dict[str, str] = {}
    title, canonical = "", ""
    headings: list[str] = []
    times: list[tuple[str, str]] = []
    for count, element in enumerate(root.iter("meta", "title", "link", "h1", "time")):
        if count > MAX_ELEMENTS:
            break
        match element.tag:
            case "meta":
                content = flatten(element.get("content") or "")
                for attribute in ("property", "name", "itemprop"):
                    name = (element.get(attribute) or "").strip().lower()
                    if name and content:
                        meta.setdefault(name, content)
            case "title":
                title = title or element_text(element)
            case "link":
                if not canonical and (element.get("rel") or "").strip().lower() == "canonical":
                    canonical = (element.get("href") or "").strip()
            case "h1":
                headings.append(element_text(element))
            case _:
                times.append((flatten(element.get("datetime") or ""), element_text(element)))
    return Declared(
        meta=meta,
        title=title,
        headings=tuple(heading for heading in headings if heading),
        times=tuple(times),
        microdata=_read_microdata(root),
        canonical=canonical,
        amp="amp" in root.attrib or "⚡" in root.attrib,
        language=(root.get("lang") or root.get("xml:lang") or "").strip(),
    )


def element_text(element: html.HtmlElement) -> str:
    """Return the text inside an element, white space collapsed."""
    return flatten(" ".join(element.itertext()))


def flatten(text: str) -> str:
    """Return ``text`` on one line, clipped to what a declaration can be."""
    return " ".join(text[:MAX_VALUE_CHARS].split())


def _read_microdata(root: html.HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.xpath(".//*[@itemprop][not(self::meta)]")[:MAX_ELEMENTS]:
        name = element.get("itemprop").strip().lower()
        if name in {"headline", "author", "datepublished", "articlesection", "name"} and name not in found:
            value = element.get("content") or element.get("datetime") or element_text(element)
            found[name] = flatten(value)
    return found

"""UTF-8 markup to one lxml tree, parsed once and shared by every later step."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

from lxml import etree, html

MAX_TAGS: Final = 100_000
"""Tags that are parsed; the rest of the page is cut. Pages of outlets have at most a tenth; a node costs 200 bytes."""
MAX_DATA_BLOCKS: Final = 64
"""JSON-LD blocks that are read; pages of outlets have one to five."""
OPENINGS: Final = re.compile(rb"<(?:(!--)|(script|style|svg|noscript|iframe)\b)", re.I)
CLOSINGS: Final = {
    name: re.compile(rb"</" + name + rb"\s*>", re.I) for name in (b"script", b"style", b"svg", b"noscript", b"iframe")
}
JSON_LD: Final = re.compile(rb"<script\b[^>]{0,400}ld\+json[^>]{0,400}>", re.I)
TEXTS: Final = etree.XPath("body//text()", smart_strings=False)
"""Three times as fast as walking the tree for its texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """One page: its tree, without scripts and comments, and the data blocks that stood in its scripts."""

    root: html.HtmlElement
    json_ld: tuple[str, ...]


def parse_markup(utf8: bytes) -> Markup | None:
    """Return the tree of a page, or None when there is no markup in it.

    Scripts, styles, drawings and comments are cut out before parsing: they are two thirds of a page, and JSON-LD is
    the only part of them that is read. Linear in the size of the page; libxml2 drops what is nested deeper than 255.
    """
    visible, json_ld = _cut_scripts(utf8)
    if visible.count(b"<") > MAX_TAGS:
        visible = visible[: next(islice(re.finditer(rb"<", visible), MAX_TAGS, None)).start()]
    if not visible.strip():
        return None
    try:
        root = html.document_fromstring(visible, parser=_new_parser(), ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return Markup(root=root, json_ld=json_ld)


def visible_text(root: html.HtmlElement) -> str:
    """Return the text of the body, single-spaced; a menu is as visible as a paragraph."""
    return " ".join(" ".join(TEXTS(root)).split())


def _new_parser() -> html.HTMLParser:
    return html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, no_network=True, huge_tree=False
    )


def _cut_scripts(utf8: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the markup without invisible parts, and the JSON-LD in it. What is never closed reaches to the end."""
    kept: list[bytes] = []
    blocks: list[str] = []
    position = 0
    while opening := OPENINGS.search(utf8, position):
        kept.append(utf8[position : opening.start()])
        if opening[1]:
            end = utf8.find(b"-->", opening.start() + 2)
            position = end + 3 if end >= 0 else len(utf8)
            continue
        name = opening[2].lower()
        closing = CLOSINGS[name].search(utf8, opening.end())
        position = closing.end() if closing else len(utf8)
        if name == b"script" and len(blocks) < MAX_DATA_BLOCKS:
            data = JSON_LD.match(utf8, opening.start(), position)
            if data:
                inside = utf8[data.end() : closing.start() if closing else position]
                blocks.append(inside.decode("utf-8", "replace"))
        if name != b"style":
            kept.append(b" ")
    kept.append(utf8[position:])
    return b"".join(kept), tuple(blocks)

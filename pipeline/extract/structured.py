"""What a page says about its article as schema.org JSON-LD (W3C JSON-LD 1.1, embedded in HTML)."""

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

MAX_BLOCK_CHARS: Final = 1_000_000
"""Longer blocks are catalogues or attacks."""
MAX_NODES: Final = 5_000
"""Objects looked at in one page."""
ARTICLE_TYPE: Final = re.compile(r"Article$|Posting$|^Report$")
ELSEWHERE: Final = frozenset(
    {
        "itemListElement",
        "isPartOf",
        "liveBlogUpdate",
        "comment",
        "citation",
        "mentions",
        "about",
        "relatedLink",
        "review",
    }
)
"""Properties that lead to other pages' articles."""
JS_COMMENT: Final = re.compile(
    r"^\s*(?://[^\n]*|/\*.*?\*/|<!--|<!\[CDATA\[|-->|\]\]>)|(?://)?\s*(?:-->|\]\]>)\s*$", re.S
)
TRAILING_COMMA: Final = re.compile(r",\s*(?=[}\]])")
DECODER: Final = json.JSONDecoder(strict=False)

Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredArticle:
    """The article node of a page; empty strings where it says nothing."""

    headline: str = ""
    description: str = ""
    body: str = ""
    """``articleBody``: the outlet's own statement of its text, often without subheadings, sometimes a teaser."""
    published: str = ""
    created: str = ""
    modified: str = ""
    author: str = ""
    publisher: str = ""
    section: str = ""
    language: str = ""
    url: str = ""
    free: bool | None = None
    """``isAccessibleForFree``; None when not said."""
    word_count: int = 0


def read_structured(blocks: tuple[str, ...]) -> StructuredArticle:
    """Return the page's own article among its JSON-LD blocks; broken blocks are repaired or passed over."""
    nodes = [node for block in blocks for value in _load(block) for node in _walk(value)]
    articles = [node for node in nodes if _is_article(node)]
    own = next((node for node in articles if _text(node.get("headline"))), articles[0] if articles else None)
    if own is None:
        own = next((node for node in nodes if "datePublished" in node and _text(node.get("name"))), {})
    return StructuredArticle(
        headline=_text(own.get("headline")) or _text(own.get("name")),
        description=_text(own.get("description")),
        body=max((_text(node.get("articleBody")) for node in articles), key=len, default=""),
        published=_text(own.get("datePublished")),
        created=_text(own.get("dateCreated")) or _text(own.get("uploadDate")),
        modified=_text(own.get("dateModified")),
        author=_names(own.get("author")),
        publisher=_names(own.get("publisher")) or _names(own.get("sourceOrganization")),
        section=_text(own.get("articleSection")),
        language=_text(own.get("inLanguage")),
        url=_text(own.get("url")) or _text(own.get("mainEntityOfPage")),
        free=_free(own),
        word_count=_count(own.get("wordCount")),
    )


def _load(block: str) -> Iterator[Any]:
    """Yield the JSON values of one block: comments, CDATA marks, trailing commas and joined objects are forgiven."""
    if len(block) > MAX_BLOCK_CHARS:
        return
    for text in (block, TRAILING_COMMA.sub("", JS_COMMENT.sub("", block)).strip().rstrip(";")):
        try:
            yield DECODER.decode(text)
        except (ValueError, RecursionError):
            continue
        return
    position, end = 0, len(text)
    while position < end:
        try:
            value, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        yield value
        while position < end and text[position] in " \t\r\n,;":
            position += 1


def _walk(value: Any) -> Iterator[Node]:
    """Yield the objects of a JSON value, nearest to the top first."""
    queue = deque([value])
    for _ in range(MAX_NODES):
        if not queue:
            return
        current = queue.popleft()
        if isinstance(current, list):
            queue.extend(current[:MAX_NODES])
        elif isinstance(current, dict):
            yield current
            queue.extend(
                inner for key, inner in current.items() if key not in ELSEWHERE and isinstance(inner, dict | list)
            )


def _is_article(node: Node) -> bool:
    kinds = node.get("@type")
    return any(isinstance(kind, str) and ARTICLE_TYPE.search(kind) for kind in _as_list(kinds))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """Return the one string a property means: of a list the first, of an object its ``@value``, ``name`` or ``@id``."""
    item = next(iter(_as_list(value)), None)
    if isinstance(item, dict):
        item = next((item[key] for key in ("@value", "name", "@id") if isinstance(item.get(key), str)), None)
    if isinstance(item, str):
        return unescape(unescape(item)).strip()
    return str(item) if isinstance(item, int | float) and not isinstance(item, bool) else ""


def _names(value: Any) -> str:
    names = [_text(item) for item in _as_list(value)[:10]]
    return ", ".join(dict.fromkeys(name for name in names if name and not name.startswith(("http:", "https:"))))


def _free(node: Node) -> bool | None:
    said = [node.get("isAccessibleForFree")]
    said += [part.get("isAccessibleForFree") for part in _as_list(node.get("hasPart")) if isinstance(part, dict)]
    values = {str(value).strip().rpartition("/")[2].lower() for value in said if value is not None}
    if "false" in values:
        return False
    return True if "true" in values else None


def _count(value: Any) -> int:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0

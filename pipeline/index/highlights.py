"""Fragments of a text around the words that were looked for, marked with ``[[`` and ``]]``."""

from collections.abc import Sequence

from pipeline.index.nodes import Words
from pipeline.index.tokens import Token, normalise, tokens

FRAGMENT_CHARS = 160
"""About two printed lines."""
MAX_FRAGMENTS = 3


def highlights(title: str, lead: str, text: str, sought: Sequence[Words]) -> tuple[str, ...]:
    """Return up to three fragments: the title first, then the lead, then the text."""
    fragments: list[str] = []
    for part, is_title in ((title, True), (lead, False), (text, False)):
        wanted = [words for words in sought if is_title or not words.in_title]
        if wanted and len(fragments) < MAX_FRAGMENTS:
            fragments += _fragments(normalise(part), wanted)
    return tuple(fragments[:MAX_FRAGMENTS])


def _fragments(text: str, sought: Sequence[Words]) -> list[str]:
    spans = _joined(text, _spans(list(tokens(text)), sought))
    found: list[str] = []
    end = 0
    while spans and len(found) < MAX_FRAGMENTS:
        start, end = _window(text, end, spans[0])
        inside = [span for span in spans if span[1] <= end]
        spans = spans[len(inside) :]
        found.append(_marked(text, start, end, inside))
    return list(dict.fromkeys(found))


def _spans(found: list[Token], sought: Sequence[Words]) -> list[tuple[int, int]]:
    """Return the character spans of every sequence that occurs."""
    by_first: dict[tuple[bool, str], list[Words]] = {}
    for words in sought:
        by_first.setdefault((words.exact, words.tokens[0]), []).append(words)
    spans = []
    for place, token in enumerate(found):
        for words in by_first.get((True, token.exact), []) + by_first.get((False, token.plain), []):
            there = found[place : place + len(words.tokens)]
            if tuple(one.exact if words.exact else one.plain for one in there) == words.tokens:
                spans.append((token.start, there[-1].end))
    return spans


def _joined(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order; those that overlap, or have only a blank between them, as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _window(text: str, earliest: int, span: tuple[int, int]) -> tuple[int, int]:
    """Return where a fragment begins and ends: at blanks, with some words before the first match."""
    start = max(earliest, span[0] - FRAGMENT_CHARS // 3)
    if start > 0:
        blank = text.find(" ", start, span[0])
        start = blank + 1 if blank >= 0 else start
    end = min(len(text), max(start + FRAGMENT_CHARS, span[1]))
    if end < len(text):
        blank = text.rfind(" ", span[1], end)
        end = blank if blank >= 0 else end
    return start, end


def _marked(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    pieces, at = ["…" if start > 0 else ""], start
    for span_start, span_end in spans:
        pieces += (text[at:span_start], "[[", text[span_start:span_end], "]]")
        at = span_end
    pieces += (text[at:end], "…" if end < len(text) else "")
    return " ".join("".join(pieces).split())

"""What the linear models read: an item with the mentions of one unit marked, and the terms drawn from it.

A term is a string; terms lie in named blocks, and each block is one TF-IDF vector of its own. The first three blocks
belong to the document and serve every task, the rest to one unit in it. Marking the unit, and reading the words around
it apart from the rest, lets one document mean different things to different units.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pipeline.records import Item, PlaceMention

DOCUMENT_BLOCKS: Final = ("words", "chars", "title_words")
UNIT_BLOCKS: Final = ("marked_title", "sentence", "window", "context", "position", "name")

OWN: Final = "UNITX"
"""Stands for a name of the judged unit; upper case, so that no lower-cased word equals it."""
OTHER: Final = "OTHERX"
"""Stands for a name of any other unit."""
CHAR_SIZES: Final = range(2, 6)
WINDOW_WORDS: Final = 8
CONTEXT_WORDS: Final = 4
OPENING_CHARS: Final = 300
"""Length to which a short lead is filled up: about what title and lead of the training rows have."""
BODY_SENTENCES: Final = 6
"""So many sentences of the body that hold the unit are read; more of them repeat the same."""

_WORD: Final = re.compile(r"\w+")
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_SENTENCE_END: Final = re.compile(r"[.;!?…](?=\s)|\n")

Terms = Mapping[str, Sequence[str]]
"""Block to its terms, with repetitions."""
Span = tuple[int, int]
"""Character offsets, end exclusive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One piece of text with the names of the judged unit and of others in it."""

    text: str
    own: tuple[Span, ...] = ()
    others: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """One item as it speaks of one unit."""

    unit: str
    """Slug."""
    title: Passage
    lead: Passage
    body: tuple[Passage, ...] = ()
    """Sentences of the full text that hold the unit."""
    has_text: bool = False
    """The full text is known, so that an empty body says something."""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Title, lead and body sentences."""
        return (self.title, self.lead, *self.body)

    @property
    def lead_and_body(self) -> str:
        """The lead, and the first sentences of the body that hold the unit."""
        return " ".join(passage.text for passage in (self.lead, *self.body[:BODY_SENTENCES]))


def mark(
    item: Item, unit: str, own: Iterable[PlaceMention], others: Iterable[PlaceMention] = (), body: Iterable[Span] = ()
) -> MarkedText:
    """Return an item with the mentions of one unit marked.

    ``others`` are mentions of other units, ``body`` the offsets of the sentences of ``item.text``; those that hold a
    mention of the unit are kept.
    """
    own, others = tuple(own), tuple(others)
    sentences = [_passage(item, "text", own, others, span) for span in body]
    return MarkedText(
        unit=unit,
        title=_passage(item, "title", own, others, (0, len(item.title))),
        lead=_passage(item, "summary", own, others, (0, len(item.summary))),
        body=tuple(sentence for sentence in sentences if sentence.own),
        has_text=bool(item.text),
    )


def opening(item: Item) -> str:
    """Return the lead, filled up with the beginning of the text where it is short."""
    lead = item.summary.strip()
    missing = OPENING_CHARS - len(lead)
    return f"{lead}\n{item.text[:missing]}".strip() if missing > 0 and item.text else lead


def document_terms(title: str, lead: str) -> Terms:
    """Return the terms of a whole document: words and pairs of words, runs of characters, words of the title."""
    words = _words(f"{title} . {lead}")
    joined = f" {' '.join(words)} "
    return {
        "words": _singles_and_pairs(words),
        "chars": [joined[at : at + size] for size in CHAR_SIZES for at in range(len(joined) - size + 1)],
        "title_words": _singles_and_pairs(_words(title)),
    }


def unit_terms(marked: MarkedText) -> Terms:
    """Return the terms of one unit in a document: what stands around its names, and where they stand."""
    sentence: list[str] = []
    window: list[str] = []
    context: list[str] = []
    name: list[str] = []
    for passage in (marked.title, marked.lead, *marked.body[:BODY_SENTENCES]):
        for start, end in passage.own:
            before, after = _around(passage, start, end)
            low_before, low_after = _lowered(before), _lowered(after)
            context += _context(before, after, low_before, low_after)
            left, right = low_before[-WINDOW_WORDS:], low_after[:WINDOW_WORDS]
            window += _singles_and_pairs([*left, OWN, *right])
            sentence += _singles_and_pairs(_sentence(passage, start, end))
            previous, following = (["<s>", *low_before])[-1], [*low_after, "</s>"][0]
            name += [
                f"{marked.unit}|{previous}",
                f"{marked.unit}||{following}",
                f"form={passage.text[start:end]}",
            ]
    return {
        "marked_title": _singles_and_pairs(_lowered(_WORD.findall(_replaced(marked.title)))),
        "sentence": sentence,
        "window": window,
        "context": context,
        "position": _position(marked),
        "name": [*name, f"unit={marked.unit}"],
    }


def terms_of(marked: MarkedText) -> Terms:
    """Return all terms of one unit in a headline with its lead."""
    return {**document_terms(marked.title.text, marked.lead.text), **unit_terms(marked)}


def _passage(
    item: Item, field: str, own: Iterable[PlaceMention], others: Iterable[PlaceMention], span: Span
) -> Passage:
    start, end = span
    text: str = getattr(item, field)[start:end]

    def inside(mentions: Iterable[PlaceMention]) -> tuple[Span, ...]:
        return tuple(
            sorted((m.start - start, m.end - start) for m in mentions if m.field == field and start <= m.start < end)
        )

    return Passage(text=text, own=inside(own), others=inside(others))


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def _lowered(tokens: Iterable[str]) -> list[str]:
    return [token if token in (OWN, OTHER) else unicodedata.normalize("NFC", token).lower() for token in tokens]


def _singles_and_pairs(words: Sequence[str]) -> list[str]:
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def _replaced(passage: Passage, start: int = 0, end: int | None = None) -> str:
    """Return a part of a passage with its names replaced by the two stand-ins."""
    end = len(passage.text) if end is None else end
    names = sorted([(span, OWN) for span in passage.own] + [(span, OTHER) for span in passage.others])
    pieces: list[str] = []
    at = start
    for (left, right), stand_in in names:
        if left >= at and right <= end:
            pieces += [passage.text[at:left], f" {stand_in} "]
            at = right
    return "".join(pieces) + passage.text[at:end]


def _around(passage: Passage, start: int, end: int) -> tuple[list[str], list[str]]:
    """Return the tokens before and after one name; other units replaced, further names of this one left as written."""
    rest = Passage(text=passage.text, others=passage.others)
    return _TOKEN.findall(_replaced(rest, 0, start)), _TOKEN.findall(_replaced(rest, end))


def _context(before: list[str], after: list[str], low_before: list[str], low_after: list[str]) -> Iterator[str]:
    left, right = ["<s>"] * CONTEXT_WORDS + low_before, low_after + ["</s>"] * CONTEXT_WORDS
    for distance in range(1, CONTEXT_WORDS + 1):
        yield f"-{distance}={left[-distance]}"
        yield f"+{distance}={right[distance - 1]}"
    yield f"-21={' '.join(left[-2:])}"
    yield f"-321={' '.join(left[-3:])}"
    yield f"+12={' '.join(right[:2])}"
    yield f"-1+1={left[-1]} {right[0]}"
    yield f"-shape={''.join(map(_shape, before[-2:]))}"
    yield f"+shape={''.join(map(_shape, after[:2]))}"


def _shape(token: str) -> str:
    """Return one letter for how a token is written: A all capitals, T capitalised, a lower case, 0 digits, p other."""
    if token.isupper():
        return "A"
    if token[0].islower():
        return "a"
    if token[0].isupper():
        return "T"
    return "0" if token[0].isdigit() else "p"


def _sentence(passage: Passage, start: int, end: int) -> list[str]:
    """Return the lower-cased tokens of the sentence around a name, the name replaced."""
    ends = [match.end() for match in _SENTENCE_END.finditer(passage.text)]
    first = max((at for at in ends if at <= start), default=0)
    last = min((at for at in ends if at > end), default=len(passage.text))
    left, right = passage.text[first:start], passage.text[end:last]
    return _lowered([*_TOKEN.findall(left), OWN, *_TOKEN.findall(right)])


def _position(marked: MarkedText) -> list[str]:
    title, lead = marked.title, marked.lead
    others = {p.text[start:end].lower() for p in (title, lead) for start, end in p.others}
    in_title, in_lead, has_others = bool(title.own), bool(lead.own), bool(others)
    return [
        f"title={in_title}",
        f"lead={in_lead}",
        f"times={min(len(title.own) + len(lead.own), 4)}",
        f"title_at={_fifth(title)}",
        f"lead_at={_fifth(lead)}",
        f"opens={in_title and title.own[0][0] < 3}",
        f"others={min(len(others), 5)}",
        f"others_in_title={min(len(title.others), 3)}",
        f"where={in_title:d}{in_lead:d}{has_others:d}",
        f"colon={in_title and title.text[title.own[0][1] :][:1] == ':'}",
        f"other_first={bool(title.others) and (not in_title or title.others[0] < title.own[0])}",
        f"no_lead={not lead.text}",
        f"body={min(len(marked.body), 4)}",
        f"counts={min(len(title.own), 2)}{min(len(lead.own), 2)}{min(len(title.others) + len(lead.others), 3)}",
    ]


def _fifth(passage: Passage) -> str:
    """Return in which fifth of a passage its first name stands; ``-`` without one."""
    return str(passage.own[0][0] * 5 // max(1, len(passage.text))) if passage.own else "-"

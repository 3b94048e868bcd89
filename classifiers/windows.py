"""What the encoder reads: pieces of one item, with the names of one unit between quotation marks.

The first window is the title and the lead. Sentences of a full text that hold the unit follow in windows of their own,
each after the title, so that every window looks like what the encoder has learnt from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from classifiers.features import MarkedText, Passage, Span

PROMPT: Final = "query: "
"""What the base model was trained to see before a text."""
OPEN: Final = "« "
CLOSE: Final = " »"
WINDOW_CHARS: Final = 220
"""Of body sentences in one window; with a title about as many tokens as the encoder takes."""
BODY_WINDOWS: Final = 2
"""Windows beside the first; more sentences of one text repeat the same."""
BEFORE_NAME: Final = 80
"""So many characters before the first name are kept of a sentence that is longer than a window."""

NOTHING: Final = Passage(text="")

_ENDS: Final = (".", "?", "!", "…")


@dataclass(frozen=True, slots=True)
class Window:
    """One text for the encoder."""

    text: str
    own: tuple[Span, ...]
    """Offsets of the marked names, with their quotation marks; empty when no name is marked."""


def windows(marked: MarkedText) -> tuple[Window, ...]:
    """Return the windows of one item for one unit; the first is title and lead, or what stands in for the lead."""
    chunks = list(_chunks(marked.body))
    if not marked.lead.text.strip() and chunks:
        first, chunks = chunks[0], chunks[1:]
    else:
        first = marked.lead
    return tuple(window(marked.title, rest) for rest in (first, *chunks[:BODY_WINDOWS]))


def window(title: Passage, rest: Passage = NOTHING) -> Window:
    """Return one window: a title, and what follows it as a new sentence."""
    text = PROMPT
    own: list[Span] = []
    text = _append(text, title, own).rstrip()
    text += " " if text.endswith(_ENDS) else ". "
    return Window(_append(text, rest, own), tuple(own))


def _chunks(sentences: Iterable[Passage]) -> Iterator[Passage]:
    """Yield the sentences, several together while they fit in a window."""
    held: Passage | None = None
    for sentence in map(_shortened, sentences):
        if held and len(held.text) + len(sentence.text) < WINDOW_CHARS:
            held = _joined(held, sentence)
            continue
        if held:
            yield held
        held = sentence
    if held:
        yield held


def _shortened(sentence: Passage) -> Passage:
    """Return the part of a long sentence that holds its first name."""
    if len(sentence.text) <= WINDOW_CHARS:
        return sentence
    start = max(0, min(sentence.own[0][0] - BEFORE_NAME, len(sentence.text) - WINDOW_CHARS))
    end = start + WINDOW_CHARS
    own = tuple((left - start, right - start) for left, right in sentence.own if start <= left and right <= end)
    return Passage(text=sentence.text[start:end], own=own)


def _joined(first: Passage, second: Passage) -> Passage:
    shift = len(first.text) + 1
    return Passage(
        text=f"{first.text} {second.text}",
        own=(*first.own, *((left + shift, right + shift) for left, right in second.own)),
    )


def _append(text: str, passage: Passage, own: list[Span]) -> str:
    """Return the text with a passage after it, its names marked; their offsets are added to ``own``."""
    at = 0
    for start, end in passage.own:
        if start < at:  # inside the name before it
            continue
        text += passage.text[at:start]
        if not text[-1].isspace():
            text += " "
        opened = len(text)
        text += f"{OPEN}{passage.text[start:end]}{CLOSE}"
        own.append((opened, len(text)))
        at = end
        if passage.text[at : at + 1] and not passage.text[at].isspace():
            text += " "
    return text + passage.text[at:]

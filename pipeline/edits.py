"""What an edit changed, word by word: paragraphs are compared first, then the words of those that differ."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

WORD: Final = re.compile(r"(?:\w+|[^\w\s])\s*|\s+")
"""A word or sign with the blanks behind it."""

PieceKind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of words that an edit kept, took out or put in."""

    kind: PieceKind
    text: str


def compare(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces that lead from one text to the other; those kept and gone make the old, kept and new the new.

    What is taken out comes before what takes its place.
    """
    lines = [text.splitlines(keepends=True) for text in (old, new)]
    found: list[Piece] = []
    for kind, olds, news in _runs(*lines):
        if kind == "same":
            found.append(Piece(kind="same", text="".join(olds)))
        else:
            words = [WORD.findall("".join(part)) for part in (olds, news)]
            found += (piece for _, gone, put in _runs(*words) for piece in _pieces(gone, put))
    return tuple(_joined(found))


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Literal["same", "other"], list[str], list[str]]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)  # the words that occur most often are no junk
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        yield "same" if tag == "equal" else "other", list(old[old_from:old_to]), list(new[new_from:new_to])


def _pieces(gone: Sequence[str], put: Sequence[str]) -> Iterator[Piece]:
    if gone == put:
        yield Piece(kind="same", text="".join(gone))
        return
    if gone:
        yield Piece(kind="gone", text="".join(gone))
    if put:
        yield Piece(kind="new", text="".join(put))


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Join neighbours of one kind."""
    held: Piece | None = None
    for piece in pieces:
        if held and held.kind == piece.kind:
            held = Piece(kind=held.kind, text=held.text + piece.text)
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held

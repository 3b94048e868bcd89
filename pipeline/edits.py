"""What an edit changed, word by word: paragraphs are compared first, then the words of those that differ."""

import re
from collections.abc import Iterable, Iterator, Sequence
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
    """Return the pieces that lead from one text to the other: those kept and gone make the old, kept and new the new.

    What is taken out comes before what takes its place. Blanks are no change; what is kept has those of the new text.
    """
    return tuple(_joined(_pieces(old.splitlines(keepends=True), new.splitlines(keepends=True), into_words=True)))


def _pieces(old: Sequence[str], new: Sequence[str], *, into_words: bool) -> Iterator[Piece]:
    olds, news = ([part.strip() for part in parts] for parts in (old, new))
    matcher = SequenceMatcher(None, olds, news, autojunk=False)  # the words that occur most often are no junk
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        gone, put = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if tag == "equal":
            yield Piece(kind="same", text=put)
        elif into_words:
            yield from _pieces(WORD.findall(gone), WORD.findall(put), into_words=False)
        else:
            yield Piece(kind="gone", text=gone if gone.strip() else "")
            yield Piece(kind="new" if put.strip() else "same", text=put)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join neighbours of one kind, and leave out what is empty."""
    held: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if held and held.kind == piece.kind:
            held = Piece(kind=held.kind, text=held.text + piece.text)
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held

from pipeline.cli.history_lines import CONTEXT_CHARS, GAP, shorten
from pipeline.edits import Piece


def same(text: str) -> Piece:
    return Piece(kind="same", text=text)


def test_the_middle_of_what_an_edit_kept_is_left_out() -> None:
    new, long = Piece(kind="new", text="mới "), "a" * 500 + "z" * 500
    first, put, middle, again, last = shorten([same(long), new, same(long), new, same(long)])
    assert (put, again) == (new, new)
    assert first.text == GAP + "z" * CONTEXT_CHARS
    assert middle.text == "a" * CONTEXT_CHARS + GAP + "z" * CONTEXT_CHARS
    assert last.text == "a" * CONTEXT_CHARS + GAP


def test_what_is_short_stays_whole() -> None:
    pieces = [same("Cầu "), Piece(kind="gone", text="cũ " * 99), same("sập.")]
    assert shorten(pieces) == pieces

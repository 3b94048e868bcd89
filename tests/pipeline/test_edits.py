from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.edits import Piece, compare

PARTS = ("cầu", "đường", "sập", "ba", "12", ".", ",", " ", "  ", "\n")
WORDS = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


def spelled(pieces: tuple[Piece, ...]) -> str:
    signs = {"same": "{}", "gone": "[{}]", "new": "<{}>"}
    return "".join(signs[piece.kind].format(piece.text) for piece in pieces)


def test_changed_words_stand_where_they_were() -> None:
    assert spelled(compare("Cầu sập, ba người chết.", "Cầu sập, bốn người chết.")) == (
        "Cầu sập, [ba ]<bốn >người chết."
    )
    assert spelled(compare("Cầu sập.", "Cầu treo sập.")) == "Cầu <treo >sập."
    assert spelled(compare("Một.\nHai.\nBa.", "Một.\nBa.")) == "Một.\n[Hai.\n]Ba."
    assert spelled(compare("Cầu sập", "Tin mới: Cầu sập hẳn")) == "<Tin mới: >Cầu sập <hẳn>"
    assert spelled(compare("Một hai", "Một  hai ")) == "Một  hai "
    assert compare("", "") == ()


def words(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


@given(old=WORDS, new=WORDS)
def test_pieces_make_both_texts(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert words(piece.text for piece in pieces if piece.kind != "new") == words([old])
    assert "".join(piece.text for piece in pieces if piece.kind != "gone").split() == new.split()
    assert all(piece.text for piece in pieces)
    assert all(one.kind != two.kind for one, two in pairwise(pieces))

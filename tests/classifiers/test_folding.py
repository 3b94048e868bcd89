"""The views of a text have one length and lead back to the text as it was given."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.folding import fold, is_accented, lower


@settings(deadline=None)  # the first example loads models
@given(st.text(max_size=80))
def test_views_are_of_one_length(given_text: str) -> None:
    folded = fold(given_text)
    assert len(folded.text) == len(folded.low) == len(folded.plain)


@settings(deadline=None)  # the first example loads models
@given(st.text(max_size=80), st.data())
def test_a_span_leads_back(given_text: str, data: st.DataObject) -> None:
    folded = fold(given_text)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    left, right = folded.span(start, end)
    assert 0 <= left <= right <= len(given_text)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKD"])
def test_a_name_is_found_where_it_stands(form: Literal["NFC", "NFD", "NFKD"]) -> None:
    text = unicodedata.normalize(form, "Ở Quảng Ngãi hôm nay")
    folded = fold(text)
    start = folded.low.index("quảng ngãi")
    left, right = folded.span(start, start + len("quảng ngãi"))
    assert unicodedata.normalize("NFC", text[left:right]) == "Quảng Ngãi"


@pytest.mark.parametrize(
    ("old", "new"),
    [("Hoà Bình", "hòa bình"), ("Thuỷ điện", "thủy điện"), ("khoẻ", "khỏe"), ("Hoàng", "hoàng"), ("quý", "qúy")],
)
def test_tone_marks_have_one_place(old: str, new: str) -> None:
    assert lower(old) == new
    assert lower(new) == new


def test_invisible_characters_are_left_out() -> None:
    folded = fold("Cao\u00adBằng \u200bCao\u00a0Bằng")
    assert folded.text == "CaoBằng Cao Bằng"
    assert folded.span(8, 15) == (10, 17)


def test_doubled_blanks_are_one() -> None:
    folded = fold("Mưa ở Hà \u00a0 Nội,  gió")
    assert folded.text == "Mưa ở Hà Nội, gió"
    assert folded.span(6, 12) == (6, 14)
    assert fold("Ha  Noi").text == "Ha Noi"


@pytest.mark.parametrize(
    ("text", "accented"),
    [
        ("Người dân Cao Bằng đón Tết", True),
        ("Nguoi dan Cao Bang don Tet", False),
        ("Trương Mỹ Lan, the property tycoon, appeals her sentence in a court of the southern city today", False),
    ],
)
def test_accented_is_vietnamese_with_its_marks(text: str, accented: bool) -> None:
    assert is_accented(text.lower()) is accented

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.tokens import MAX_TOKEN, normalise, token_forms, tokens


def forms(text: str) -> list[tuple[str, str]]:
    return [(token.exact, token.plain) for token in tokens(normalise(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cao Bằng", [("cao", "cao"), ("bằng", "bang")]),
        ("ĐƯỜNG", [("đường", "duong")]),
        ("COVID-19, U.23", [("covid", "covid"), ("19", "19"), ("u", "u"), ("23", "23")]),
        ("ＡＢ１２", [("ab12", "ab12")]),
        ("高平省", [("高", "高"), ("平", "平"), ("省", "省")]),
        ("บั่ง", [("บั่", "บั่"), ("ง", "ง")]),
        ("Straße", [("strasse", "strasse")]),
        ("x" * 100, [("x" * MAX_TOKEN, "x" * MAX_TOKEN)]),
        ("… — !?", []),
    ],
)
def test_tokens(text: str, expected: list[tuple[str, str]]) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hòa", "hoà"),
        ("HÓA", "hoá"),
        ("thủy", "thuỷ"),
        ("khỏe", "khoẻ"),
        ("họa", "hoạ"),
        ("tùy", "tuỳ"),
        ("hoàn", "hoàn"),
    ],
)
def test_both_ways_to_place_a_tone_are_one_word(old: str, new: str) -> None:
    assert forms(old) == forms(new) == forms(unicodedata.normalize("NFD", old))


@pytest.mark.parametrize(("one", "other"), [("mùa", "muà"), ("của", "cua"), ("bảng", "bằng"), ("đa", "da")])
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert forms(one)[0][0] != forms(other)[0][0]


@given(st.text())
def test_tokens_lie_in_the_text_in_order_and_hold_no_ascii_sign(text: str) -> None:
    normalised = normalise(text)
    end = 0
    for token in tokens(normalised):
        assert end <= token.start < token.end <= len(normalised)
        end = token.end
        for form in (token.exact, token.plain):
            assert form
            assert all(char.isalnum() for char in form if char.isascii())


@given(st.text())
def test_a_text_and_its_decomposed_form_have_the_same_tokens(text: str) -> None:
    assert forms(text) == forms(unicodedata.normalize("NFD", text))


@given(st.text())
def test_an_index_keeps_the_forms_that_a_query_has(text: str) -> None:
    assert token_forms(text) == forms(text)

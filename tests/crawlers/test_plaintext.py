"""Plain text of snippets."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.plaintext import MAX_SNIPPET_CHARS, plain_text


@pytest.mark.parametrize(
    ("snippet", "text"),
    [
        ("Mưa lớn", "Mưa lớn"),
        ("  Mưa\n\tlớn ", "Mưa lớn"),
        ("<p>Một</p><p>Hai</p>", "Một Hai"),
        ("Một<br/>Hai", "Một Hai"),
        ("Hà <b>Nội</b>, <i>Huế</i>", "Hà Nội, Huế"),
        ("Một<script>alert('x')</script><style>p{}</style><!-- c --> hai", "Một hai"),
        ("R&amp;D &#7857; &nbsp;x", "R&D ằ x"),
        ("Giá 5 < 6, 7 > 2", "Giá 5 < 6, 7 > 2"),
        ("R&D", "R&D"),
        ("<img src='x.jpg'>", ""),
        ("", ""),
        (None, ""),
        (7, ""),
        (["Một"], ""),
    ],
)
def test_snippets(snippet: object, text: str) -> None:
    assert plain_text(snippet, 100) == text


def test_a_long_text_is_cut_at_a_word() -> None:
    assert plain_text("một hai ba bốn", 9) == "một hai…"
    assert plain_text("một hai ba", 10) == "một hai ba"
    assert len(plain_text("x" * 50, 10)) <= 10


def test_huge_markup_is_cut_before_it_is_read() -> None:
    assert plain_text("<b>" * MAX_SNIPPET_CHARS + "text", 100) == ""


@given(st.text(max_size=200) | st.text("<>/!&;abp#x0 -[]", max_size=200), st.integers(5, 50))
def test_any_text_becomes_plain_and_short(snippet: str, max_chars: int) -> None:
    text = plain_text(snippet, max_chars)
    assert len(text) <= max_chars
    assert text == " ".join(text.split())
    assert unicodedata.is_normalized("NFC", text)

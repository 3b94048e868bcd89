"""Pipelines keep every character of a text, and sentences are verbatim."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from classifiers.nlp import build_pipeline, split_sentences
from pipeline.records import Item


@pytest.fixture(scope="module")
def vietnamese() -> Language:
    return build_pipeline("vi", {})


@settings(max_examples=60, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(["Công an", "  ", "Nguyễn Văn A.", "\n", "1.5", "'", "TP.HCM"])).map("".join),
    )
)
def test_no_character_is_lost(vietnamese: Language, text: str) -> None:
    assert vietnamese.make_doc(text).text == text


def test_words_of_several_syllables_are_one_token(vietnamese: Language) -> None:
    assert "Cao Bằng" in [token.text for token in vietnamese.make_doc("Công an tỉnh Cao Bằng bắt giữ ba người")]


@pytest.mark.parametrize(
    ("language", "summary", "expected"),
    [
        ("vi", "Ông Nguyễn Văn A. nói. Hôm nay mưa 1.5 cm!", ["Ông Nguyễn Văn A. nói.", "Hôm nay mưa 1.5 cm!"]),
        ("en", "It rained. Roads closed!", ["It rained.", "Roads closed!"]),
        ("zh", "越南高平下雨。道路中断！", ["越南高平下雨。", "道路中断！"]),
        ("th", "ฝนตกหนักที่ฮานอย", ["ฝนตกหนักที่ฮานอย"]),
    ],
)
def test_sentences(language: str, summary: str, expected: list[str]) -> None:
    found = split_sentences(Item(id="1", title="Tiêu đề. Một câu", summary=summary), language)
    assert [sentence.text for sentence in found] == ["Tiêu đề. Một câu", *expected]


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=40), text=st.text(max_size=120), language=st.sampled_from(["vi", "en", "zh"]))
def test_sentences_are_verbatim(title: str, text: str, language: str) -> None:
    item = Item(id="1", title=title, text=text)
    for sentence in split_sentences(item, language):
        assert getattr(item, sentence.field)[sentence.start : sentence.end] == sentence.text

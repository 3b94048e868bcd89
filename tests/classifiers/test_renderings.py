"""Names in scripts that have no fixed rendering of Vietnamese: spellings made, and where a Korean name ends."""

import pytest

from classifiers.hangul import is_name_in_korean
from classifiers.renderings import adjectives, inflect, render


def test_russian_names_are_inflected() -> None:
    assert inflect("Ханой") == ("Ханой", "Ханоя", "Ханою", "Ханоем", "Ханое")
    assert inflect("Дананг") == ("Дананг", "Дананга", "Данангу", "Данангом", "Дананге")
    assert inflect("Тханьхоа")[1:] == ("Тханьхоы", "Тханьхое", "Тханьхоу", "Тханьхоой")
    assert inflect("Хюэ") == ("Хюэ",)


def test_russian_names_have_adjectives() -> None:
    assert {"ханойский", "ханойского", "ханойские"} <= {form.lower() for form in adjectives("Ханой")}
    assert adjectives("Хюэ") == ()


@pytest.mark.parametrize(
    ("name", "lang", "form"),
    [
        ("กว๋างนิญ", "th", "กวางนิญ"),
        ("กว๋างนิญ", "th", "กว่างนิญ"),
        ("ກວາງບິ່ງ", "lo", "ກວາງບິງ"),
        ("까오방", "ko", "카오방"),
        ("떠이닌", "ko", "터이닝"),
        ("ヴィンフック", "ja", "ビンフック"),
        ("バリア・ブンタウ", "ja", "バリアブンタウ"),
    ],
)
def test_other_spellings_are_made(name: str, lang: str, form: str) -> None:
    assert form in set(render(name, lang))


@pytest.mark.parametrize(("name", "lang"), [("เว้", "th"), ("후에", "ko"), ("Hanoi", "en"), ("Ханой", "ru")])
def test_short_names_and_fixed_scripts_have_no_others(name: str, lang: str) -> None:
    assert list(render(name, lang)) == []


@pytest.mark.parametrize(
    ("text", "name", "unsure", "stands"),
    [
        ("다낭에서 열린", "다낭", False, True),
        ("주호찌민 총영사", "호찌민", False, True),
        ("의무이네요", "무이네", False, False),
        ("에릭 칸토나", "칸토", True, False),
        ("칸토의 시장", "칸토", True, True),
        ("하남성 공장", "하남", True, True),
        ("선라이즈", "선라", True, False),
    ],
)
def test_where_a_korean_name_begins_and_ends(text: str, name: str, unsure: bool, stands: bool) -> None:
    start = text.index(name)
    assert is_name_in_korean(text, start, start + len(name), unsure=unsure) is stands

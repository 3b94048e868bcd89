import json
from typing import Any

import pytest

from classifiers.batch import BadLine
from classifiers.labelled import LabelledItem, UnitLabels, read_labelled

PAIR = {
    "id": "a",
    "title": "Cao Bằng thông xe",
    "summary": "Đoạn đường mới.",
    "language": "vi",
    "published_at": "2026-03-05",
    "unit": "cao-bang",
    "relevance": "about",
    "tone": "positive",
    "bad_event": False,
    "topics": ["economy.transport_infrastructure", "society"],
    "uncertain": True,
}


def read(row: dict[str, Any]) -> LabelledItem | BadLine:
    (one,) = read_labelled([json.dumps(row, ensure_ascii=False)])
    return one


def test_a_row_that_judges_one_unit() -> None:
    one = read(PAIR)
    assert isinstance(one, LabelledItem)
    assert (one.item.id, one.item.title, one.item.summary) == ("a", "Cao Bằng thông xe", "Đoạn đường mới.")
    assert one.item.language == ""  # the label stays out of the classifiers' sight
    assert one.judged == UnitLabels(
        unit="cao-bang",
        relevance="about",
        tone="positive",
        bad_event=False,
        topics=("economy", "society"),
        uncertain=True,
    )


def test_what_is_missing_or_null_is_no_label() -> None:
    one = read({"id": "a", "title": "T", "unit": "hue", "relevance": None, "tone": "", "topics": None, "by": "Lan"})
    assert isinstance(one, LabelledItem)
    assert one.judged == UnitLabels(unit="hue", corrected=True)


def test_a_row_that_says_all_units() -> None:
    one = read(
        {"id": "a", "title": "岘港", "language": "zh-Hant", "gold": [{"unit": "da-nang", "relevance": "about"}]},
    )
    assert isinstance(one, LabelledItem)
    assert one.judged is None
    assert one.language == "zh"
    assert one.named == (UnitLabels(unit="da-nang", relevance="about"),)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"unit": None}, "no_unit"),
        ({"unit": ["cao-bang"]}, "no_unit"),
        ({"unit": "atlantis"}, "bad_unit"),
        ({"relevance": "perhaps"}, "bad_label"),
        ({"tone": 1}, "bad_label"),
        ({"bad_event": "yes"}, "bad_label"),
        ({"topics": "society"}, "bad_label"),
        ({"topics": [["society"]]}, "bad_label"),
        ({"topics": ["gossip"]}, "bad_label"),
        ({"gold": {"unit": "hue"}}, "bad_label"),
        ({"gold": [], "language": 7}, "not_a_text"),
        ({"title": " "}, "no_title"),
        ({"published_at": "hôm qua"}, "bad_date"),
    ],
)
def test_a_row_that_cannot_be_used_names_why(change: dict[str, Any], reason: str) -> None:
    assert read(PAIR | change) == BadLine(number=1, reason=reason)


def test_bad_lines_are_numbered_and_the_rest_goes_on() -> None:
    rows = list(read_labelled([json.dumps(PAIR), "", "{", "[1]", json.dumps(PAIR)]))
    assert [row.number for row in rows if isinstance(row, BadLine)] == [3, 4]
    assert sum(isinstance(row, LabelledItem) for row in rows) == 2

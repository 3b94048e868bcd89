"""Lines in, items or named problems out."""

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.batch import BadLine, annotation_row, read_items
from config.messages import LANGS, message
from pipeline.records import Annotation, Assessment, Item, TopicScore


def read(*lines: object) -> list[Item | BadLine]:
    return list(read_items(line if isinstance(line, bytes | str) else json.dumps(line) for line in lines))


def test_an_item_is_read_whole() -> None:
    line = {
        "id": "a",
        "title": "T",
        "summary": "S",
        "text": "X",
        "url": "https://bao.example/1",
        "outlet": "Báo",
        "language": "vi",
        "published_at": "2026-03-05T07:00:00+07:00",
        "fetched_at": "2026-03-05T00:10:00Z",
        "sections": ["Thời sự", "Pháp luật"],
        "unknown": [1],
    }
    assert read(line) == [
        Item(
            id="a",
            title="T",
            summary="S",
            text="X",
            url="https://bao.example/1",
            outlet="Báo",
            language="vi",
            published_at=datetime(2026, 3, 5, tzinfo=UTC),
            fetched_at=datetime(2026, 3, 5, 0, 10, tzinfo=UTC),
            section="Thời sự",
        )
    ]


@pytest.mark.parametrize("missing", [{}, {"id": None}, {"id": ""}])
def test_the_address_stands_for_an_id_that_is_missing(missing: dict[str, object]) -> None:
    url = "https://bao.example/1"
    assert read(missing | {"title": "T", "url": url}) == [Item(id=url, title="T", url=url)]


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("2026-03-05", datetime(2026, 3, 4, 17, tzinfo=UTC)),
        ("2026-03-05T08:35:18+07:07", datetime(2026, 3, 5, 1, 35, 18, tzinfo=UTC)),
        ("2026-03-05 08:35", datetime(2026, 3, 5, 1, 35, tzinfo=UTC)),
        ("2026-03-05T08:35:18.25Z", datetime(2026, 3, 5, 8, 35, 18, 250_000, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_dates(raw: str | None, at: datetime | None) -> None:
    (item,) = read({"id": "a", "title": "T", "published_at": raw})
    assert isinstance(item, Item)
    assert item.published_at == at


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff\xfe", "not_utf8"),
        ("{", "not_json"),
        ("[" * 100_000, "not_json"),
        ("NaN", "not_an_object"),
        ("[]", "not_an_object"),
        ({"title": "T"}, "no_id"),
        ({"id": "", "title": "T"}, "no_id"),
        ({"id": True, "title": "T", "url": "https://bao.example/1"}, "no_id"),
        ({"title": "T", "url": " "}, "no_id"),
        ({"id": "a"}, "no_title"),
        ({"id": "a", "title": " "}, "no_title"),
        ({"id": "a", "title": ["T"]}, "not_a_text"),
        ({"id": "a", "title": "T", "published_at": 3}, "not_a_text"),
        ({"id": "a", "title": "T", "published_at": "hôm qua"}, "bad_date"),
        ({"id": "a", "title": "T", "published_at": "0001-01-01"}, "bad_date"),
    ],
)
def test_a_bad_line_is_a_value_and_the_rest_goes_on(line: object, reason: str) -> None:
    good = {"id": "b", "title": "T"}
    assert read(good, line, good)[1:] == [BadLine(number=2, reason=reason), Item(id="b", title="T")]
    for lang in LANGS:
        assert "2" in message(f"items.{reason}", lang, number=2)


def test_blank_lines_and_a_byte_order_mark_are_skipped_but_counted() -> None:
    stream = io.BytesIO(b'\xef\xbb\xbf{"id": 7, "title": "T"}\r\n\n{"id": 8}\n')
    assert list(read_items(stream)) == [Item(id="7", title="T"), BadLine(number=3, reason="no_title")]


@settings(deadline=None)  # the first example loads models
@given(st.lists(st.one_of(st.binary(max_size=40), st.text(max_size=40)), max_size=5))
def test_garbage_never_stops_the_reader(lines: list[bytes | str]) -> None:
    assert all(isinstance(each, Item | BadLine) for each in read_items(lines))


def test_a_lone_surrogate_can_be_written_again() -> None:
    (item,) = read('{"id": "a", "title": "\\ud800 tin"}')
    assert isinstance(item, Item)
    item.title.encode("utf-8")


def test_a_row_has_the_keys_of_the_contract() -> None:
    annotation = Annotation(
        language="vi",
        topics=(
            TopicScore(id="security", score=0.91239),
            TopicScore(id="security.protest_collective", score=0.41),
        ),
        bad_event=True,
        bad_event_score=0.8,
        assessments=(
            Assessment(
                unit="ben-tre",
                current="vinh-long",
                relevance="about",
                score=0.8,
                tone="negative",
                tone_score=0.7,
                evidence=("Câu.",),
                matched=("Bến Tre",),
                why=("tên tỉnh",),
            ),
            Assessment(unit="ha-noi", current="ha-noi", relevance="mention", score=0.6),
        ),
    )
    assert annotation_row(Item(id="1", title="T"), annotation) == {
        "id": "1",
        "language": "vi",
        "topics": [
            {"id": "security", "score": 0.9124},
            {"id": "security.protest_collective", "score": 0.41, "sensitive": True},
        ],
        "bad_event": True,
        "units": [
            {
                "unit": "ben-tre",
                "current": "vinh-long",
                "relevance": "about",
                "score": 0.8,
                "tone": "negative",
                "tone_score": 0.7,
                "evidence": ["Câu."],
                "matched": ["Bến Tre"],
            },
            {
                "unit": "ha-noi",
                "current": "ha-noi",
                "relevance": "mention",
                "score": 0.6,
                "tone": None,
                "tone_score": None,
                "evidence": [],
                "matched": [],
            },
        ],
    }

"""Drafts as people write them: what is right is read, what is wrong is told with its line."""

from datetime import UTC, datetime

import pytest

from config.errors import DraftError
from pipeline.digest.draft import OUTLOOK_CHARS, PROPOSALS, parse_draft
from pipeline.digest.editing import Edits, ItemEdit, ItemTexts

SAVED_AT = datetime(2026, 3, 4, 23, 40, tzinfo=UTC)
NAME = "cao-bang.2026-03-05"
HEAD = f"edition: {NAME}\n"


def parse(text: str) -> Edits:
    return parse_draft(text, place="nhap.yaml", edition=NAME, edited_at=SAVED_AT)


def test_a_whole_draft() -> None:
    edits = parse(
        HEAD
        + """by: Hoàng Thị Thử
outlook: |
  Mưa lớn: còn kéo dài # đến cuối tuần.

  Báo chí sẽ hỏi về đường tỉnh 204.
proposals:
  - "Sở Xây dựng trả lời trước ngày 7/3"
  -
sections:
  negative:
  - id: a1 # [Tiêu cực] Báo Non Cao
    title: "Tựa: có dấu hai chấm"
    summary: ""
  - id: b2
    drop: true
    why: trùng
  neutral:
  # - id: c3
drafted:
  negative: [b2, a1]
  neutral: []
"""
    )
    assert (edits.by, edits.edited_at) == ("Hoàng Thị Thử", SAVED_AT)
    assert edits.outlook == ("Mưa lớn: còn kéo dài # đến cuối tuần.", "Báo chí sẽ hỏi về đường tỉnh 204.")
    assert edits.proposals == ("Sở Xây dựng trả lời trước ngày 7/3",)
    assert edits.sections == {
        "negative": (
            ItemEdit(id="a1", line=12, texts=ItemTexts(title="Tựa: có dấu hai chấm", summary="")),
            ItemEdit(id="b2", line=15, drop=True, why="trùng"),
        ),
        "neutral": (),
    }
    assert edits.drafted == {"negative": ("b2", "a1"), "neutral": ()}
    assert edits.says_something


@pytest.mark.parametrize("text", ["", "# chỉ có chú giải\n", HEAD, HEAD + "by:\noutlook: |\n\nproposals:\nsections:\n"])
def test_an_empty_draft_asks_for_nothing(text: str) -> None:
    edits = parse(text)
    assert not edits.says_something
    assert edits.sections == {}


@pytest.mark.parametrize(
    ("written", "drop"), [("true", True), ("có", True), ("Yes", True), ("false", False), ("", False)]
)
def test_yes_and_no_as_people_write_them(written: str, drop: bool) -> None:
    (entry,) = parse(f"{HEAD}sections:\n  neutral:\n  - id: a\n    drop: {written}\n").sections["neutral"]
    assert entry.drop is drop


def test_control_signs_and_line_breaks_do_not_get_in() -> None:
    edits = parse(HEAD + 'by: "A\\u202eB\\nBcc: x"\nsections: {neutral: [{id: a, title: "Một\\r\\nhai\\0"}]}\n')
    assert edits.by == "AB Bcc: x"
    assert edits.sections["neutral"][0].texts.title == "Một hai"


@pytest.mark.parametrize(
    ("body", "code", "line", "key"),
    [
        ("outlook: Giá: tăng\n", "not_yaml", 2, None),
        ("outlook:\n\tMưa\n", "not_yaml", 3, None),
        ("outlok: Mưa\n", "unknown_key", 2, "outlok"),
        ("by: A\nby: B\n", "key_twice", 3, "by"),
        ("proposals: Trả lời\n", "not_a_list", 2, "proposals"),
        ("outlook: [a, b]\n", "not_text", 2, "outlook"),
        ("sections: [neutral]\n", "not_a_mapping", 2, "sections"),
        ("sections:\n  neutrall:\n  - id: a\n", "unknown_key", 3, "neutrall"),
        ("sections:\n  neutral:\n  - title: x\n", "no_id", 4, None),
        ("sections:\n  neutral:\n  - id: a\n    tite: x\n", "unknown_key", 5, "tite"),
        ("sections:\n  neutral:\n  - id: a\n    drop: maybe\n", "not_yes_no", 5, None),
        ("sections:\n  neutral:\n  - id: a\n    title: [x]\n", "not_text", 5, "title"),
        ("sections:\n  neutral:\n  - id: a\n  positive:\n  - id: a\n", "same_story", 4, None),
        (f"sections:\n  neutral:\n  - id: a\n    title: {'x' * 301}\n", "too_long", 5, "title"),
        (f"sections:\n  neutral:\n  - id: a\n    summary: {'x' * 301}\n", "too_long", 5, "summary"),
        (f"outlook: {'x' * (OUTLOOK_CHARS + 1)}\n", "too_long", 2, "outlook"),
        ("proposals:\n" + "- x\n" * (PROPOSALS + 1), "too_many", 3 + PROPOSALS, "proposals"),
        ("- a\n", "not_yaml", 2, None),
    ],
)
def test_a_mistake_is_told_with_its_line(body: str, code: str, line: int, key: str | None) -> None:
    with pytest.raises(DraftError) as caught:
        parse(HEAD + body)
    error = caught.value
    assert (error.code, error.fields["line"]) == (f"draft.{code}", line)
    assert key is None or error.fields["key"] == key
    assert f"nhap.yaml, dòng {line}" in error.text("vi")
    assert f"nhap.yaml, line {line}" in error.text("en")


@pytest.mark.parametrize("text", ["by: A\n", "edition: cao-bang.2026-03-04\nby: A\n"])
def test_yesterdays_draft_is_not_todays(text: str) -> None:
    with pytest.raises(DraftError) as caught:
        parse(text)
    assert caught.value.code == "draft.other_edition"
    assert NAME in str(caught.value)


def test_a_text_alone_is_no_draft() -> None:
    with pytest.raises(DraftError) as caught:
        parse("xin chào\n")
    assert caught.value.code == "draft.not_a_mapping"

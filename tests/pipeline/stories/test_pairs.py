"""What merges and splits say as labelled pairs."""

from datetime import timedelta
from typing import Any

from pipeline.stories.edits import StoryEdit
from pipeline.stories.pairs import labelled_pairs
from tests.pipeline.documents import NOON, document_id, make_document

DOCS = {doc.id: doc for doc in map(make_document, "abcd")}


def edit(number: int, kind: Any, kept: str, moved: str, **more: Any) -> StoryEdit:
    ids = [frozenset(map(document_id, names)) for names in (kept, moved)]
    at = NOON + timedelta(hours=number)
    return StoryEdit(
        id=number, kind=kind, story="s", other="o", kept=ids[0], moved=ids[1], by="Lan", note="", at=at, **more
    )


def said(*edits: StoryEdit) -> dict[str, bool]:
    names = {document_id(name): name for name in "abcd"}
    rows = list(labelled_pairs(edits, DOCS))
    assert all(row["same_report"] is row["uncertain"] is False for row in rows)
    return {"".join(sorted(names[part] for part in row["id"].split("-") if part)): row["same_story"] for row in rows}


def test_a_merge_says_same_a_split_says_different_and_the_last_word_holds() -> None:
    merge, split = edit(1, "merge", "ab", "cd"), edit(2, "split", "abd", "c")
    assert said(merge) == {"ac": True, "ad": True, "bc": True, "bd": True}
    assert said(split, merge) == {"ad": True, "bd": True, "ac": False, "bc": False, "cd": False}


def test_what_was_undone_says_nothing() -> None:
    assert said(edit(1, "merge", "a", "b", undone_by="Lan", undone_at=NOON)) == {}


def test_a_row_is_what_a_search_for_stories_reads_and_is_scored_by() -> None:
    (row,) = labelled_pairs([edit(1, "merge", "a", "b")], DOCS)
    assert row.keys() == {"id", "a", "b", "same_story", "same_report", "uncertain", "by", "at"}
    assert row["a"].keys() == row["b"].keys() == {"title", "summary", "outlet", "published_at", "url"}
    assert (row["by"], row["at"]) == ("Lan", (NOON + timedelta(hours=1)).isoformat())

"""What people decided of stories, as labelled pairs of articles: the form that searches for stories are scored by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipeline.records import Document
from pipeline.stories.edits import StoryEdit


def labelled_pairs(edits: Iterable[StoryEdit], docs: Mapping[str, Document]) -> Iterator[dict[str, Any]]:
    """Yield a row for each two articles that a merge or split in force speaks of, by the edit's number and their ids.

    The last word on a pair holds. Nobody was asked which article is a reprint: ``same_report`` is what the store holds.
    """
    decided: dict[tuple[str, str], StoryEdit] = {}
    for edit in sorted((edit for edit in edits if edit.undone_at is None), key=lambda edit: edit.id):
        decided |= {(min(pair), max(pair)): edit for pair in _pairs(edit)}
    for (first, second), edit in sorted(decided.items(), key=lambda one: (one[1].id, one[0])):
        if first in docs and second in docs:
            yield _row(docs[first], docs[second], edit)


def _pairs(edit: StoryEdit) -> Iterator[tuple[str, str]]:
    return ((kept, moved) for kept in edit.kept for moved in edit.moved)


def _row(first: Document, second: Document, edit: StoryEdit) -> dict[str, Any]:
    same = edit.kind == "merge"
    reprint = first.copy_of == second.id or second.copy_of == first.id
    return {
        "id": f"{first.id}-{second.id}-",
        "a": _side(first),
        "b": _side(second),
        "same_story": same,
        "same_report": same and reprint,
        "uncertain": False,
        "by": edit.by,
        "at": edit.at.isoformat(),
    } | ({"note": edit.note} if edit.note else {})


def _side(doc: Document) -> dict[str, Any]:
    article = doc.article
    return {
        "title": article.title,
        "summary": article.lead,
        "outlet": doc.outlet,
        "published_at": article.published_at.isoformat(),
        "url": article.url,
    }

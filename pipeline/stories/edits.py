"""What people decide of stories, and what follows from it whenever stories are looked for again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEdit:
    """A merge of two stories or a split of one."""

    id: int
    kind: Literal["merge", "split"]
    story: str
    """Id of the story that was kept."""
    other: str
    """Merge: id of the story taken in; split: id of the new one."""
    kept: frozenset[str]
    """Documents that told ``story`` then."""
    moved: frozenset[str]
    """Documents that told ``other`` before the merge, or from the split on."""
    by: str
    """Who decided."""
    note: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


def rests_on(later: StoryEdit, edit: StoryEdit) -> bool:
    """Return whether an edit that stands was made on what another one had made of the same articles."""
    same = (later.kept | later.moved) & (edit.kept | edit.moved)
    return bool(same) and later.id > edit.id and later.undone_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What is settled of stories, whatever scores say; documents by id."""

    together: tuple[frozenset[str], ...] = ()
    apart: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()


def ties_of(edits: Iterable[StoryEdit]) -> Ties:
    """Return what edits that stand settle. Where two contradict each other, the later one wins."""
    together: list[frozenset[str]] = []
    apart: list[tuple[frozenset[str], frozenset[str]]] = []
    for edit in sorted((edit for edit in edits if edit.undone_at is None), key=lambda edit: edit.id):
        if edit.kind == "merge":
            union = edit.kept | edit.moved
            apart = [pair for pair in apart if not (pair[0] & union and pair[1] & union)]
            together.append(union)
        else:
            parts = ((group - edit.moved, group & edit.moved) for group in together)
            together = [part for pair in parts for part in pair if len(part) > 1]
            together.append(edit.moved)
            apart.append((edit.kept, edit.moved))
    return Ties(together=tuple(together), apart=tuple(apart))

"""What people decided of stories: kept with who and when, undone without being forgotten."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from pipeline.store.engine import Tables, in_chunks
from pipeline.store.schema import document
from pipeline.store.stories import lead_on, queue_changed
from pipeline.store.story_schema import story_edit
from pipeline.stories.edits import StoryEdit


class StoryEditTables(Tables):
    """The part of the store that holds merges and splits."""

    def apply_story_edit(self, edit: StoryEdit, *, targets: Sequence[str], index_all: bool = False) -> int:
        """Keep a decision (its ``id`` is ignored) and do what it says, in one transaction; returns its number."""
        row = {
            "kind": edit.kind,
            "story": edit.story,
            "other": edit.other,
            "kept": json.dumps(sorted(edit.kept)),
            "moved": json.dumps(sorted(edit.moved)),
            "by": edit.by,
            "note": edit.note,
            "at": edit.at,
        }
        is_merge = edit.kind == "merge"
        with self._db.write() as connection:
            (number,) = connection.execute(insert(story_edit).values(row).returning(story_edit.c.id)).one()
            changed = self._retell(connection, edit, merged=is_merge)
            queue_changed(connection, changed, targets, index_all=index_all)
        return int(number)

    def undo_story_edit(
        self, edit: StoryEdit, *, by: str, at: datetime, targets: Sequence[str], index_all: bool = False
    ) -> None:
        """Mark a decision as undone, and let its documents tell what they told before, in one transaction."""
        statement = update(story_edit).where(story_edit.c.id == edit.id)
        with self._db.write() as connection:
            connection.execute(statement.values(undone_by=by, undone_at=at))
            changed = self._retell(connection, edit, merged=edit.kind == "split")
            queue_changed(connection, changed, targets, index_all=index_all)

    def story_edits(self, number: int | None = None) -> list[StoryEdit]:
        """Return all decisions, or the one with a number, oldest first, undone ones too."""
        query = select(story_edit).order_by(story_edit.c.id)
        if number is not None:
            query = query.where(story_edit.c.id == number)
        with self._db.read() as connection:
            return [_edit(row) for row in connection.execute(query).mappings()]

    def _retell(self, connection: Connection, edit: StoryEdit, *, merged: bool) -> frozenset[str]:
        """Let the moved documents tell the story that was kept, or the other one; returns those that changed.

        With the story that is given up go the documents that joined it since.
        """
        lead_on(
            self._db,
            connection,
            {edit.other: edit.story} if merged else {},
            {edit.story} if merged else {edit.story, edit.other},
        )
        moved = edit.moved
        if merged:
            joined = select(document.c.id).where(document.c.story == edit.other)
            moved |= frozenset(connection.execute(joined).scalars())
        story = edit.story if merged else edit.other
        for some in in_chunks(sorted(moved)):
            connection.execute(update(document).where(document.c.id.in_(some)).values(story=story))
        return moved


def _edit(row: RowMapping) -> StoryEdit:
    sides: dict[str, Collection[str]] = {side: json.loads(row[side]) for side in ("kept", "moved")}
    return StoryEdit(**{**row, **{side: frozenset(ids) for side, ids in sides.items()}})

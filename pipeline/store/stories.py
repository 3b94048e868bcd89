"""Which story each document tells."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, or_, update

from pipeline.store.engine import Tables
from pipeline.store.outbox import enqueue
from pipeline.store.schema import document


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryAssignment:
    """What the search for stories found for one document."""

    document_id: str
    story: str
    copy_of: str | None = None
    """Id of the document it reprints; None for an original."""


class StoryTables(Tables):
    """The part of the store that holds stories."""

    def assign_stories(self, assignments: Sequence[StoryAssignment], *, targets: Sequence[str]) -> int:
        """Write the stories of documents in one transaction, queue those that changed for the indexes, count them."""
        changed: list[str] = []
        with self._db.write() as connection:
            for one in assignments:
                columns = document.c
                other = or_(
                    columns.story.is_distinct_from(bindparam("to_story")),
                    columns.copy_of.is_distinct_from(bindparam("to_copy_of")),
                )
                statement = (
                    update(document)
                    .where(columns.id == one.document_id, other)
                    .values(story=bindparam("to_story"), copy_of=bindparam("to_copy_of"))
                )
                values = {"to_story": one.story, "to_copy_of": one.copy_of}
                if connection.execute(statement, values).rowcount:
                    changed.append(one.document_id)
            enqueue(connection, targets, [(document_id, "put") for document_id in changed])
        return len(changed)

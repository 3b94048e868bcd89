"""Which story each document tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update

from pipeline.records import Document, Story
from pipeline.store.engine import Tables, in_chunks
from pipeline.store.outbox import enqueue
from pipeline.store.rows import to_document
from pipeline.store.schema import document, document_unit
from pipeline.stories.story import build_stories


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

    def documents_of_stories(self, ids: Sequence[str]) -> list[Document]:
        """Return every document that tells one of the stories, by publication."""
        found: list[Document] = []
        with self._db.read() as connection:
            for some in in_chunks(ids):
                query = select(document).where(document.c.story.in_(some))
                found += map(to_document, connection.execute(query).mappings())
        return sorted(found, key=lambda doc: (doc.article.published_at, doc.id))

    def stories(self, ids: Sequence[str]) -> list[Story]:
        """Return the stories that exist of these, oldest first, each with all its documents."""
        return build_stories(self.documents_of_stories(ids))

    def story_beginnings(self, ids: Sequence[str]) -> dict[str, datetime]:
        """Return the first publication of those of the stories that exist."""
        columns = document.c
        found: dict[str, datetime] = {}
        with self._db.read() as connection:
            for some in in_chunks(ids):
                began = func.min(columns.published_at).label("began_at")
                query = select(columns.story, began).where(columns.story.in_(some)).group_by(columns.story)
                found |= {row.story: row.began_at for row in connection.execute(query)}
        return found

    def story_ids(self, since_at: datetime, until_at: datetime, *, units: frozenset[str] | None = None) -> list[str]:
        """Return the stories with a document published in [since_at, until_at), about or mentioning ``units``."""
        columns = document.c
        query = select(columns.story).distinct().where(columns.story.is_not(None))
        query = query.where(columns.published_at >= since_at, columns.published_at < until_at)
        if units is not None:
            speaking = select(document_unit.c.document_id).where(
                document_unit.c.unit.in_(sorted(units)), document_unit.c.assessed
            )
            query = query.where(columns.id.in_(speaking))
        with self._db.read() as connection:
            return sorted(connection.execute(query).scalars())

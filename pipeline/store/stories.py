"""Which story each document tells, and which it reprints."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, union, update

from pipeline.dedupe.shingles import Candidate
from pipeline.records import Document, Story
from pipeline.store.engine import Database, Tables, in_chunks
from pipeline.store.outbox import enqueue
from pipeline.store.rows import to_document
from pipeline.store.schema import document, document_unit, outbox
from pipeline.store.story_schema import story_alias, story_edit
from pipeline.stories.story import build_stories
from pipeline.stories.told import Told

STORIES = "stories"
"""Outbox target of documents whose story must be looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryAssignment:
    """What the search for stories found for one document."""

    document_id: str
    story: str
    copy_of: str | None = None
    """Id of the document it reprints; None for an original."""


class StoryTables(Tables):
    """The part of the store that holds stories."""

    # ---- finding ----------------------------------------------------------------------------------------------------

    def next_story_at(self) -> datetime | None:
        """Return the earliest publication among the documents whose story must be looked for; None when none waits."""
        with self._db.write() as connection:
            waiting = select(document.c.id).where(document.c.assessed)
            connection.execute(delete(outbox).where(outbox.c.target == STORIES, outbox.c.document_id.not_in(waiting)))
        query = select(func.min(document.c.published_at)).join(outbox, outbox.c.document_id == document.c.id)
        with self._db.read() as connection:
            return connection.execute(query.where(outbox.c.target == STORIES)).scalar()

    def stories_waiting(self, since_at: datetime, until_at: datetime) -> tuple[int, ...]:
        """Return the outbox rows of documents published in [since_at, until_at) whose story must be looked for."""
        query = select(outbox.c.seq).join(document, outbox.c.document_id == document.c.id)
        query = query.where(outbox.c.target == STORIES, *_published(since_at, until_at)).order_by(outbox.c.seq)
        with self._db.read() as connection:
            return tuple(connection.execute(query).scalars())

    def told(self, since_at: datetime, until_at: datetime) -> list[Told]:
        """Return what the search for stories reads of the documents published in [since_at, until_at)."""
        query = select(*_TOLD).where(document.c.assessed, *_published(since_at, until_at))
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(document.c.published_at, document.c.id)).mappings().all()
        return [
            Told(
                article=Candidate(
                    id=row["id"],
                    title=row["title"],
                    lead=row["lead"],
                    text=row["text"],
                    published_at=row["published_at"],
                    outlet=row["source_id"],
                    tier=row["tier"],
                ),
                story=row["story"],
                copy_of=row["copy_of"],
            )
            for row in rows
        ]

    def story_names(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of the ids that name a story."""
        found: set[str] = set()
        with self._db.read() as connection:
            for some in in_chunks(sorted(ids)):
                found.update(connection.execute(select(document.c.story).where(document.c.story.in_(some))).scalars())
        return frozenset(found)

    def assign_stories(
        self,
        assignments: Sequence[StoryAssignment],
        *,
        targets: Sequence[str],
        merged: Mapping[str, str] | None = None,
        done: Sequence[int] = (),
        index_all: bool = False,
    ) -> int:
        """Write what was found in one transaction, and count the documents that changed.

        Stories of ``merged`` are no longer: all that told them tells the one they lead to. Changed documents that
        belong in an index are queued for it, originals of other copies than before too. ``done``: outbox rows of
        `STORIES` that are answered by this.
        """
        merged = merged or {}
        with self._db.write() as connection:
            changed = _assign(connection, assignments)
            changed |= _take_in(connection, merged)
            live = {one.story for one in assignments} - merged.keys()
            lead_on(self._db, connection, merged, live)
            queue_changed(connection, changed, targets, index_all=index_all)
            for some in in_chunks(done):
                connection.execute(delete(outbox).where(outbox.c.target == STORIES, outbox.c.seq.in_(some)))
        return len(changed)

    # ---- reading ----------------------------------------------------------------------------------------------------

    def stories_starting(self, prefix: str) -> dict[str, str]:
        """Return each id of a story, past ones too, that begins so, with the story that it leads to now."""
        alive, past = (
            select(column).where(column.startswith(prefix, autoescape=True))
            for column in (document.c.story, story_alias.c.story)
        )
        with self._db.read() as connection:
            ids = connection.execute(union(alive, past)).scalars().all()
        return self.current_stories(ids)

    def current_stories(self, ids: Collection[str]) -> dict[str, str]:
        """Return for each id the story it leads to now: itself, or the one that took it in."""
        leads = dict.fromkeys(ids, "")
        waiting = {story: {story} for story in ids}
        with self._db.read() as connection:
            while waiting:
                into: dict[str, str] = {}
                for some in in_chunks(sorted(waiting)):
                    query = select(story_alias.c.story, story_alias.c.into).where(story_alias.c.story.in_(some))
                    into |= {row.story: row.into for row in connection.execute(query)}
                for story in waiting.keys() - into.keys():
                    leads.update(dict.fromkeys(waiting[story], story))
                following: dict[str, set[str]] = {}
                for story, target in into.items():
                    following.setdefault(target, set()).update(waiting[story])
                waiting = following
        return leads

    def documents_of_stories(self, ids: Collection[str]) -> list[Document]:
        """Return every document that tells one of the stories, by publication."""
        found: list[Document] = []
        current = sorted(set(self.current_stories(ids).values()))
        with self._db.read() as connection:
            for some in in_chunks(current):
                query = select(document).where(document.c.story.in_(some))
                found += map(to_document, connection.execute(query).mappings())
        return sorted(found, key=lambda doc: (doc.article.published_at, doc.id))

    def stories(self, ids: Collection[str]) -> list[Story]:
        """Return the stories that exist of these, oldest first, each with all its documents.

        An id that another story took in leads to that.
        """
        return build_stories(self.documents_of_stories(ids), edited=self.edited_stories())

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
        query = select(columns.story).distinct().where(columns.story.is_not(None), *_published(since_at, until_at))
        if units is not None:
            speaking = select(document_unit.c.document_id).where(
                document_unit.c.unit.in_(sorted(units)), document_unit.c.assessed
            )
            query = query.where(columns.id.in_(speaking))
        with self._db.read() as connection:
            return sorted(connection.execute(query).scalars())

    def edited_stories(self) -> frozenset[str]:
        """Return the ids of the stories that merges and splits in force left behind."""
        query = select(story_edit.c.story, story_edit.c.other, story_edit.c.kind)
        with self._db.read() as connection:
            rows = connection.execute(query.where(story_edit.c.undone_at.is_(None))).all()
        return frozenset(
            name for story, other, kind in rows for name in ((story, other) if kind == "split" else (story,))
        )


_TOLD = tuple(
    document.c[name]
    for name in ("id", "title", "lead", "text", "published_at", "source_id", "tier", "story", "copy_of")
)


def lead_on(db: Database, connection: Connection, merged: Mapping[str, str], live: Collection[str]) -> None:
    """Let ids that name no story any more lead to those that took them in; those that name one lead nowhere else."""
    for some in in_chunks(sorted(live)):
        connection.execute(delete(story_alias).where(story_alias.c.story.in_(some)))
    db.upsert(connection, story_alias, [{"story": story, "into": into} for story, into in merged.items()])


def _published(since_at: datetime, until_at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return document.c.published_at >= since_at, document.c.published_at < until_at


def _assign(connection: Connection, assignments: Sequence[StoryAssignment]) -> set[str]:
    """Write stories and originals; returns the documents that changed, originals whose copies are counted anew too."""
    columns = document.c
    changed: set[str] = set()
    originals: set[str] = set()
    for some in in_chunks(assignments):
        query = select(columns.id, columns.story, columns.copy_of)
        query = query.where(columns.id.in_([one.document_id for one in some]))
        held = {row.id: (row.story, row.copy_of) for row in connection.execute(query)}
        others = [one for one in some if one.document_id in held and held[one.document_id] != (one.story, one.copy_of)]
        if not others:
            continue
        statement = update(document).where(columns.id == bindparam("at_id"))
        connection.execute(
            statement.values(story=bindparam("to_story"), copy_of=bindparam("to_copy_of")),
            [{"at_id": one.document_id, "to_story": one.story, "to_copy_of": one.copy_of} for one in others],
        )
        changed.update(one.document_id for one in others)
        for one in others:
            before = held[one.document_id][1]
            if before != one.copy_of:
                originals.update(each for each in (before, one.copy_of) if each)
    for ids in in_chunks(sorted(originals)):
        reprints = document.alias()
        count = select(func.count()).select_from(reprints).where(reprints.c.copy_of == columns.id).scalar_subquery()
        connection.execute(update(document).where(columns.id.in_(ids)).values(copies=count))
    return changed | originals


def _take_in(connection: Connection, merged: Mapping[str, str]) -> set[str]:
    """Let the documents of stories that are no longer tell those that took them in."""
    changed: set[str] = set()
    for story, into in merged.items():
        left = select(document.c.id).where(document.c.story == story)
        ids = set(connection.execute(left).scalars())
        if ids:
            connection.execute(update(document).where(document.c.story == story).values(story=into))
        changed |= ids
    return changed


def queue_changed(connection: Connection, ids: Collection[str], targets: Sequence[str], *, index_all: bool) -> None:
    """Queue for the indexes those of the documents that belong in them."""
    for some in in_chunks(sorted(ids)):
        query = select(document.c.id).where(document.c.id.in_(some)).order_by(document.c.id)
        if not index_all:
            query = query.where(document.c.assessed)
        enqueue(connection, targets, [(document_id, "put") for document_id in connection.execute(query).scalars()])

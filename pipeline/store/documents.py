"""Documents: stored by batch, each once, with their older versions and what the search index must learn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    RowMapping,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
)

from pipeline.records import Annotation, CorrectionKind, Document
from pipeline.store.engine import Tables, in_chunks
from pipeline.store.putting import PutCounts, put
from pipeline.store.rows import AnnotatedBy, annotation_of, kinds_of_words, to_document, unit_key
from pipeline.store.runs import add_rejections
from pipeline.store.schema import EPOCH, MICROSECOND, document, document_unit, document_version, segment

LOCAL_OFFSET = timedelta(hours=7) // MICROSECOND
"""Of Viet Nam from UTC in microseconds, the same all year."""
DAY = timedelta(days=1) // MICROSECOND

READ_BATCH = 500
"""Documents held in memory at a time by the methods that stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderVersion:
    """A text that an edit replaced."""

    version: int
    title: str
    lead: str
    text: str
    fetched_at: datetime
    annotation: Annotation | None = None
    """What held when the edit came; None for a thin document, and for edits older than the keeping of judgements."""
    corrected: tuple[CorrectionKind, ...] = ()
    """As in the document, when the edit came."""


class DocumentTables(Tables):
    """The part of the store that holds documents."""

    def put_documents(
        self,
        docs: Sequence[Document],
        *,
        targets: Sequence[str],
        index_all: bool = False,
        progress: tuple[str, int] | None = None,
        annotated_by: AnnotatedBy | None = None,
        at: datetime | None = None,
        rejections: tuple[date, Mapping[str, int]] | None = None,
    ) -> PutCounts:
        """Store a batch (some 500 documents are a good size) in one transaction, by the rules of `merging`.

        With it go, in the same transaction: an outbox row per ``targets`` for each document that the index must learn
        (those with an assessment; all of them with ``index_all``) or forget (those that lost their last assessment),
        the ``progress`` (name, offset) in an inbox segment, and the count of ``rejections`` of a day, so that after a
        kill nothing is counted twice.

        ``annotated_by`` is kept with the documents that hold an annotation, ``at`` with those that are new.
        """
        counts = PutCounts()
        with self._db.write() as connection:
            for some in in_chunks(docs):
                counts += put(connection, some, targets=targets, index_all=index_all, annotated_by=annotated_by, at=at)
            if progress:
                name, offset = progress
                self._db.upsert(connection, segment, [{"name": name, "offset": offset}])
            if rejections:
                add_rejections(self._db, connection, *rejections)
        return counts

    def segments_progress(self, names: Sequence[str]) -> dict[str, int]:
        """Return the offset up to which each of these inbox segments lies in the store, where it is not 0."""
        found: dict[str, int] = {}
        with self._db.read() as connection:
            for some in in_chunks(names):
                query = select(segment.c.name, segment.c.offset).where(segment.c.name.in_(some))
                found.update(connection.execute(query).all())
        return found

    def note_segment(self, name: str, offset: int) -> None:
        """Record how far an inbox segment was read."""
        with self._db.write() as connection:
            self._db.upsert(connection, segment, [{"name": name, "offset": offset}])

    def forget_segments(self, names: Sequence[str]) -> None:
        """Forget the progress of segments that are gone."""
        with self._db.write() as connection:
            for some in in_chunks(names):
                connection.execute(delete(segment).where(segment.c.name.in_(some)))

    def segment_progress(self, name: str) -> int:
        """Return the offset up to which an inbox segment lies in the store; 0 for one never seen."""
        with self._db.read() as connection:
            return connection.execute(select(segment.c.offset).where(segment.c.name == name)).scalar() or 0

    def forget_progress(self) -> None:
        """Let every inbox segment be read again from its beginning."""
        with self._db.write() as connection:
            connection.execute(delete(segment))

    def document(self, document_id: str) -> Document | None:
        return self._one(document.c.id == document_id)

    def documents_starting(self, prefix: str, limit: int) -> list[Document]:
        """Return some of the documents whose ids begin so, by id."""
        query = select(document).where(document.c.id.startswith(prefix, autoescape=True))
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(document.c.id).limit(limit)).mappings()
            return list(map(to_document, rows))

    def documents_by_id(self, ids: Sequence[str]) -> list[Document]:
        """Return those of the documents that exist, by id."""
        found: list[Document] = []
        with self._db.read() as connection:
            for some in in_chunks(ids):
                query = select(document).where(document.c.id.in_(some)).order_by(document.c.id)
                found += map(to_document, connection.execute(query).mappings())
        return found

    def documents(
        self,
        since_at: datetime,
        until_at: datetime,
        *,
        by: Literal["published_at", "fetched_at"] = "published_at",
        units: frozenset[str],
    ) -> Iterator[Document]:
        """Yield the documents of [since_at, until_at) with an assessment of one of ``units``, by instant and id."""
        instant = document.c[by]
        return self._stream(
            and_(instant >= since_at, instant < until_at, _speaks_of(units, assessed_only=True)),
            (instant, document.c.id),
        )

    def all_documents(self, *, assessed_only: bool = False) -> Iterator[Document]:
        """Yield every document, by id; ``assessed_only``: those about or mentioning an own or watched unit."""
        condition = document.c.assessed if assessed_only else document.c.id == document.c.id
        return self._stream(condition, (document.c.id,))

    def documents_to_reassess(self, units: frozenset[str], annotator_version: str) -> Iterator[Document]:
        """Yield, by id, what the gate saw for ``units`` and the annotator of today has not judged for just these."""
        judged = and_(
            document.c.annotation.is_not(None),
            document.c.annotator_units == unit_key(units),
            document.c.annotator_version == annotator_version,
        )
        condition = and_(_speaks_of(units, assessed_only=False), or_(~judged, judged.is_(None)))
        return self._stream(condition, (document.c.id,))

    def any_published(self, since_at: datetime, until_at: datetime) -> bool:
        """Tell whether anything at all published in [since_at, until_at) was collected."""
        published = and_(document.c.published_at >= since_at, document.c.published_at < until_at)
        with self._db.read() as connection:
            return bool(connection.execute(select(exists().where(published))).scalar())

    def published_days(self, since_at: datetime, until_at: datetime) -> frozenset[date]:
        """Return the local days in [since_at, until_at) on which anything at all that was collected was published."""
        local_day = (type_coerce(document.c.published_at, BigInteger) + LOCAL_OFFSET) // DAY
        query = select(local_day).distinct()
        query = query.where(document.c.published_at >= since_at, document.c.published_at < until_at)
        with self._db.read() as connection:
            return frozenset(EPOCH.date() + timedelta(days=number) for number in connection.execute(query).scalars())

    def collecting_since_at(self) -> datetime | None:
        """Return when the first document was fetched; None for an empty store."""
        with self._db.read() as connection:
            return connection.execute(select(func.min(document.c.fetched_at))).scalar()

    def versions(self, document_id: str) -> tuple[OlderVersion, ...]:
        """Return the texts that edits replaced, oldest first; the text of now is in the document."""
        columns = document_version.c
        query = select(document_version).where(columns.document_id == document_id).order_by(columns.version)
        with self._db.read() as connection:
            return tuple(map(_older_version, connection.execute(query).mappings()))

    def _one(self, condition: ColumnElement[bool]) -> Document | None:
        with self._db.read() as connection:
            row = connection.execute(select(document).where(condition)).mappings().first()
        return None if row is None else to_document(row)

    def _stream(self, condition: ColumnElement[bool], order: tuple[ColumnElement[Any], ...]) -> Iterator[Document]:
        """Read by key, batch after batch: no transaction stays open while the caller writes to the same store."""
        last: tuple[Any, ...] | None = None
        names = [column.key for column in order]
        while True:
            query = select(document).where(condition).order_by(*order).limit(READ_BATCH)
            if last is not None:
                query = query.where(
                    tuple_(*order) > tuple_(*(bindparam(None, v, c.type) for v, c in zip(last, order, strict=True)))
                )
            with self._db.read() as connection:
                rows = connection.execute(query).mappings().all()
            for row in rows:
                yield to_document(row)
            if len(rows) < READ_BATCH:
                return
            last = tuple(rows[-1][str(name)] for name in names)


def _older_version(row: RowMapping) -> OlderVersion:
    return OlderVersion(
        version=row["version"],
        title=row["title"],
        lead=row["lead"],
        text=row["text"],
        fetched_at=row["text_fetched_at"],
        annotation=annotation_of(row["annotation"]),
        corrected=kinds_of_words(row["corrected"]),
    )


def _speaks_of(units: frozenset[str], *, assessed_only: bool) -> ColumnElement[bool]:
    found = and_(document_unit.c.document_id == document.c.id, document_unit.c.unit.in_(sorted(units)))
    return exists().where(and_(found, document_unit.c.assessed) if assessed_only else found)

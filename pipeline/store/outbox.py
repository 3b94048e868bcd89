"""What each search index still has to learn. One row a document and target; a later change takes its place.

An index that is built anew beside the one in use has an outbox of its own (`beside`) until it takes its place. Changes
made meanwhile are queued for both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from pipeline.store.engine import Tables, in_chunks
from pipeline.store.rows import storable
from pipeline.store.schema import document, index_refusal, meta, outbox

Op = Literal["put", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One document that an index must put or remove."""

    seq: int
    """Never used twice; a later change has a higher number."""
    document_id: str
    op: Op


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRefusal:
    """A document that an index does not take as it is; its next change is offered again."""

    document_id: str
    reason: str
    at: datetime


def beside(target: str) -> str:
    """Return the outbox target of the index that is being built beside the one in use."""
    return f"{target}/new"


class OutboxTables(Tables):
    """The part of the store that feeds search indexes."""

    def outbox(self, target: str, limit: int, *, after: int = 0) -> tuple[OutboxRow, ...]:
        """Return the next rows for one index with a number above ``after``, oldest first."""
        query = (
            select(outbox.c.seq, outbox.c.document_id, outbox.c.op)
            .where(outbox.c.target == target, outbox.c.seq > after)
            .order_by(outbox.c.seq)
            .limit(limit)
        )
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return tuple(OutboxRow(seq=seq, document_id=document_id, op=op) for seq, document_id, op in rows)

    def outbox_done(self, target: str, seqs: Sequence[int]) -> None:
        """Forget rows that the index has learned. A document changed meanwhile has a new row, which stays."""
        with self._db.write() as connection:
            _forget(connection, target, seqs)

    def outbox_refused(self, target: str, refused: Mapping[int, tuple[str, str]], at: datetime) -> None:
        """Set documents aside that the index will not take: row number to document id and reason."""
        base = target.partition("/")[0]
        rows = [
            {"target": base, "document_id": document_id, "reason": storable(reason), "at": at}
            for document_id, reason in refused.values()
        ]
        with self._db.write() as connection:
            _forget(connection, target, list(refused))
            self._db.upsert(connection, index_refusal, rows)

    def index_refusals(self, target: str, limit: int) -> tuple[IndexRefusal, ...]:
        """Return what an index refused, newest first."""
        columns = (index_refusal.c.document_id, index_refusal.c.reason, index_refusal.c.at)
        query = select(*columns).where(index_refusal.c.target == target)
        query = query.order_by(index_refusal.c.at.desc(), index_refusal.c.document_id).limit(limit)
        with self._db.read() as connection:
            return tuple(IndexRefusal(**row) for row in connection.execute(query).mappings())

    def outbox_size(self, target: str) -> int:
        query = select(func.count()).select_from(outbox).where(outbox.c.target == target)
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def enqueue_all(self, target: str, index_all: bool) -> None:
        """Queue every document that belongs in an index: for one that was just cleared."""
        with self._db.write() as connection:
            _enqueue_all(connection, target, index_all)
            connection.execute(delete(index_refusal).where(index_refusal.c.target == target))

    def forget_target(self, target: str) -> None:
        """Forget everything kept for an index: it is no longer fed, or is to be built from the start."""
        with self._db.write() as connection:
            connection.execute(delete(outbox).where(outbox.c.target.in_((target, beside(target)))))
            connection.execute(delete(index_refusal).where(index_refusal.c.target == target))
            connection.execute(delete(meta).where(meta.c.key.in_((_building_key(target), _fed_key(target)))))

    # ---- building an index beside the one in use --------------------------------------------------------------------

    def index_fed(self, target: str) -> str | None:
        """Return the identity of the index that learned everything from this store; None when there is none."""
        return self._meta(_fed_key(target))

    def index_building(self, target: str) -> str | None:
        """Return the name of the index that is being built; None when there is none."""
        return self._meta(_building_key(target))

    def building_target(self, target: str) -> str:
        """Return the outbox target of the index that is being built."""
        return beside(target)

    def begin_building(self, target: str, name: str, *, index_all: bool) -> None:
        """Queue every document for a new index; from now on changes go to it as well."""
        with self._db.write() as connection:
            _enqueue_all(connection, beside(target), index_all)
            connection.execute(delete(index_refusal).where(index_refusal.c.target == target))
            self._db.upsert(connection, meta, [{"key": _building_key(target), "value": name}])

    def end_building(self, target: str, fed: str) -> None:
        """Let the new index, whose identity is ``fed``, be the one in use; what it has not learned yet waits for it.

        What waited for the old one is forgotten: the new one was queued all that, at its beginning or with the change.
        """
        with self._db.write() as connection:
            connection.execute(delete(outbox).where(outbox.c.target == target))
            connection.execute(update(outbox).where(outbox.c.target == beside(target)).values(target=target))
            connection.execute(delete(meta).where(meta.c.key == _building_key(target)))
            self._db.upsert(connection, meta, [{"key": _fed_key(target), "value": fed}])

    def _meta(self, key: str) -> str | None:
        with self._db.read() as connection:
            return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def enqueue(connection: Connection, targets: Sequence[str], ops: Sequence[tuple[str, Op]]) -> None:
    """Queue (document id, op) for every target, inside the transaction that changed the documents."""
    if not ops or not targets:
        return
    ids = [document_id for document_id, _ in ops]
    connection.execute(delete(index_refusal).where(index_refusal.c.document_id.in_(ids)))
    for target in (*targets, *_being_built(connection, targets)):
        connection.execute(delete(outbox).where(outbox.c.target == target, outbox.c.document_id.in_(ids)))
        rows = [{"target": target, "document_id": document_id, "op": op} for document_id, op in ops]
        connection.execute(insert(outbox), rows)


def _enqueue_all(connection: Connection, target: str, index_all: bool) -> None:
    chosen = select(literal(target), document.c.id, literal("put")).order_by(document.c.id)
    if not index_all:
        chosen = chosen.where(document.c.assessed)
    connection.execute(delete(outbox).where(outbox.c.target == target))
    connection.execute(insert(outbox).from_select(["target", "document_id", "op"], chosen))


def _forget(connection: Connection, target: str, seqs: Sequence[int]) -> None:
    for some in in_chunks(seqs):
        connection.execute(delete(outbox).where(outbox.c.target == target, outbox.c.seq.in_(some)))


def _being_built(connection: Connection, targets: Iterable[str]) -> list[str]:
    keys = {_building_key(target): beside(target) for target in targets}
    found = connection.execute(select(meta.c.key).where(meta.c.key.in_(list(keys)))).scalars()
    return [keys[key] for key in found]


def _building_key(target: str) -> str:
    return f"building:{target}"


def _fed_key(target: str) -> str:
    return f"fed:{target}"

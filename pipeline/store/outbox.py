"""What each search index still has to learn. One row a document and target; a later change takes its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, literal, select

from pipeline.store.engine import Tables, in_chunks
from pipeline.store.schema import document, outbox

Op = Literal["put", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One document that an index must put or remove."""

    seq: int
    """Never used twice."""
    document_id: str
    op: Op


class OutboxTables(Tables):
    """The part of the store that feeds search indexes."""

    def outbox(self, target: str, limit: int) -> tuple[OutboxRow, ...]:
        """Return the next rows for one index, oldest first."""
        query = (
            select(outbox.c.seq, outbox.c.document_id, outbox.c.op)
            .where(outbox.c.target == target)
            .order_by(outbox.c.seq)
            .limit(limit)
        )
        with self._db.read() as connection:
            return tuple(OutboxRow(**row) for row in connection.execute(query).mappings())

    def outbox_done(self, target: str, seqs: Sequence[int]) -> None:
        """Forget rows that the index has learned. A document changed meanwhile has a new row, which stays."""
        with self._db.write() as connection:
            for some in in_chunks(seqs):
                connection.execute(delete(outbox).where(outbox.c.target == target, outbox.c.seq.in_(some)))

    def outbox_size(self, target: str) -> int:
        query = select(func.count()).select_from(outbox).where(outbox.c.target == target)
        with self._db.read() as connection:
            return connection.execute(query).scalar_one()

    def enqueue_all(self, target: str, index_all: bool) -> None:
        """Queue every document that belongs in an index: for one that was just cleared."""
        chosen = select(literal(target), document.c.id, literal("put")).order_by(document.c.id)
        if not index_all:
            chosen = chosen.where(document.c.assessed)
        with self._db.write() as connection:
            connection.execute(delete(outbox).where(outbox.c.target == target))
            connection.execute(insert(outbox).from_select(["target", "document_id", "op"], chosen))


def enqueue(connection: Connection, targets: Sequence[str], ops: Sequence[tuple[str, Op]]) -> None:
    """Queue (document id, op) for every target, inside the transaction that changed the documents."""
    if not ops:
        return
    ids = [document_id for document_id, _ in ops]
    for target in targets:
        connection.execute(delete(outbox).where(outbox.c.target == target, outbox.c.document_id.in_(ids)))
        rows = [{"target": target, "document_id": document_id, "op": op} for document_id, op in ops]
        connection.execute(insert(outbox), rows)

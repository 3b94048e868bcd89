"""What persons said of documents, kept for good: undoing marks a correction, and nothing deletes one."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from pipeline.corrections import Correction
from pipeline.records import Annotation
from pipeline.store.corrected import corrected_columns, corrections_in_force, to_correction
from pipeline.store.correction_schema import correction
from pipeline.store.engine import Tables
from pipeline.store.outbox import enqueue
from pipeline.store.putting import index_op, put_units
from pipeline.store.rows import annotation_of, storable, to_document
from pipeline.store.schema import document


class CorrectionTables(Tables):
    """The part of the store that holds corrections. What they change of a document changes in the same transaction."""

    def correct(self, one: Correction, *, targets: Sequence[str], index_all: bool = False) -> int:
        """Keep a correction of a stored document, let it hold, queue that for the indexes; return its number."""
        row = asdict(one) | {
            "topics": None if one.topics is None else " ".join(one.topics),
            "made_by": storable(one.made_by),
            "note": storable(one.note),
        }
        del row["number"]
        with self._db.write() as connection:
            number: int = connection.execute(insert(correction).returning(correction.c.number), row).scalar_one()
            _let_hold(connection, one.document_id, targets, index_all)
        return number

    def undo_correction(
        self, number: int, *, by: str, at: datetime, targets: Sequence[str], index_all: bool = False
    ) -> bool:
        """Take a correction out of force; False when there is none in force under this number."""
        columns = correction.c
        undone = update(correction).where(columns.number == number, columns.undone_at.is_(None))
        undone = undone.values(undone_by=storable(by), undone_at=at)
        with self._db.write() as connection:
            document_id = connection.execute(undone.returning(columns.document_id)).scalar()
            if document_id is not None:
                _let_hold(connection, document_id, targets, index_all)
        return document_id is not None

    def correction(self, number: int) -> Correction | None:
        return next(iter(self._corrections(correction.c.number == number)), None)

    def corrections(self, document_id: str | None = None) -> tuple[Correction, ...]:
        """Return all corrections, or those of one document, the undone ones too, in the order they were made."""
        return self._corrections(
            correction.c.number > 0 if document_id is None else correction.c.document_id == document_id
        )

    def machine_annotation(self, document_id: str) -> Annotation | None:
        """Return what the machine says of a document, whatever persons said; None for a thin or unknown one."""
        columns = document.c
        query = select(columns.annotation, columns.machine_annotation, columns.corrected)
        with self._db.read() as connection:
            row = connection.execute(query.where(columns.id == document_id)).first()
        if row is None:
            return None
        return annotation_of(row.annotation if row.corrected is None else row.machine_annotation)

    def _corrections(self, condition: ColumnElement[bool]) -> tuple[Correction, ...]:
        query = select(correction).where(condition).order_by(correction.c.number)
        with self._db.read() as connection:
            return tuple(map(to_correction, connection.execute(query).mappings()))


def _let_hold(connection: Connection, document_id: str, targets: Sequence[str], index_all: bool) -> None:
    """Write what holds of a document now that its corrections changed."""
    query = select(document).where(document.c.id == document_id)
    row = connection.execute(query).mappings().one()
    machine = row["annotation"] if row["corrected"] is None else row["machine_annotation"]
    corrections = corrections_in_force(connection, [document_id]).get(document_id, [])
    columns = corrected_columns(machine, corrections, language=row["language"], version=row["version"])
    connection.execute(update(document).where(document.c.id == document_id).values(columns))
    put_units(connection, [to_document(connection.execute(query).mappings().one())], known=[document_id])
    ops = index_op(document_id, now=columns["assessed"], before=row["assessed"], index_all=index_all)
    enqueue(connection, targets, list(ops))

"""The columns of a document in which persons had a say: what the machine said, what holds, and of what they spoke."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import Connection, RowMapping, select

from pipeline.corrections import Correction, apply_corrections, kinds_of
from pipeline.store.correction_schema import correction
from pipeline.store.engine import in_chunks
from pipeline.store.rows import annotation_of, annotation_to_json


def corrected_columns(
    machine: str | None, corrections: Sequence[Correction], *, language: str, version: int
) -> dict[str, Any]:
    """Return the columns of a document that the machine annotated so (JSON), under the corrections in force.

    Without any, those of a document that nobody corrected.
    """
    word = annotation_of(machine)
    holds = apply_corrections(word, corrections, language=language)
    return {
        "annotation": None if holds is None else annotation_to_json(holds),
        "assessed": holds is not None and bool(holds.assessments),
        "machine_annotation": machine if corrections else None,
        "corrected": " ".join(kinds_of(corrections, version)) if corrections else None,
    }


def corrections_in_force(connection: Connection, ids: Collection[str]) -> dict[str, list[Correction]]:
    """Return the corrections in force of those of the documents that have any, oldest first."""
    found: dict[str, list[Correction]] = {}
    for some in in_chunks(list(ids)):
        columns = correction.c
        query = select(correction).where(columns.document_id.in_(some), columns.undone_at.is_(None))
        for row in connection.execute(query.order_by(columns.number)).mappings():
            found.setdefault(row["document_id"], []).append(to_correction(row))
    return found


def to_correction(row: RowMapping) -> Correction:
    """Return the correction of one row."""
    topics = None if row["topics"] is None else tuple(row["topics"].split())
    return Correction(**{**cast(dict[str, Any], row), "topics": topics})

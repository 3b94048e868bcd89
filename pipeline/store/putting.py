"""Writing a batch of documents: look up what is held, decide, and write with one statement a kind of change.

Decisions are made on what the machine says alone. What is written beside it, where persons corrected a document, is
what holds then (`corrected_columns`): every reader of a document gets that without asking.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from pipeline.corrections import Correction
from pipeline.records import Document
from pipeline.store.corrected import corrected_columns, corrections_in_force
from pipeline.store.merging import Decision, Held, decide
from pipeline.store.outbox import Op, enqueue
from pipeline.store.rows import AnnotatedBy, annotation_of, kinds_of_words, to_row
from pipeline.store.schema import document, document_unit, document_version


@dataclass(frozen=True, slots=True, kw_only=True)
class PutCounts:
    """What became of the documents of one batch."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    """Known, older than what is held, or other only in the instant of fetching."""
    outdated: tuple[str, ...] = ()
    """Addresses of those of the unchanged that say something else than what is held, but are not newer."""

    def __add__(self, other: "PutCounts") -> "PutCounts":
        return PutCounts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(PutCounts)})


def put(
    connection: Connection,
    docs: Sequence[Document],
    *,
    targets: Sequence[str],
    index_all: bool,
    annotated_by: AnnotatedBy | None,
    at: datetime | None,
) -> PutCounts:
    """Store documents inside a running transaction, and queue what the indexes must learn."""
    counts = PutCounts()
    for batch in _without_repeats(docs):
        counts += _put_round(connection, batch, targets, index_all, annotated_by, at)
    return counts


def _without_repeats(docs: Sequence[Document]) -> Iterator[list[Document]]:
    """Yield the documents in rounds in which no id occurs twice; an edit within one batch is then an edit."""
    rest: Iterable[Document] = docs
    while rest:
        seen: dict[str, Document] = {}
        later = [doc for doc in rest if seen.setdefault(doc.id, doc) is not doc]
        yield list(seen.values())
        rest = later


_HELD = (
    document.c.id,
    document.c.version,
    document.c.fetched_at,
    document.c.text_fetched_at,
    document.c.headline_hash,
    document.c.text_hash,
    document.c.record_hash,
    document.c.annotator_units,
    document.c.annotator_version,
    (document.c.text != "").label("has_text"),
    document.c.assessed,
)


def _held(row: Row[Any]) -> Held:
    values = row._asdict()
    del values["id"]
    return Held(**values)


def _put_round(
    connection: Connection,
    docs: Sequence[Document],
    targets: Sequence[str],
    index_all: bool,
    annotated_by: AnnotatedBy | None,
    at: datetime | None,
) -> PutCounts:
    query = select(*_HELD).where(document.c.id.in_([doc.id for doc in docs]))
    held = {row.id: _held(row) for row in connection.execute(query)}
    rows = [to_row(doc, annotated_by if doc.annotation else None) for doc in docs]
    corrections = corrections_in_force(connection, held.keys())
    decided: list[tuple[str, Decision]] = []
    for row in rows:
        known = held.get(row["id"])
        decision = decide(known, row)
        if known and row["id"] in corrections:
            decision = _with_corrections(decision, known, row, corrections[row["id"]])
        decided.append((row["id"], decision))
    counts = dict.fromkeys(("new", "changed", "unchanged"), 0)
    updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    ops: list[tuple[str, Op]] = []
    for document_id, decision in decided:
        counts[decision.kind] += 1
        if decision.kind != "new" and decision.values:
            values = {f"to_{name}": value for name, value in decision.values.items()} | {"at_id": document_id}
            updates.setdefault(tuple(decision.values), []).append(values)
        if decision.kind != "unchanged":
            was_assessed = document_id in held and held[document_id].assessed
            now_assessed = decision.values["assessed"]
            ops.extend(index_op(document_id, now=now_assessed, before=was_assessed, index_all=index_all))
    archived = [document_id for document_id, decision in decided if decision.archive]
    _archive(connection, archived)
    new = [{**decision.values, "stored_at": at} for _, decision in decided if decision.kind == "new"]
    if new:
        connection.execute(insert(document), new)
    for names, parameters in updates.items():
        statement = update(document).where(document.c.id == bindparam("at_id"))
        connection.execute(statement.values({name: bindparam(f"to_{name}") for name in names}), parameters)
    labelled = {document_id: decision for document_id, decision in decided if "gate_units" in decision.values}
    put_units(connection, [_as_held(doc, labelled[doc.id]) for doc in docs if doc.id in labelled], known=held.keys())
    enqueue(connection, targets, ops)
    outdated = (doc.article.url for doc, (_, decision) in zip(docs, decided, strict=True) if decision.outdated)
    return PutCounts(**counts, outdated=tuple(outdated))


def _with_corrections(
    decision: Decision, held: Held, row: Mapping[str, Any], corrections: Sequence[Correction]
) -> Decision:
    """Return the decision with what persons said put over what the machine says."""
    if "annotation" not in decision.values:
        return decision
    version = decision.values.get("version", held.version)
    columns = corrected_columns(row["annotation"], corrections, language=row["language"], version=version)
    return replace(decision, values={**decision.values, **columns})


def _as_held(doc: Document, decision: Decision) -> Document:
    """Return the document with the labels that were written."""
    if "corrected" not in decision.values:
        return doc
    annotation = annotation_of(decision.values["annotation"])
    return replace(doc, annotation=annotation, corrected=kinds_of_words(decision.values["corrected"]))


def index_op(document_id: str, *, now: bool, before: bool, index_all: bool) -> Iterator[tuple[str, Op]]:
    """Yield what an index must do when a document had an assessment before, and has one now, or has none."""
    if now or index_all:
        yield document_id, "put"
    elif before:
        yield document_id, "remove"


def _archive(connection: Connection, ids: Sequence[str]) -> None:
    if not ids:
        return
    columns = ["version", "title", "lead", "text", "text_fetched_at", "annotation", "corrected"]
    old = select(document.c.id, *(document.c[name] for name in columns)).where(document.c.id.in_(ids))
    connection.execute(insert(document_version).from_select(["document_id", *columns], old))


def put_units(connection: Connection, docs: Sequence[Document], known: Iterable[str]) -> None:
    """Write which units the documents speak of; a dropped one is judged to speak of none, so digests pass it over."""
    changed = sorted({doc.id for doc in docs}.intersection(known))
    if changed:
        connection.execute(document_unit.delete().where(document_unit.c.document_id.in_(changed)))
    rows: list[dict[str, Any]] = []
    for doc in docs:
        assessed = {one.unit for one in doc.annotation.assessments} if doc.annotation else set()
        units = assessed.union(doc.gate_units)
        counted = set() if doc.dropped else assessed
        rows += ({"document_id": doc.id, "unit": unit, "assessed": unit in counted} for unit in sorted(units))
    if rows:
        connection.execute(insert(document_unit), rows)

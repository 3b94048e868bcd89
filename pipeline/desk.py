"""The analyst's desk: what persons do with stored articles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.units import members
from pipeline.correcting import Wish, correction_of, name_of, undoable
from pipeline.corrections import Correction
from pipeline.history import History, history_of
from pipeline.labels import labelled_rows
from pipeline.records import Document
from pipeline.references import find_document
from pipeline.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Corrections and histories over one store. Every method raises UsageError for an article that is not known."""

    store: Store
    province: str
    """Slug of the installation's own; what labels without a named unit are about."""
    targets: tuple[str, ...]
    """Outbox targets that corrected documents go to."""
    index_all: bool
    now: Callable[[], datetime]

    def correct(self, reference: str, wish: Wish, *, by: str) -> tuple[int, Document]:
        """Keep what a person says of an article; returns the correction's number and the article as it holds now.

        Raises UsageError for what cannot be meant.
        """
        doc = find_document(self.store, reference)
        one = correction_of(doc, wish, own=self.province, by=by, at=self.now())
        number = self.store.correct(one, targets=self.targets, index_all=self.index_all)
        return number, find_document(self.store, doc.id)

    def undo(self, number: int, *, by: str) -> Document:
        """Take a correction out of force; returns the article as it holds now. Raises UsageError."""
        one = undoable(self.store.correction(number), number)
        self.store.undo_correction(
            number, by=name_of(by), at=self.now(), targets=self.targets, index_all=self.index_all
        )
        return find_document(self.store, one.document_id)

    def corrections(self) -> list[tuple[Correction, Document]]:
        """Return every correction with its article, in the order they were made, the undone ones too."""
        made = self.store.corrections()
        docs = {doc.id: doc for doc in self.store.documents_by_id([one.document_id for one in made])}
        return [(one, docs[one.document_id]) for one in made]

    def labels(self) -> Iterator[dict[str, Any]]:
        """Yield the corrections in force as labelled items (`pipeline.labels`), article by article."""
        by_document: dict[str, list[Correction]] = {}
        for one in self.store.corrections():
            by_document.setdefault(one.document_id, []).append(one)
        for document_id, made in by_document.items():
            doc = find_document(self.store, document_id)
            yield from labelled_rows(doc, self.store.versions(doc.id), made, members(self.province))

    def history(self, reference: str) -> History:
        """Return the life of an article."""
        return history_of(self.store, find_document(self.store, reference))

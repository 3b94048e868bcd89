"""The life of one article: its versions with what was judged then, what edits changed, who corrected it, whether it is
still there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from pipeline.corrections import Correction
from pipeline.edits import Piece, compare
from pipeline.records import Annotation, CorrectionKind, Document
from pipeline.store import Store
from pipeline.store.documents import OlderVersion
from pipeline.store.presence import Disappearance

COMPARED = ("title", "lead", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An article as it stood, with what held of it then; of the last one: now."""

    number: int
    fetched_at: datetime
    title: str
    lead: str
    text: str
    """Empty: never had, or no longer kept."""
    annotation: Annotation | None
    corrected: tuple[CorrectionKind, ...]
    changes: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)
    """Field to what became of it since the version before; unchanged fields are left out, and so is a text that one of
    the two lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything that is kept of one article's life."""

    doc: Document
    versions: tuple[Version, ...]
    """Oldest first; the last one is the present."""
    machine: Annotation | None
    """What the machine says of the present version, whatever persons said."""
    corrections: tuple[Correction, ...]
    """In the order they were made, the undone ones too."""
    disappearances: tuple[Disappearance, ...]


def history_of(store: Store, doc: Document) -> History:
    """Read and put together the life of a stored document."""
    return History(
        doc=doc,
        versions=tuple(_versions(doc, store.versions(doc.id))),
        machine=store.machine_annotation(doc.id),
        corrections=store.corrections(doc.id),
        disappearances=store.disappearances(doc.id),
    )


def _versions(doc: Document, older: Sequence[OlderVersion]) -> Iterator[Version]:
    article = doc.article
    present = OlderVersion(
        version=doc.version,
        title=article.title,
        lead=article.lead,
        text=article.text,
        fetched_at=article.fetched_at,
        annotation=doc.annotation,
        corrected=doc.corrected,
    )
    every = (*older, present)
    yield _version(every[0])
    for before, after in pairwise(every):
        yield _version(after, before)


def _version(one: OlderVersion, before: OlderVersion | None = None) -> Version:
    return Version(
        number=one.version,
        fetched_at=one.fetched_at,
        title=one.title,
        lead=one.lead,
        text=one.text,
        annotation=one.annotation,
        corrected=one.corrected,
        changes=_changes(before, one) if before else {},
    )


def _changes(before: OlderVersion, after: OlderVersion) -> dict[str, tuple[Piece, ...]]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in COMPARED}
    if not all(pairs["text"]):  # purged, or a headline that got its text: neither is an edit
        del pairs["text"]
    return {name: compare(old, new) for name, (old, new) in pairs.items() if old != new}

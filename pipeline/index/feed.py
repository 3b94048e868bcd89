"""From the store's outbox into a search index."""

from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from pipeline.index.protocol import ArticleIndex
from pipeline.records import Document

log = structlog.get_logger()

EMBEDDED = "embedded"
ELASTIC = "elastic"
"""Outbox targets, one an index."""

BATCH = 500


class Change(Protocol):
    """One document that an index must put or remove."""

    @property
    def seq(self) -> int: ...
    @property
    def document_id(self) -> str: ...
    @property
    def op(self) -> str: ...


class Outbox(Protocol):
    """What is needed of `pipeline.store.Store`."""

    def outbox(self, target: str, limit: int) -> Sequence[Change]: ...
    def outbox_done(self, target: str, seqs: Sequence[int]) -> None: ...
    def outbox_size(self, target: str) -> int: ...
    def documents_by_id(self, ids: Sequence[str]) -> Sequence[Document]: ...


def drain_outbox(
    store: Outbox,
    index: ArticleIndex,
    target: str,
    *,
    batch: int = BATCH,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Let the index learn everything that waits for it; returns how many documents.

    A batch is confirmed after the index has it: a kill in between repeats the batch, which changes nothing.
    ``on_progress`` is told how many documents are done, of how many. Raises IndexUnavailableError and StoreError.
    """
    done, total = 0, store.outbox_size(target)
    while rows := store.outbox(target, batch):
        wanted = [row.document_id for row in rows if row.op == "put"]
        docs = store.documents_by_id(wanted)
        gone = {row.document_id for row in rows} - {doc.id for doc in docs}
        index.put(docs)
        index.remove(sorted(gone))
        store.outbox_done(target, [row.seq for row in rows])
        done += len(rows)
        on_progress(done, max(total, done))
    if done:
        log.info("index_fed", target=target, documents=done)
    return done

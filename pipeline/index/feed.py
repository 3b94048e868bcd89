"""From the store's outbox into a search index."""

from collections.abc import Callable

import structlog

from pipeline.index.protocol import ArticleIndex
from pipeline.store import Store

log = structlog.get_logger()

BATCH = 500


def drain_outbox(
    store: Store,
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
    log.info("index_fed", target=target, documents=done)
    return done

"""One installation's search indexes: fed from the store's outbox, searched, built anew. Wired by `pipeline.app`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from config.errors import IndexUnavailableError
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.feed import ELASTIC, EMBEDDED, drain_outbox
from pipeline.index.protocol import SearchRequest, SearchResult
from pipeline.index.standby import search_with_standby
from pipeline.index_state import IndexState, index_state
from pipeline.store import Store

if TYPE_CHECKING:
    from pipeline.index.elastic import ElasticIndex

# ruff: noqa: PLC0415 - the client is imported where there is a server to talk to

log = structlog.get_logger()

PATIENCE_S = 5.0
"""How long a run goes on trying an Elasticsearch that takes nothing; the next run goes on from there."""
SYNC_PATIENCE_S = 60.0
"""The same when a person asked for it."""

Advance = Callable[..., None]
"""Told ``(done, total=None)`` while work goes on."""


def silent(*_: int) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes:
    """The embedded index, and Elasticsearch where the settings choose it."""

    store: Store
    embedded: EmbeddedIndex
    elastic: "ElasticIndex | None"
    index_all: bool
    """Documents about no watched unit are searchable too."""
    now: Callable[[], datetime]

    def search(self, request: SearchRequest) -> SearchResult:
        """Search Elasticsearch where it is set up, else or when it is away the embedded index.

        Hits whose story a person merged or split are marked. Raises QuerySyntaxError and IndexUnavailableError.
        """
        if self.elastic is None:
            return self._marked(self.embedded.search(request))
        return self._marked(search_with_standby(self.elastic, self.embedded, request))

    def _marked(self, result: SearchResult) -> SearchResult:
        edited = self.store.edited_stories()
        if not edited:
            return result
        documents = self.store.documents_by_id([hit.id for hit in result.hits])
        regrouped = {doc.id for doc in documents if (doc.story or doc.id) in edited}
        hits = (replace(hit, marks=(*hit.marks, "regrouped")) if hit.id in regrouped else hit for hit in result.hits)
        return replace(result, hits=tuple(hits))

    def state(self) -> IndexState:
        """Compare the indexes with the store."""
        return index_state(self.store, self.embedded, self.elastic, index_all=self.index_all)

    def feed(self, on_progress: Advance = silent) -> None:
        """Send what waits in the outbox to the indexes; what Elasticsearch does not take now waits on."""
        self._feed_embedded(on_progress)
        try:
            self._feed_elastic(PATIENCE_S, on_progress)
        except IndexUnavailableError as problem:
            log.warning("elastic_behind", waiting=self.store.outbox_size(ELASTIC), problem=str(problem))

    def sync(self, on_progress: Advance = silent) -> IndexState:
        """Send what waits to the indexes now, and compare. Raises IndexUnavailableError when one takes nothing."""
        self._feed_embedded(on_progress)
        self._feed_elastic(SYNC_PATIENCE_S, on_progress)
        return self.state()

    def rebuild(self, on_progress: Advance = silent) -> int:
        """Build the indexes anew from the store; returns the documents in the one people search.

        Elasticsearch gets a new index beside the old one, which takes its place when it is complete. Raises
        IndexUnavailableError when the server is away; the next call goes on from there.
        """
        self.embedded.clear()
        self.store.enqueue_all(EMBEDDED, index_all=self.index_all)
        if self.elastic is None or self.store.index_building(ELASTIC) is None:
            self.store.forget_target(ELASTIC)
        self._feed_embedded(on_progress)
        self._feed_elastic(SYNC_PATIENCE_S, on_progress)
        return (self.elastic or self.embedded).count()

    def _feed_embedded(self, on_progress: Advance) -> None:
        drain_outbox(self.store, self.embedded, EMBEDDED, on_progress=on_progress)
        if self.elastic is None and (self.store.index_fed(ELASTIC) or self.store.index_building(ELASTIC)):
            self.store.forget_target(ELASTIC)  # it no longer learns what changes: filled anew when it is chosen again

    def _feed_elastic(self, patience_s: float, on_progress: Advance) -> None:
        if self.elastic is None:
            return
        from pipeline.index.elastic_feed import Pace
        from pipeline.index.elastic_rebuild import keep_in_step

        keep_in_step(
            self.store,
            self.elastic,
            ELASTIC,
            index_all=self.index_all,
            pace=Pace(patience_s=patience_s),
            now=self.now,
            on_progress=on_progress,
        )

"""From the store's outbox into Elasticsearch: several requests in flight, each document tried until it is settled.

A row is confirmed once the server has its document, or said that it never will. After a kill the rest is sent again,
which changes nothing: each write carries its number as an external version, so an older one never replaces a newer
one, however late it arrives.
"""

import heapq
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol

import structlog

from config.errors import IndexUnavailableError
from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_bulk import BulkAnswer, Write, in_requests, remove_write
from pipeline.index.elastic_document import external_version
from pipeline.index.feed import Change, Outbox
from pipeline.records import Document

log = structlog.get_logger()

BATCH = 500
"""Rows read at a time, and documents of one request at most."""
IN_FLIGHT = 3
"""Requests at a time: one being written by the server, one on its way, one being answered."""
BACKLOG = 8
"""Requests that wait to be sent again before no more is read from the outbox; bounds memory."""
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
FAULTS_ALLOWED = 8
"""Tries of one document on which the server stumbles (5xx) while it takes others; then it is set aside."""


class NumberedOutbox(Outbox, Protocol):
    """What is needed of `pipeline.store.Store`."""

    def outbox(self, target: str, limit: int, *, after: int = 0) -> Sequence[Change]: ...
    def outbox_refused(self, target: str, refused: dict[int, tuple[str, str]], at: datetime) -> None: ...


@dataclass(slots=True, kw_only=True)
class FeedReport:
    """What one feeding did."""

    sent: int = 0
    """Documents that the server has now, or had in a newer version."""
    refused: int = 0
    """Documents set aside."""
    retried: int = 0
    """Documents sent more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a feeder waits."""

    patience_s: float
    """Give up when nothing was settled for so long; 0: at the first failure."""
    first_delay_s: float = FIRST_DELAY_S
    longest_delay_s: float = LONGEST_DELAY_S

    def delay_s(self, attempt: int) -> float:
        """Return how long to wait before try ``attempt`` + 1: twice as long each time, at random below that."""
        return random.uniform(0, min(self.longest_delay_s, self.first_delay_s * 2**attempt))


@dataclass(order=True, slots=True)
class _Due:
    """Writes to be sent (again) at an instant of the monotonic clock."""

    at_s: float
    order: int
    attempt: int = field(compare=False)
    writes: list[Write] = field(compare=False)


def feed_elastic(
    store: NumberedOutbox,
    index: ElasticIndex,
    target: str,
    *,
    pace: Pace,
    now: Callable[[], datetime],
    name: str | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> FeedReport:
    """Send everything that waits for the index, and make it searchable.

    ``name``: an index under construction, instead of the one behind the alias. ``on_progress`` is told how many
    documents are settled, of how many. Raises IndexUnavailableError when patience ends or the server does not let us
    in; whatever is not settled then still waits in the outbox. Raises StoreError.
    """
    feeder = _Feeder(store, index, target, name, pace, now, on_progress)
    try:
        feeder.run()
    finally:
        log.info("elastic_fed", target=target, sent=feeder.report.sent, refused=feeder.report.refused)
    if feeder.report.sent:
        index.indices.refresh(name or index.indices.write_alias)
    return feeder.report


class _Feeder:
    """The state of one `feed_elastic`. The store is used by the calling thread alone."""

    def __init__(
        self,
        store: NumberedOutbox,
        index: ElasticIndex,
        target: str,
        name: str | None,
        pace: Pace,
        now: Callable[[], datetime],
        on_progress: Callable[[int, int], None],
    ) -> None:
        self.report = FeedReport()
        self._store = store
        self._index = index
        self._target = target
        self._name = name
        self._pace = pace
        self._now = now
        self._on_progress = on_progress
        self._total = store.outbox_size(target)
        self._fresh = self._read()
        self._due: list[_Due] = []
        self._order = count()
        self._settled_at_s = time.monotonic()
        self._paused_until_s = 0.0
        self._problem: IndexUnavailableError | None = None

    def run(self) -> None:
        in_flight: dict[Future[BulkAnswer], _Due] = {}
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="elastic") as pool:
            while True:
                while len(in_flight) < IN_FLIGHT and (due := self._next()):
                    in_flight[pool.submit(self._index.send, due.writes, self._name)] = due
                if in_flight:
                    timeout_s = self._wait_s() if len(in_flight) < IN_FLIGHT else None
                    finished, _ = wait(in_flight, timeout_s, return_when=FIRST_COMPLETED)
                    for future in finished:
                        self._settle(in_flight.pop(future), future.result())
                elif self._due:
                    self._check_patience()
                    time.sleep(self._wait_s() or 0.0)
                else:
                    return

    def _read(self) -> Iterator[list[Write]]:
        """Yield what waits, in requests; rows that are added meanwhile too."""
        after = 0
        while rows := self._store.outbox(self._target, BATCH, after=after):
            after = rows[-1].seq
            docs = {doc.id: doc for doc in self._store.documents_by_id([row.document_id for row in rows])}
            yield from in_requests(self._write(row, docs) for row in rows)

    def _write(self, row: Change, docs: dict[str, Document]) -> Write:
        doc = docs.get(row.document_id)
        if doc is None:  # gone from the store: whatever version the server holds
            return remove_write(row.document_id, seq=row.seq, version=None)
        if row.op == "put":
            return self._index.numbered_put(doc, row.seq)
        return remove_write(row.document_id, seq=row.seq, version=external_version(doc, row.seq))

    def _next(self) -> _Due | None:
        """Return what is to be sent now: what is due again, else fresh rows unless the server wants a rest."""
        now_s = time.monotonic()
        if self._due and self._due[0].at_s <= now_s:
            return heapq.heappop(self._due)
        if now_s < self._paused_until_s or len(self._due) >= BACKLOG:
            return None
        writes = next(self._fresh, None)
        return None if writes is None else _Due(now_s, next(self._order), 0, writes)

    def _wait_s(self) -> float | None:
        """Return how long there is nothing to send; None: until an answer comes."""
        if not self._due:
            return None
        return max(0.0, self._due[0].at_s - time.monotonic())

    def _settle(self, sent: _Due, answer: BulkAnswer) -> None:
        refused = {one.seq: (one.document_id, one.reason) for one in answer.refused}
        later = answer.later
        if sent.attempt >= FAULTS_ALLOWED and self.report.sent:
            refused |= {one.seq: (one.document_id, one.reason) for one in answer.faults}
            later = [write for write in later if write.seq not in refused]
        if answer.done:
            self._store.outbox_done(self._target, [write.seq for write in answer.done])
        if refused:
            self._store.outbox_refused(self._target, refused, self._now())
            log.warning("elastic_refused", target=self._target, count=len(refused), reason=next(iter(refused.values())))
        settled = len(answer.done) + len(refused)
        self.report.sent += len(answer.done)
        self.report.refused += len(refused)
        if settled:
            self._settled_at_s = time.monotonic()
            self._on_progress(self.report.sent + self.report.refused, max(self._total, self.report.sent))
        if later:
            self._try_later(sent, later, answer.problem, nothing_settled=not settled)

    def _try_later(
        self, sent: _Due, later: list[Write], problem: IndexUnavailableError | None, *, nothing_settled: bool
    ) -> None:
        self.report.retried += len(later)
        self._problem = problem
        at_s = time.monotonic() + self._pace.delay_s(sent.attempt)
        if nothing_settled:
            self._paused_until_s = at_s  # the server, not a document, is in trouble: no more on top
        log.info("elastic_later", target=self._target, count=len(later), attempt=sent.attempt + 1, problem=str(problem))
        heapq.heappush(self._due, _Due(at_s, next(self._order), sent.attempt + 1, later))
        self._check_patience()

    def _check_patience(self) -> None:
        if self._problem and time.monotonic() - self._settled_at_s >= self._pace.patience_s:
            raise self._problem

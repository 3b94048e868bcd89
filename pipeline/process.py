"""The visible loop: inbox or items in, batches enriched on an executor, each stored in one transaction.

The executor may be a process pool or a cluster's (any `concurrent.futures.Executor`). Batches are stored in the order
they came, and the transaction that stores a batch also records how far its segment was read: after a kill the loop
resumes at the first batch that was not stored, and storing twice changes nothing.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog

from classifiers.annotator import annotator_version
from config.errors import InputError, ParseError
from config.localtime import local_day
from crawlers.inbox import read_segment, unread_segments
from pipeline.enrich import INTERNAL_ERROR, EnrichSpec, Outcome, enrich_items, enrich_pages, load_enricher
from pipeline.records import Document, Item, Page, Rejected
from pipeline.store import AnnotatedBy, PutCounts, Store

log = structlog.get_logger()

BATCH_PAGES = 32
"""Pages a transaction; small enough that a kill repeats little work."""
BATCH_ITEMS = 500
BATCHES_AHEAD = 4
"""Batches in flight on the executor; bounds memory."""
UNREADABLE = "warc_unreadable"
"""Reason of what is left of an inbox segment that can be read no further."""

Given = TypeVar("Given", Page, Item)


class InlineExecutor(Executor):
    """Runs each call at once in the calling process: the executor of one core."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as exc:
            future.set_exception(exc)
        return future


@dataclass(slots=True, kw_only=True)
class ProcessReport:
    """What one run of the loop did, counted."""

    read: int = 0
    """Pages or items looked at."""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    outdated: list[str] = field(default_factory=list)
    """Addresses of those of the unchanged that say something else than what is held, but are not newer."""
    assessed: int = 0
    """Of the documents stored: those that name an own or watched unit."""
    reassessed: int = 0
    """Stored documents judged anew."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Reason to number."""
    by_source: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of pages that were crawled: source id and ``assessed``, ``thin`` or the reason of a rejection, to number."""
    stopped: bool = False
    """Ended early, as it was asked to; the next run goes on from there."""

    def counts(self) -> dict[str, int]:
        """Return the figures for the log of runs."""
        return {
            "read": self.read,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "assessed": self.assessed,
            "rejected": self.rejected.total(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch(Generic[Given]):
    given: list[Given]
    rejected: list[Rejected]
    progress: tuple[str, int] | None
    """Segment name and the offset after this batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLoop:
    """The loop with its ports; each method is one source of batches."""

    store: Store
    spec: EnrichSpec
    targets: tuple[str, ...]
    """Outbox targets that stored documents go to."""
    now: Callable[[], datetime]
    index_all: bool = False
    """Index thin documents too."""
    executor: Executor | None = None
    """None: this process, one batch at a time."""
    on_progress: Callable[[int], None] = lambda _: None
    """Told how many pages or items were looked at so far."""
    is_stopping: Callable[[], bool] = lambda: False
    """Asked before each batch."""

    def inbox(self, folder: Path) -> ProcessReport:
        """Enrich and store every page of the inbox that was not stored yet; safe to repeat.

        A segment that is no WARC, or from some place on reads as none, is set aside and counts as read; one that the
        system does not let us read stays for a later run.
        """
        report = ProcessReport()
        for segment, offset in unread_segments(folder, self.store.segments_progress):
            size = segment.stat().st_size
            batches = _page_batches(segment, _readable(segment, offset))
            try:
                self._drain(batches, partial(enrich_pages, self.spec), report)
            except InputError as problem:
                log.warning("segment_unreadable", segment=segment.name, problem=str(problem))
                continue
            if report.stopped:
                break
            self.store.note_segment(segment.name, size)  # what no page follows is read, too
        return report

    def replay(self, warc: Path) -> ProcessReport:
        """Enrich and store every page of any WARC file, one from Common Crawl News included."""
        report = ProcessReport()
        batches = (replace(batch, progress=None) for batch in _page_batches(warc, read_segment(warc)))
        self._drain(batches, partial(enrich_pages, self.spec), report)
        return report

    def items(self, items: Iterable[Item]) -> ProcessReport:
        """Enrich and store items that come as records instead of pages."""
        report = ProcessReport()
        batches = (_Batch(given=chunk, rejected=[], progress=None) for chunk in _chunks(items, BATCH_ITEMS))
        self._drain(batches, partial(enrich_items, self.spec), report)
        return report

    def reassess(self, report: ProcessReport) -> None:
        """Judge stored documents anew that the units or classifiers of today have not judged."""
        stale = self.store.documents_to_reassess(self.spec.units, annotator_version())
        for chunk in _chunks(stale, BATCH_PAGES):
            if self.is_stopping():
                report.stopped = True
                break
            enricher = load_enricher(self.spec)  # once, and only when there is something to judge
            docs = [enricher.reassess(doc) for doc in chunk]
            self._store(docs)
            report.reassessed += len(docs)

    def _store(
        self,
        docs: Sequence[Document],
        progress: tuple[str, int] | None = None,
        rejections: tuple[date, Counter[str]] | None = None,
    ) -> PutCounts:
        return self.store.put_documents(
            docs,
            targets=self.targets,
            index_all=self.index_all,
            progress=progress,
            annotated_by=AnnotatedBy(units=self.spec.units, version=annotator_version()),
            at=self.now(),
            rejections=rejections,
        )

    def _drain(
        self,
        batches: Iterator[_Batch[Given]],
        step: Callable[[Sequence[Given]], list[Outcome]],
        report: ProcessReport,
    ) -> None:
        pool = self.executor or InlineExecutor()
        ahead = BATCHES_AHEAD if self.executor else 1
        waiting: deque[tuple[_Batch[Given], Future[list[Outcome]]]] = deque()
        while not (report.stopped or self.is_stopping()):
            for batch in islice(batches, ahead - len(waiting)):
                waiting.append((batch, pool.submit(step, batch.given)))
            if not waiting:
                return
            batch, outcomes = waiting.popleft()
            self._put(batch, outcomes.result(), report)
            self.on_progress(report.read)
        report.stopped = True

    def _put(self, batch: _Batch[Given], outcomes: Sequence[Outcome], report: ProcessReport) -> None:
        at = self.now()
        docs = [outcome for outcome in outcomes if isinstance(outcome, Document)]
        rejected = batch.rejected + [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        for given, outcome in zip(batch.given, outcomes, strict=True):
            if isinstance(outcome, Rejected) and outcome.reason == INTERNAL_ERROR:
                payload = given.body if isinstance(given, Page) else repr(given).encode()
                self.store.set_aside("page", outcome.url, outcome.detail, payload, at)
            if isinstance(given, Page) and given.source_id:
                report.by_source[given.source_id, _verdict(outcome)] += 1
        for outcome in rejected:
            if outcome.reason == UNREADABLE and batch.progress:
                self.store.set_aside("segment", batch.progress[0], outcome.detail, b"", at)
            log.info("page_rejected", reason=outcome.reason, url=outcome.url, detail=outcome.detail)
        reasons = Counter(outcome.reason for outcome in rejected)
        counts = self._store(docs, progress=batch.progress, rejections=(local_day(at), reasons) if reasons else None)
        report.read += len(outcomes) + len(batch.rejected)
        report.new += counts.new
        report.changed += counts.changed
        report.unchanged += counts.unchanged
        report.outdated += counts.outdated
        report.assessed += sum(map(_is_assessed, docs))
        report.rejected.update(reasons)


def _verdict(outcome: Outcome) -> str:
    if isinstance(outcome, Rejected):
        return outcome.reason
    return "assessed" if _is_assessed(outcome) else "thin"


def _is_assessed(doc: Document) -> bool:
    return bool(doc.annotation and doc.annotation.assessments)


def _readable(segment: Path, offset: int) -> Iterator[tuple[Page | Rejected, int]]:
    """Yield as `read_segment` does; in place of its ParseError one Rejected for all that is left."""
    try:
        yield from read_segment(segment, offset=offset)
    except ParseError as problem:
        yield Rejected(reason=UNREADABLE, detail=str(problem)), segment.stat().st_size


def _page_batches(segment: Path, records: Iterator[tuple[Page | Rejected, int]]) -> Iterator[_Batch[Page]]:
    for chunk in _chunks(records, BATCH_PAGES):
        yield _Batch(
            given=[record for record, _ in chunk if isinstance(record, Page)],
            rejected=[record for record, _ in chunk if isinstance(record, Rejected)],
            progress=(segment.name, chunk[-1][1]),
        )


Chunked = TypeVar("Chunked")


def _chunks(values: Iterable[Chunked], size: int) -> Iterator[list[Chunked]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk

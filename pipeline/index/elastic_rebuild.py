"""Keeping an Elasticsearch index in step with the store, from its first filling on.

The store remembers which index it has filled. Where that is not the one behind the alias (a first start, another
server, one that lost its data, a restored store), or where that one has the mapping of an earlier program, a new one is
built from the store beside it and takes its place at once; until then the old one is searched. A build that was
interrupted goes on where it stopped: what it still has to send is an outbox of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_feed import FeedReport, NumberedOutbox, Pace, feed_elastic

log = structlog.get_logger()


class BuildingOutbox(NumberedOutbox, Protocol):
    """What is needed of `pipeline.store.Store`."""

    def index_building(self, target: str) -> str | None: ...
    def begin_building(self, target: str, name: str, *, index_all: bool) -> None: ...
    def end_building(self, target: str, fed: str) -> None: ...
    def index_fed(self, target: str) -> str | None: ...
    def building_target(self, target: str) -> str: ...


def keep_in_step(
    store: BuildingOutbox,
    index: ElasticIndex,
    target: str,
    *,
    index_all: bool,
    pace: Pace,
    now: Callable[[], datetime],
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> FeedReport:
    """Send what waits; where the store has not filled the index in use, build one from the start first.

    Raises IndexUnavailableError, and goes on from there when it is called again; and StoreError.
    """
    current = index.indices.current()
    building = store.index_building(target)
    report = FeedReport()
    of_ours = current is not None and index.indices.has_our_format(current.name)
    if building or current is None or not of_ours or store.index_fed(target) != current.uuid:
        report = _build(store, index, target, building, index_all, pace, now, on_progress)
    rest = feed_elastic(store, index, target, pace=pace, now=now, on_progress=on_progress)
    return FeedReport(
        sent=report.sent + rest.sent, refused=report.refused + rest.refused, retried=report.retried + rest.retried
    )


def _build(
    store: BuildingOutbox,
    index: ElasticIndex,
    target: str,
    name: str | None,
    index_all: bool,
    pace: Pace,
    now: Callable[[], datetime],
    on_progress: Callable[[int, int], None],
) -> FeedReport:
    if name is None or not index.indices.has_our_format(name) or not index.indices.exists(name):
        name = index.indices.create()
        store.begin_building(target, name, index_all=index_all)
        log.info("index_building", index=name)
    beside = store.building_target(target)
    report = feed_elastic(store, index, beside, pace=pace, now=now, name=name, on_progress=on_progress)
    built = index.indices.swap(name)
    store.end_building(target, built.uuid)
    index.indices.drop_others(name)
    log.info("index_built", index=name, sent=report.sent, refused=report.refused)
    return report

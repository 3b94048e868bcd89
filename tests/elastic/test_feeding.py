"""Faults of the server while it is fed: nothing is lost, nothing doubled, nothing old replaces anything new."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from config.errors import IndexUnavailableError
from pipeline.index.elastic_feed import BATCH
from pipeline.index.elastic_indices import ALIAS
from pipeline.index.feed import ELASTIC
from pipeline.index.protocol import SearchRequest
from pipeline.store import Store
from tests.elastic.cluster import Cluster
from tests.elastic.feeding import BackgroundFeed, edited, feed, held, many_documents, open_index, versions
from tests.elastic.fixtures import StartElastic
from tests.elastic.gateway import Fault, opened
from tests.pipeline.documents import judged, make_document

pytestmark = pytest.mark.timeout(600)

TARGETS = (ELASTIC,)
BULK = "_bulk"
TIMEOUT_S = 4.0
"""Of a request through a bad line: a busy machine needs some for an honest answer."""


def test_a_server_killed_during_bulk_misses_nothing(elastic: Cluster, store: Store) -> None:
    docs = many_documents(3_000)
    store.put_documents(docs, targets=TARGETS)
    with open_index(elastic.url) as index:
        with BackgroundFeed(store, index) as feeding:
            for settled in (BATCH, 1_500):
                feeding.wait_until(settled)
                elastic.kill()
                elastic.start()
        assert feeding.report is not None
        assert feeding.report.retried > 0
        assert feeding.report.sent == len(docs)
    assert store.outbox_size(ELASTIC) == 0
    assert held(elastic) == versions(docs)


def test_what_was_not_settled_waits_when_patience_ends(elastic: Cluster, store: Store) -> None:
    docs = many_documents(50)
    with open_index(elastic.url) as index:
        feed(store, index)
        store.put_documents(docs, targets=TARGETS)
        elastic.kill()
        with pytest.raises(IndexUnavailableError) as caught:
            feed(store, index, patience_s=0.5)
        assert caught.value.code == "index.elastic_unreachable"
        assert store.outbox_size(ELASTIC) == 50
        elastic.start()
        feed(store, index)
    assert held(elastic) == versions(docs)


def test_a_full_disk_holds_writing_up_until_there_is_space(elastic: Cluster, store: Store) -> None:
    docs = many_documents(60)
    with open_index(elastic.url) as index:
        store.put_documents(docs[:10], targets=TARGETS)
        feed(store, index)
        store.put_documents(docs[10:], targets=TARGETS)
        _block(elastic, True)
        with pytest.raises(IndexUnavailableError) as caught:
            feed(store, index, patience_s=0.5)
        assert caught.value.code == "index.elastic_blocked"
        assert store.outbox_size(ELASTIC) == 50
        assert index.search(SearchRequest()).total == 10
        with BackgroundFeed(store, index):
            _block(elastic, None)
    assert store.index_refusals(ELASTIC, 5) == ()
    assert held(elastic) == versions(docs)


def test_a_document_that_does_not_fit_the_mapping_is_set_aside_alone(elastic: Cluster, store: Store) -> None:
    docs = many_documents(40)
    poison = replace(docs[17], tier=1_000)  # the field is a byte
    store.put_documents([*docs[:17], poison, *docs[18:]], targets=TARGETS)
    with open_index(elastic.url) as index:
        report = feed(store, index)
        assert (report.sent, report.refused, store.outbox_size(ELASTIC)) == (39, 1, 0)
        (refusal,) = store.index_refusals(ELASTIC, 5)
        assert refusal.document_id == poison.id
        assert "tier" in refusal.reason
        assert "1000" in refusal.reason
        assert held(elastic) == versions([*docs[:17], *docs[18:]])

        store.put_documents([edited(docs[17])], targets=TARGETS)
        feed(store, index)
        assert index.search(SearchRequest(query='"đã sửa"')).total == 1
    assert store.index_refusals(ELASTIC, 5) == ()
    assert elastic.count(ALIAS) == 40


def test_a_document_for_which_a_whole_request_is_refused_is_set_aside_alone(elastic: Cluster, store: Store) -> None:
    docs = [*many_documents(20), replace(make_document(), id="x" * 600)]  # an id has 512 bytes at most
    store.put_documents(docs, targets=TARGETS)
    with open_index(elastic.url) as index:
        report = feed(store, index)
    assert (report.sent, report.refused, store.outbox_size(ELASTIC)) == (20, 1, 0)
    assert "Validation Failed" in store.index_refusals(ELASTIC, 5)[0].reason
    assert held(elastic) == versions(docs[:20])


def test_a_server_that_takes_no_more_for_now_gets_it_later(start_elastic: StartElastic, store: Store) -> None:
    server = start_elastic({"thread_pool.write.queue_size": 1, "node.processors": 1})
    docs = many_documents(3_000)
    store.put_documents(docs, targets=TARGETS)
    with open_index(server.url) as index:
        with BackgroundFeed(store, index) as feeding, _flood(server):
            feeding.wait_until(BATCH)
            while feeding.running and _rejected(server) < 5:
                feeding.wait_until(feeding.settled + 1)
        assert feeding.report is not None
        assert feeding.report.retried > 0
        assert feeding.report.refused == 0
    assert _rejected(server) > 0
    assert store.outbox_size(ELASTIC) == 0
    assert held(server) == versions(docs)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path=BULK, times=3, status=429),
        Fault(path=BULK, times=3, status=503),
        Fault(path=BULK, times=3, loses="request"),
        Fault(path=BULK, times=3, loses="answer"),
        Fault(path=BULK, times=1, delay_s=2 * TIMEOUT_S),
        Fault(path=BULK, times=3, drip_s=0.02),
    ],
    ids=["busy", "away", "request lost", "answer lost", "slower than patience", "dripping"],
)
def test_a_bad_line_neither_loses_nor_doubles(elastic: Cluster, store: Store, fault: Fault) -> None:
    docs = many_documents(3 * BATCH)
    with open_index(elastic.url) as index:
        feed(store, index)
    store.put_documents(docs, targets=TARGETS)
    with opened(elastic.url) as gateway, open_index(gateway.url, timeout_s=TIMEOUT_S) as index:
        gateway.faults.append(replace(fault))
        report = feed(store, index)
        assert [one.times for one in gateway.faults] == [0]
    assert report.sent == len(docs)
    assert report.retried > 0 or fault.drip_s
    assert store.outbox_size(ELASTIC) == 0
    assert held(elastic) == versions(docs)


def test_an_old_write_that_arrives_late_replaces_nothing_newer(elastic: Cluster, store: Store) -> None:
    (old,) = many_documents(1)
    with open_index(elastic.url) as index:
        feed(store, index)
    with opened(elastic.url) as gateway, open_index(gateway.url, timeout_s=TIMEOUT_S) as index:
        store.put_documents([old], targets=TARGETS)
        gateway.faults.append(Fault(path=BULK, delay_s=2 * TIMEOUT_S))
        with pytest.raises(IndexUnavailableError) as caught:
            feed(store, index, patience_s=0.0)
        assert caught.value.code == "index.elastic_slow"
        store.put_documents([edited(old)], targets=TARGETS)
        feed(store, index)
        assert held(elastic) == {old.id: 2}
        while len([seen for seen in gateway.seen if BULK in seen.path]) < 2:  # the late one has its answer
            gateway.closing.wait(0.05)
    assert held(elastic) == {old.id: 2}


def test_a_document_removed_meanwhile_is_gone(elastic: Cluster, store: Store) -> None:
    docs = many_documents(30)
    store.put_documents(docs, targets=TARGETS)
    with opened(elastic.url) as gateway, open_index(gateway.url) as index:
        feed(store, index)
        gone = [replace(doc, annotation=judged()) for doc in docs[:10]]
        store.put_documents(gone, targets=TARGETS)
        gateway.faults.append(Fault(path=BULK, loses="answer"))
        feed(store, index)
    assert held(elastic) == versions(docs[10:])


def test_a_server_that_lost_its_data_is_filled_anew(elastic: Cluster, store: Store) -> None:
    docs = many_documents(30)
    store.put_documents(docs, targets=TARGETS)
    with open_index(elastic.url) as index:
        feed(store, index)
        elastic.wipe()
        feed(store, index)
        assert held(elastic) == versions(docs)


def _block(server: Cluster, value: bool | None) -> None:
    server.request("PUT", f"/{ALIAS}/_settings", {"index.blocks.read_only_allow_delete": value})


def _rejected(server: Cluster) -> int:
    (node,) = server.request("GET", "/_nodes/stats/thread_pool")["nodes"].values()
    return int(node["thread_pool"]["write"]["rejected"])


@contextmanager
def _flood(server: Cluster) -> Iterator[None]:
    """Let others write to the server as fast as it can take it."""
    over = threading.Event()
    lines = [line for _ in range(500) for line in ({"index": {"_index": "others"}}, {"text": "nước lũ " * 50})]

    def write() -> None:
        while not over.is_set():
            with suppress(OSError):  # it takes no more from them either
                server.bulk(lines)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        over.set()
        for writer in writers:
            writer.join()

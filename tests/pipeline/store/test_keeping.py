"""Sealed digests, runs, rejections, things set aside, the outbox as a whole."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.errors import StoreError
from pipeline.store import Store, open_store
from tests.pipeline.documents import document_id, judged, make_document

AT = datetime(2026, 3, 5, 0, 1, tzinfo=UTC)
DAY = date(2026, 3, 5)


def test_a_sealed_digest_keeps_its_facts_in_order(store: Store) -> None:
    facts = {"version": 1, "province": "cao-bang", "counts": {"total": 2, "mean_28d": 0.1 + 0.2}, "coverage": None}
    store.seal_digest("cao-bang", DAY, 1, facts, AT)
    sealed = store.sealed_digest("cao-bang", DAY)
    assert sealed is not None
    assert (sealed.revision, sealed.facts, sealed.sealed_at) == (1, facts, AT)
    assert list(sealed.facts) == list(facts)


def test_a_sealed_digest_is_never_overwritten(store: Store) -> None:
    store.seal_digest("cao-bang", DAY, 1, {"n": 1}, AT)
    with pytest.raises(StoreError) as caught:
        store.seal_digest("cao-bang", DAY, 1, {"n": 2}, AT)
    assert caught.value.code == "store.digest_sealed"
    assert "--revise" in caught.value.text("vi")
    sealed = store.sealed_digest("cao-bang", DAY)
    assert sealed is not None
    assert sealed.facts == {"n": 1}


def test_revisions_and_days(store: Store) -> None:
    for day, revision in ((DAY, 1), (DAY, 2), (DAY - timedelta(days=1), 1)):
        store.seal_digest("cao-bang", day, revision, {"r": revision}, AT)
    store.seal_digest("da-nang", DAY + timedelta(days=1), 1, {}, AT)
    latest, first = store.sealed_digest("cao-bang", DAY), store.sealed_digest("cao-bang", DAY, 1)
    assert latest is not None
    assert first is not None
    assert (latest.revision, first.facts) == (2, {"r": 1})
    assert store.sealed_digest("cao-bang", DAY, 3) is None
    assert list(store.sealed_since("cao-bang", DAY - timedelta(days=1))) == [DAY - timedelta(days=1), DAY]


def test_an_edition_takes_in_what_came_until_its_last_revision_before_the_next_one(store: Store) -> None:
    hour = timedelta(hours=1)
    for day, revision, at in ((0, 1, 0), (0, 2, 5), (1, 1, 24), (0, 3, 30), (1, 2, 50), (3, 1, 72)):
        store.seal_digest("cao-bang", DAY + timedelta(days=day), revision, {}, AT + at * hour)
    store.seal_digest("cao-bang", DAY, 1, {}, AT + 99 * hour, edition="foreign-weekly")
    closed = {0: 5, 1: 50, 3: 72}
    assert store.sealed_since("cao-bang", DAY) == {
        DAY + timedelta(days=day): AT + at * hour for day, at in closed.items()
    }
    assert list(store.sealed_since("cao-bang", DAY + timedelta(days=2))) == [DAY + timedelta(days=3)]


def test_runs_newest_first_and_an_unfinished_one_shows(store: Store) -> None:
    crawl = store.start_run("crawl", AT)
    store.finish_run(crawl, AT + timedelta(minutes=2), "partial", {"pages": 120})
    store.start_run("process", AT + timedelta(minutes=3))
    process, first = store.last_runs(5)
    assert (process.kind, process.finished_at, process.outcome) == ("process", None, "")
    assert (first.id, first.outcome, first.counts) == (crawl, "partial", {"pages": 120})
    assert store.last_runs(1) == (process,)


def test_rejections_add_up_by_day(store: Store) -> None:
    for day, counts in (
        (DAY, {"not_html": 2, "too_large": 1}),
        (DAY, {"not_html": 3}),
        (DAY - timedelta(days=1), {"not_html": 9}),
    ):
        store.put_documents([], targets=(), rejections=(day, counts))
    assert store.rejections(DAY) == {DAY: {"not_html": 5, "too_large": 1}}


def test_what_is_set_aside_is_kept_once(store: Store) -> None:
    for payload in (b"\x00\xff", b"again"):
        store.set_aside("line", "items.jsonl:7", "not JSON\x00", payload, AT)
    store.set_aside("page", "https://x.example/", "internal_error", b"", AT + timedelta(days=1))
    first, second = store.quarantined()
    assert (first.kind, first.ref, first.reason, first.payload, first.at) == (
        "line",
        "items.jsonl:7",
        "not JSON",
        b"again",
        AT,
    )
    store.purge_set_aside(AT + timedelta(hours=1))
    assert store.quarantined() == (second,)


def test_a_change_takes_the_place_of_an_undelivered_one_under_a_new_number(store: Store) -> None:
    def put(title: str, hour: int) -> None:
        doc = make_document(title=title, annotation=judged("cao-bang"), fetched_at=AT + timedelta(hours=hour))
        store.put_documents([doc], targets=("embedded",))

    put("Một", 1)
    (read,) = store.outbox("embedded", 10)
    put("Hai", 2)
    store.outbox_done("embedded", [read.seq])
    (left,) = store.outbox("embedded", 10)
    assert left.seq > read.seq
    assert (left.document_id, left.op) == (document_id("a"), "put")
    store.outbox_done("embedded", [left.seq])
    put("Ba", 3)
    assert store.outbox("embedded", 10)[0].seq > left.seq, "a number is never used twice"


def test_everything_can_be_queued_for_an_index_anew(store: Store) -> None:
    docs = [make_document("thin"), make_document("about", annotation=judged("cao-bang"))]
    store.put_documents(docs, targets=("embedded", "other"))
    store.enqueue_all("embedded", index_all=False)
    assert [row.document_id for row in store.outbox("embedded", 10)] == [document_id("about")]
    store.enqueue_all("embedded", index_all=True)
    assert store.outbox_size("embedded") == 2
    assert len(store.outbox("embedded", 1)) == 1
    assert store.outbox_size("other") == 1


def test_a_copy_of_the_store_or_advice(store: Store, backend: str, tmp_path: Path) -> None:
    store.set_meta("khóa", "giá trị")
    if backend == "postgresql":
        with pytest.raises(StoreError) as caught:
            store.copy_to(tmp_path / "copy.sqlite")
        assert "pg_dump" in caught.value.text("vi")
        return
    store.copy_to(tmp_path / "copy.sqlite")
    copy = open_store(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    assert copy.get_meta("khóa") == "giá trị"
    copy.close()

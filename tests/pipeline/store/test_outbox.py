"""What a search index still has to learn, while another one is built beside it, and what it will not take."""

from dataclasses import replace
from datetime import UTC, datetime

from pipeline.store import Store
from tests.pipeline.documents import judged, make_document

TARGETS = ("embedded", "elastic")
NOW = datetime(2026, 3, 5, tzinfo=UTC)
DOCS = [make_document(str(n), annotation=judged("cao-bang")) for n in range(5)]


def waiting(store: Store, target: str) -> set[str]:
    return {row.document_id for row in store.outbox(target, 100)}


def test_reading_on_from_a_row(store: Store) -> None:
    store.put_documents(DOCS, targets=TARGETS)
    rows = store.outbox("elastic", 100)
    assert len(rows) == 5
    assert store.outbox("elastic", 2, after=rows[1].seq) == rows[2:4]
    assert store.outbox("elastic", 2, after=rows[-1].seq) == ()


def test_changes_go_to_the_index_in_use_and_to_the_one_being_built(store: Store) -> None:
    store.put_documents(DOCS, targets=TARGETS)
    assert store.index_building("elastic") is None
    store.begin_building("elastic", "articles-000002", index_all=False)
    assert store.index_building("elastic") == "articles-000002"
    beside = store.building_target("elastic")
    assert waiting(store, beside) == {doc.id for doc in DOCS}
    for target in ("elastic", beside):
        store.outbox_done(target, [row.seq for row in store.outbox(target, 100)])
    late = make_document("late", annotation=judged("cao-bang"))
    store.put_documents([late], targets=TARGETS)
    assert waiting(store, "elastic") == waiting(store, beside) == {late.id}
    assert waiting(store, "embedded") == {doc.id for doc in (*DOCS, late)}, "only of this index one is being built"

    store.end_building("elastic", fed="its-uuid")
    assert (store.index_fed("elastic"), store.index_building("elastic")) == ("its-uuid", None)
    assert waiting(store, "elastic") == {late.id}, "the new one has still to learn it"
    assert waiting(store, beside) == set()
    store.put_documents([make_document("later", annotation=judged("cao-bang"))], targets=TARGETS)
    assert waiting(store, beside) == set()


def test_a_refused_document_waits_for_its_next_change(store: Store) -> None:
    store.put_documents(DOCS[:2], targets=TARGETS)
    first, second = store.outbox("elastic", 2)
    store.outbox_refused("elastic", {first.seq: (first.document_id, "field [x] is too long\x00")}, NOW)
    assert waiting(store, "elastic") == {second.document_id}
    (refusal,) = store.index_refusals("elastic", 10)
    assert (refusal.document_id, refusal.reason, refusal.at) == (first.document_id, "field [x] is too long", NOW)
    assert store.counts().refused == {"elastic": 1}

    relabelled = [replace(doc, annotation=judged("ca-mau")) for doc in DOCS if doc.id == first.document_id]
    store.put_documents(relabelled, targets=TARGETS)
    assert waiting(store, "elastic") == {first.document_id, second.document_id}
    assert store.counts().refused == {}


def test_building_anew_offers_refused_documents_again(store: Store) -> None:
    store.put_documents(DOCS[:1], targets=TARGETS)
    (row,) = store.outbox("elastic", 1)
    store.outbox_refused("elastic", {row.seq: (row.document_id, "no")}, NOW)
    store.begin_building("elastic", "articles-000002", index_all=False)
    (again,) = store.outbox(store.building_target("elastic"), 10)
    assert store.counts().refused == {}
    store.outbox_refused(store.building_target("elastic"), {again.seq: (again.document_id, "still no")}, NOW)
    assert store.counts().refused == {"elastic": 1}, "told under the index that it is going to be"


def test_an_index_that_is_no_longer_fed_leaves_nothing_behind(store: Store) -> None:
    store.put_documents(DOCS, targets=TARGETS)
    store.begin_building("elastic", "articles-000002", index_all=False)
    store.end_building("elastic", fed="its-uuid")
    store.begin_building("elastic", "articles-000003", index_all=False)
    store.forget_target("elastic")
    assert store.index_fed("elastic") is None
    assert store.index_building("elastic") is None
    assert store.counts().outbox == {"embedded": 5}

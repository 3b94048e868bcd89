from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from config.errors import StoreError
from pipeline.records import Article, Document
from pipeline.store import AnnotatedBy, PutCounts, Store
from tests.pipeline.documents import NOON, document_id, judged, make_document

CAO_BANG = frozenset({"cao-bang"})
ANNOTATOR = AnnotatedBy(units=CAO_BANG, version="1")
HOUR = timedelta(hours=1)


def put(store: Store, *docs: Document, **options: Any) -> PutCounts:
    return store.put_documents(docs, targets=("embedded",), **({"annotated_by": ANNOTATOR} | options))


def later(doc: Document, hours: int = 1, **article: Any) -> Document:
    """Return the document as fetched again, with other values in its article."""
    fetched = doc.article.fetched_at + timedelta(hours=hours)
    changed: Article = replace(doc.article, fetched_at=fetched, **article)
    return replace(doc, article=changed, fetched_at=fetched)


def ops(store: Store) -> list[tuple[str, str]]:
    """Return (document id, op) of the outbox, and empty it."""
    rows = store.outbox("embedded", 1000)
    store.outbox_done("embedded", [row.seq for row in rows])
    return [(row.document_id, row.op) for row in rows]


def test_a_document_comes_back_equal(store: Store) -> None:
    full = make_document(text="Đoạn một.\nĐoạn hai.", gate_units=("ha-noi", "cao-bang"), annotation=judged("cao-bang"))
    thin = make_document("b")
    assert put(store, full, thin) == PutCounts(new=2)
    assert store.document(full.id) == full
    assert store.document(thin.id) == thin
    assert store.document("0" * 20) is None
    assert store.documents_by_id([thin.id, "0" * 20]) == [thin]


def test_putting_the_same_again_changes_nothing(store: Store) -> None:
    docs = [make_document(str(n), annotation=judged("cao-bang")) for n in range(5)]
    put(store, *docs)
    ops(store)
    assert put(store, *docs) == PutCounts(unchanged=5)
    assert ops(store) == []
    assert [store.document(doc.id) for doc in docs] == docs


@pytest.mark.parametrize("part", ["title", "lead", "text"])
def test_an_edit_is_a_new_version_and_keeps_the_older_text(store: Store, part: str) -> None:
    first = make_document(text="Nguyên văn.")
    edited = later(first, 1, **{part: "Đã sửa"})
    put(store, first)
    assert put(store, edited) == PutCounts(changed=1)
    assert store.document(first.id) == replace(edited, version=2, fetched_at=first.fetched_at)
    (older,) = store.versions(first.id)
    assert (older.version, older.title, older.lead, older.text, older.fetched_at) == (
        1,
        first.article.title,
        first.article.lead,
        first.article.text,
        first.article.fetched_at,
    )


def test_edits_within_one_batch_are_all_kept(store: Store) -> None:
    first = make_document()
    second, third = later(first, 1, title="Hai"), later(first, 2, title="Ba")
    assert put(store, first, second, third) == PutCounts(new=1, changed=2)
    assert [old.title for old in store.versions(first.id)] == [first.article.title, "Hai"]


def test_an_older_fetch_changes_nothing_but_the_first_sight(store: Store) -> None:
    newer = later(make_document(), title="Mới")
    older = make_document()
    put(store, newer)
    assert put(store, older) == PutCounts(unchanged=1, outdated=(older.article.url,))
    assert store.document(newer.id) == replace(newer, fetched_at=older.fetched_at)


def test_two_texts_of_one_instant_do_not_alternate(store: Store) -> None:
    one, other = make_document(), make_document(title="Cùng lúc, tựa khác")
    put(store, one, other)
    assert put(store, one, other) == PutCounts(unchanged=2, outdated=(other.article.url,))
    assert store.document(one.id) == one


def test_a_headline_never_blanks_a_text(store: Store) -> None:
    full = make_document(text="Toàn văn.", annotation=judged("cao-bang"))
    put(store, full)
    assert put(store, later(full, text="")) == PutCounts(unchanged=1)
    assert put(store, later(full, 2, text="", title="Tựa mới")) == PutCounts(changed=1)
    held = store.document(full.id)
    assert held is not None
    assert (held.article.title, held.article.text, held.version) == ("Tựa mới", "Toàn văn.", 2)


def test_labels_made_without_the_kept_text_are_made_again(store: Store) -> None:
    full = make_document(text="Toàn văn.", gate_units=("cao-bang",), annotation=judged("cao-bang"))
    put(store, full, later(full, text="", title="Tựa mới"))
    assert [doc.id for doc in store.documents_to_reassess(CAO_BANG, "1")] == [full.id]


def test_the_first_text_of_a_known_headline_is_no_edit(store: Store) -> None:
    thin = make_document()
    put(store, thin)
    assert put(store, later(thin, text="Toàn văn.")) == PutCounts(changed=1)
    held = store.document(thin.id)
    assert held is not None
    assert (held.version, held.article.text) == (1, "Toàn văn.")
    assert store.versions(thin.id) == ()


def test_other_labels_are_no_new_version(store: Store) -> None:
    doc = make_document(text="Toàn văn.", annotation=judged("cao-bang"))
    relabelled = replace(doc, annotation=judged("cao-bang", tone="positive"))
    put(store, doc)
    ops(store)
    assert put(store, relabelled) == PutCounts(changed=1)
    assert store.document(doc.id) == relabelled
    assert ops(store) == [(doc.id, "put")]


def test_only_judged_documents_go_to_the_index(store: Store) -> None:
    homonym = judged()
    put(store, make_document("thin"), make_document("homonym", annotation=homonym))
    put(store, make_document("about", annotation=judged("cao-bang")))
    assert ops(store) == [(document_id("about"), "put")]
    put(store, make_document("other"), index_all=True)
    assert ops(store) == [(document_id("other"), "put")]


def test_a_document_that_loses_its_judgements_leaves_the_index(store: Store) -> None:
    doc = make_document(annotation=judged("cao-bang"))
    put(store, doc)
    ops(store)
    put(store, replace(doc, annotation=judged()))
    assert ops(store) == [(doc.id, "remove")]


def test_every_target_gets_its_own_rows(store: Store) -> None:
    doc = make_document(annotation=judged("cao-bang"))
    store.put_documents([doc], targets=("embedded", "elastic"))
    assert store.counts().outbox == {"elastic": 1, "embedded": 1}


def test_progress_and_rejections_are_stored_with_the_batch_or_not_at_all(store: Store) -> None:
    day = date(2026, 3, 1)
    assert store.segment_progress("s.warc.gz") == 0
    put(store, make_document(), progress=("s.warc.gz", 700), rejections=(day, {"not_html": 2, "nothing": 0}))
    broken = replace(make_document("b"), country=None)  # type: ignore[arg-type]
    with pytest.raises(StoreError) as caught:
        put(store, make_document("c"), broken, progress=("s.warc.gz", 900), rejections=(day, {"not_html": 1}))
    assert caught.value.code == "store.failed"
    assert store.segment_progress("s.warc.gz") == 700
    assert store.rejections(day) == {day: {"not_html": 2}}
    assert store.document(document_id("c")) is None


def test_a_window_holds_its_start_and_not_its_end(store: Store) -> None:
    docs = [make_document(str(n), published_at=NOON + n * HOUR, annotation=judged("cao-bang")) for n in range(4)]
    put(store, *docs)
    assert list(store.documents(NOON + HOUR, NOON + 3 * HOUR, units=CAO_BANG)) == docs[1:3]
    assert list(store.documents(NOON + HOUR, NOON + 3 * HOUR, by="fetched_at", units=CAO_BANG)) == docs[0:2]


def test_a_window_holds_documents_judged_for_these_units_once(store: Store) -> None:
    both = make_document("both", annotation=judged("cao-bang", mentions=("ha-giang",)))
    seen_only = make_document("seen", gate_units=("cao-bang",))
    elsewhere = make_document("elsewhere", annotation=judged("ca-mau"))
    put(store, both, seen_only, elsewhere)
    window = (NOON - HOUR, NOON + HOUR)
    assert list(store.documents(*window, units=frozenset({"cao-bang", "ha-giang"}))) == [both]
    assert list(store.documents(*window, units=frozenset({"da-nang"}))) == []
    put(store, replace(both, annotation=judged("ca-mau")))
    assert list(store.documents(*window, units=CAO_BANG)) == []


@pytest.fixture
def many(store: Store) -> list[Document]:
    """More documents than are read at a time, many of one instant, in the order of `documents`."""
    docs = [
        make_document(str(n), published_at=NOON + (n // 400) * HOUR, annotation=judged("cao-bang")) for n in range(1201)
    ]
    put(store, *docs)
    return sorted(docs, key=lambda doc: (doc.article.published_at, doc.id))


def test_long_windows_are_read_whole_and_in_order(store: Store, many: list[Document]) -> None:
    assert list(store.documents(NOON, NOON + 9 * HOUR, units=CAO_BANG)) == many


def test_documents_can_be_written_while_all_are_read(store: Store, many: list[Document]) -> None:
    put(store, make_document("thin"))

    read = []
    for place, doc in enumerate(store.all_documents(assessed_only=True)):
        read.append(doc.id)
        if place % 100 == 0:
            put(store, replace(doc, annotation=judged("cao-bang", tone="neutral")))
    assert read == sorted(doc.id for doc in many)
    assert sum(1 for _ in store.all_documents()) == len(many) + 1


def test_what_must_be_judged_anew(store: Store) -> None:
    unjudged = make_document("unjudged", gate_units=("cao-bang",))
    judged_now = make_document("judged", gate_units=("cao-bang",), annotation=judged("cao-bang"))
    homonym = make_document("homonym", gate_units=("cao-bang",), annotation=judged())
    elsewhere = make_document("elsewhere", gate_units=("ca-mau",))
    put(store, unjudged, judged_now, homonym, elsewhere)

    def stale(units: frozenset[str], version: str) -> set[str]:
        return {
            doc.article.url.split("/")[-1].removesuffix(".html") for doc in store.documents_to_reassess(units, version)
        }

    assert stale(CAO_BANG, "1") == {"unjudged"}
    assert stale(CAO_BANG, "2") == {"unjudged", "judged", "homonym"}
    assert stale(CAO_BANG | {"ca-mau"}, "1") == {"unjudged", "judged", "homonym", "elsewhere"}
    put(store, judged_now, annotated_by=AnnotatedBy(units=CAO_BANG, version="2"))
    assert stale(CAO_BANG, "2") == {"unjudged", "homonym"}


def test_collecting_began_with_the_first_fetch(store: Store) -> None:
    assert store.collecting_since_at() is None
    put(store, make_document("a", fetched_at=NOON + HOUR), make_document("b", fetched_at=NOON + 2 * HOUR))
    assert store.collecting_since_at() == NOON + HOUR


def test_characters_a_database_refuses_do_not_lose_the_article(store: Store) -> None:
    put(store, make_document(title="Nửa\x00 chữ \ud83d và 🌊"))
    held = store.document(document_id("a"))
    assert held is not None
    assert held.article.title == "Nửa chữ ? và 🌊"


def test_counts(store: Store) -> None:
    first = make_document("a", text="Toàn văn.", annotation=judged("cao-bang"))
    put(store, first, make_document("b", fetched_at=NOON + 13 * HOUR), later(first, title="Mới"))
    census = store.counts()
    assert (census.documents, census.assessed, census.with_text, census.versions) == (2, 1, 1, 1)
    assert census.by_fetch_day == {date(2026, 3, 2): 1, date(2026, 3, 1): 1}
    assert census.outbox == {"embedded": 1}


def test_old_texts_are_emptied_and_nothing_else(store: Store) -> None:
    old = make_document("old", text="Cũ.", annotation=judged("cao-bang"))
    edited = later(old, title="Cũ, đã sửa")
    new = make_document("new", text="Mới.", fetched_at=NOON + 100 * HOUR)
    put(store, old, edited, new)
    ops(store)
    assert store.purge_texts(NOON + 50 * HOUR, targets=("embedded",)) == 2
    purged = replace(edited, article=replace(edited.article, text=""), version=2, fetched_at=old.fetched_at)
    assert store.document(old.id) == purged
    assert store.document(new.id) == new
    assert [one.text for one in store.versions(old.id)] == [""]
    assert ops(store) == [(old.id, "put")]
    assert store.purge_texts(NOON + 50 * HOUR, targets=("embedded",)) == 0
    assert put(store, edited) == PutCounts(unchanged=1), "the same text again is no edit"
    relabelled = replace(purged, annotation=judged("cao-bang", tone="neutral"))
    assert put(store, relabelled) == PutCounts(changed=1), "what is left can be judged anew"
    assert store.document(old.id) == relabelled


def test_when_a_document_came_in_is_noted_once(store: Store) -> None:
    store.put_documents([make_document()], targets=(), at=NOON)
    edited = make_document(title="Cao Bằng khánh thành cầu thứ hai", fetched_at=NOON + 3 * HOUR)
    store.put_documents([edited], targets=(), at=NOON + 4 * HOUR)
    found = store.document(edited.id)
    assert found
    assert (found.version, found.stored_at) == (2, NOON)

"""Which articles are asked for again, and what the store keeps of their disappearing."""

from datetime import datetime, timedelta

from crawlers.presence import MISS_GAP, Found, PageCheck
from pipeline.records import Document
from pipeline.store import Store
from pipeline.store.presence import Disappearance, PresenceCounts
from tests.pipeline.documents import NOON, judged, make_document

TARGETS = ("embedded",)
DAY = timedelta(days=1)


def check(doc: Document, found: Found, at: datetime, reason: str = "http_410") -> PageCheck:
    return PageCheck(document_id=doc.id, url=doc.article.url, at=at, found=found, reason=reason)


def record(store: Store, *checks: PageCheck) -> PresenceCounts:
    return store.record_checks(checks, targets=TARGETS)


def test_recent_assessed_articles_are_asked_for_the_longest_unasked_first(store: Store) -> None:
    asked, fresh, other = (make_document(name, annotation=judged("cao-bang")) for name in "abc")
    old = make_document("old", published_at=NOON - 9 * DAY, annotation=judged("cao-bang"))
    thin = make_document("thin")
    store.put_documents([asked, fresh, other, old, thin], targets=TARGETS)
    record(store, check(asked, "present", NOON + DAY), check(other, "unknown", NOON))
    pages = store.pages_to_check(NOON - DAY)
    assert [page.document_id for page in pages] == [fresh.id, other.id, asked.id]
    assert pages[0].url == fresh.article.url


def test_an_article_that_goes_and_comes_back(store: Store) -> None:
    doc = make_document(annotation=judged("cao-bang"))
    store.put_documents([doc], targets=TARGETS)
    store.outbox_done("embedded", [row.seq for row in store.outbox("embedded", 9)])
    assert record(store, check(doc, "gone", NOON)) == PresenceCounts()
    assert store.outbox("embedded", 9) == ()
    assert record(store, check(doc, "gone", NOON + MISS_GAP)) == PresenceCounts(disappeared=1)
    assert record(store, check(doc, "gone", NOON + DAY)) == PresenceCounts()
    (held,) = store.documents_by_id([doc.id])
    assert (held.disappeared_at, held.marks) == (NOON, ("removed",))
    assert [row.op for row in store.outbox("embedded", 9)] == ["put"]
    assert store.disappearances(doc.id) == (Disappearance(gone_at=NOON, reason="http_410"),)

    back = NOON + 2 * DAY
    assert record(store, check(doc, "present", back, "ok")) == PresenceCounts(returned=1)
    (held,) = store.documents_by_id([doc.id])
    assert held.marks == ()
    gone = NOON + 3 * DAY
    record(store, check(doc, "gone", gone, "redirected_home"), check(doc, "gone", gone + DAY, "http_404"))
    assert store.disappearances(doc.id) == (
        Disappearance(gone_at=NOON, reason="http_410", back_at=back),
        Disappearance(gone_at=gone, reason="http_404"),
    )


def test_new_labels_leave_it_gone_and_unknown_documents_are_passed_over(store: Store) -> None:
    doc = make_document(annotation=judged("cao-bang"))
    assert record(store, check(doc, "gone", NOON)) == PresenceCounts()
    store.put_documents([doc], targets=TARGETS)
    record(store, check(doc, "gone", NOON), check(doc, "gone", NOON + DAY))
    store.put_documents([make_document(annotation=judged("cao-bang", "ha-noi"))], targets=TARGETS)
    (held,) = store.documents_by_id([doc.id])
    assert held.disappeared_at == NOON

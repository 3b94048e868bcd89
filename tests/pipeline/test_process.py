"""The process loop on real pages: what is kept, what is thin, what is set aside, and that repeating changes nothing."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from crawlers.inbox import InboxWriter, unread_segments
from pipeline.enrich import INTERNAL_ERROR, EnrichSpec, enrich_pages, load_enricher
from pipeline.process import BATCH_PAGES, UNREADABLE, ProcessLoop, ProcessReport
from pipeline.records import Document, FeedEntry, Item, Page, Rejected
from pipeline.store import Store, open_store
from tests.pipeline.documents import make_document

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
SPEC = EnrichSpec(units=frozenset({"cao-bang"}))
BODY = "Sáng 4/3, {place} đưa vào sử dụng đoạn đường mới dài bảy cây số, người dân đi lại thuận lợi hơn trước. " * 4


def page(number: int, *, place: str = "tỉnh Cao Bằng", title: str = "", menu: str = "", hours: int = 0) -> Page:
    title = title or f"Khánh thành đoạn đường số {number} tại {place}"
    paragraphs = "".join(f"<p>{BODY.format(place=place)} Đoạn {part}.</p>" for part in range(3))
    html = (
        f"<html lang='vi'><head><title>{title}</title><meta property='og:title' content='{title}'>"
        f"<meta property='article:published_time' content='2026-03-04T08:0{number % 10}:00+07:00'></head>"
        f"<body><nav>{menu}</nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )
    url = f"https://baothu.example/tin-{number}.html"
    return Page(
        url=url,
        requested_url=url,
        status=200,
        content_type="text/html; charset=utf-8",
        body=html.encode(),
        fetched_at=NOW + timedelta(hours=hours),
        entry=FeedEntry(url=url, title=title),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


def loop(store: Store, **changes: object) -> ProcessLoop:
    settings: dict[str, object] = {"spec": SPEC, "targets": ("embedded",), "now": lambda: NOW}
    return ProcessLoop(store=store, **(settings | changes))  # type: ignore[arg-type]


def fill(folder: Path, *pages: Page) -> Path:
    with InboxWriter(folder, NOW) as inbox:
        for one in pages:
            inbox.write(one)
    return folder


def test_pages_become_documents_once(store: Store, tmp_path: Path) -> None:
    inbox = fill(tmp_path / "inbox", *map(page, range(5)))
    first = loop(store).inbox(inbox)
    assert (first.read, first.new, first.assessed) == (5, 5, 5)
    assert loop(store).inbox(inbox) == ProcessReport()
    docs = list(store.all_documents())
    assert {doc.article.title for doc in docs} == {f"Khánh thành đoạn đường số {n} tại tỉnh Cao Bằng" for n in range(5)}
    assert all("người dân đi lại thuận lợi" in doc.article.text for doc in docs)
    assert all(doc.annotation and doc.annotation.assessments[0].relevance == "about" for doc in docs)


def test_a_page_about_another_province_is_kept_thin(store: Store, tmp_path: Path) -> None:
    loop(store).inbox(fill(tmp_path / "inbox", page(1, place="thành phố Đà Nẵng")))
    (doc,) = store.all_documents()
    assert doc.annotation is None
    assert doc.article.text == ""
    assert "da-nang" in doc.gate_units
    assert store.outbox_size("embedded") == 0


def test_a_name_in_the_menu_makes_no_candidate(store: Store, tmp_path: Path) -> None:
    menu = "<a href='/cao-bang'>Cao Bằng</a> <a href='/ha-noi'>Hà Nội</a>"
    loop(store).inbox(fill(tmp_path / "inbox", page(1, place="thành phố Đà Nẵng", menu=menu)))
    (doc,) = store.all_documents()
    assert doc.annotation is None
    assert "cao-bang" not in doc.gate_units


def test_an_edit_is_a_new_version_of_the_same_document(store: Store, tmp_path: Path) -> None:
    edited = page(1, title="Khánh thành đoạn đường số 1 tại tỉnh Cao Bằng (cập nhật)", hours=2)
    report = loop(store).inbox(fill(tmp_path / "inbox", page(1), edited))
    assert (report.new, report.changed) == (1, 1)
    (doc,) = store.all_documents()
    assert (doc.version, doc.article.title) == (2, "Khánh thành đoạn đường số 1 tại tỉnh Cao Bằng (cập nhật)")
    assert doc.fetched_at == NOW


def test_what_is_no_article_is_counted_under_its_reason(store: Store, tmp_path: Path) -> None:
    empty = page(1)
    nothing = Page(
        url="https://baothu.example/x",
        requested_url="https://baothu.example/x",
        status=200,
        content_type="text/html",
        body=b"%PDF-1.7 this is no page",
        fetched_at=NOW,
    )
    report = loop(store).inbox(fill(tmp_path / "inbox", empty, nothing))
    assert (report.read, report.new, sum(report.rejected.values())) == (2, 1, 1)
    assert store.rejections(NOW.date())[NOW.date()] == dict(report.rejected)


def test_discards_of_the_small_hours_belong_to_the_local_day(store: Store, tmp_path: Path) -> None:
    inbox = fill(tmp_path / "inbox", replace(page(1), body=b"%PDF-1.7"))
    loop(store, now=lambda: datetime(2026, 3, 4, 20, tzinfo=UTC)).inbox(inbox)
    assert list(store.rejections(date(2026, 1, 1))) == [date(2026, 3, 5)]


def test_a_file_that_is_no_segment_is_set_aside_and_the_next_are_read(store: Store, tmp_path: Path) -> None:
    inbox = fill(tmp_path / "inbox", page(1))
    (inbox / "0-zeros.warc.gz").write_bytes(bytes(5000))
    (inbox / "1-page.warc.gz").write_bytes(b"<html><p>404</p></html>")
    (inbox / "2-folder.warc.gz").mkdir()
    report = loop(store).inbox(inbox)
    assert (report.new, dict(report.rejected)) == (1, {UNREADABLE: 2})
    assert [(one.kind, one.ref, one.payload) for one in store.quarantined()] == [
        ("segment", "0-zeros.warc.gz", b""),
        ("segment", "1-page.warc.gz", b""),
    ]
    assert [path.name for path, _ in unread_segments(inbox, store.segments_progress)] == ["2-folder.warc.gz"]
    assert loop(store).inbox(inbox) == ProcessReport()


def test_a_process_pool_gives_what_one_process_gives(store: Store, tmp_path: Path) -> None:
    pages = [page(n, place="tỉnh Cao Bằng" if n % 2 else "tỉnh Lạng Sơn") for n in range(70)]
    inbox = fill(tmp_path / "inbox", *pages)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        pooled = loop(store, executor=pool).inbox(inbox)
    other = open_store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert loop(other).inbox(inbox) == pooled
    assert list(other.all_documents()) == list(store.all_documents())
    other.close()


def test_a_defect_met_on_one_page_sets_it_aside_whole(store: Store) -> None:
    """An item without any time cannot be stored; the import refuses it, and the loop survives it all the same."""
    items = [
        Item(id="1", title="Cao Bằng mở hội", url="https://baothu.example/1", published_at=NOW),
        Item(id="2", title="Cao Bằng không ngày", url="https://baothu.example/2"),
        Item(id="3", title="Cao Bằng địa chỉ hỏng", url="ftp://baothu.example/3", published_at=NOW),
    ]
    report = loop(store).items(items)
    assert (report.new, dict(report.rejected)) == (1, {INTERNAL_ERROR: 1, "not_http_url": 1})
    (kept,) = store.quarantined()
    assert kept.ref == "https://baothu.example/2"
    assert "Cao Bằng không ngày".encode() in kept.payload


def test_a_future_date_is_clamped_to_the_fetch(store: Store) -> None:
    item = Item(
        id="1",
        title="Cao Bằng: tin đến từ ngày mai",
        url="https://baothu.example/1",
        published_at=NOW + timedelta(days=2),
        fetched_at=NOW,
    )
    loop(store).items([item])
    (doc,) = store.all_documents()
    assert doc.article.published_at == NOW
    assert doc.article.flags == ("future_date",)


def test_an_outlet_the_catalogue_lacks_keeps_its_name_and_gets_a_country() -> None:
    enricher = load_enricher(SPEC)
    known = enricher.item(Item(id="1", title="x", url="https://vnexpress.net/x-1.html", outlet="?", published_at=NOW))
    lacked = enricher.item(Item(id="2", title="x", url="https://la.example/x", outlet="The Lacked", published_at=NOW))
    home = enricher.item(Item(id="3", title="x", url="https://baola.com.vn/x", published_at=NOW))
    assert isinstance(known, Document)
    assert isinstance(lacked, Document)
    assert isinstance(home, Document)
    assert (known.outlet, known.country, known.tier) == ("VnExpress", "VN", 1)
    assert (lacked.outlet, lacked.source_id, lacked.country) == ("The Lacked", "the-lacked", "ZZ")
    assert (home.outlet, home.country) == ("baola.com.vn", "VN")


def test_a_whole_batch_is_answered_in_order() -> None:
    outcomes = enrich_pages(SPEC, [page(1), page(2, place="tỉnh Lạng Sơn")])
    assert [isinstance(outcome, Rejected) for outcome in outcomes] == [False, False]


def test_a_loop_that_is_told_to_stop_ends_behind_its_batch_and_goes_on_next_time(store: Store, tmp_path: Path) -> None:
    inbox = fill(tmp_path / "inbox", *(page(n) for n in range(BATCH_PAGES + 3)))
    asked = iter((False, True))
    first = loop(store, is_stopping=lambda: next(asked)).inbox(inbox)
    assert (first.stopped, first.read) == (True, BATCH_PAGES)
    assert unread_segments(inbox, store.segments_progress)
    second = loop(store).inbox(inbox)
    assert (second.stopped, second.read, second.new) == (False, 3, 3)
    assert unread_segments(inbox, store.segments_progress) == []


def test_what_became_of_pages_is_counted_by_outlet(store: Store, tmp_path: Path) -> None:
    pages = [page(1), page(2, place="thành phố Đà Nẵng"), replace(page(3), body=b"%PDF-1.7")]
    report = loop(store).inbox(fill(tmp_path / "inbox", *(replace(one, source_id="bao-thu") for one in pages)))
    assert report.by_source["bao-thu", "assessed"] == 1
    assert report.by_source["bao-thu", "thin"] == 1
    assert report.by_source.total() == 3


def test_judging_anew_that_is_cut_short_says_so(store: Store) -> None:
    store.put_documents([make_document(gate_units=("cao-bang",))], targets=())
    report = ProcessReport()
    loop(store, is_stopping=lambda: True).reassess(report)
    assert (report.stopped, report.reassessed) == (True, 0)

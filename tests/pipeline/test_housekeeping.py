"""Retention, backup, and the way back."""

import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from config.errors import InputError, StoreError, UsageError
from config.settings import RetentionSettings
from crawlers.inbox import InboxWriter, read_segment, segments
from crawlers.ledger import PollRecord, PollState
from pipeline.housekeeping import PurgeReport, backup, purge, restore
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.feed import drain_outbox
from pipeline.index.protocol import SearchRequest
from pipeline.records import FeedEntry, Page
from pipeline.store import Store, open_store
from tests.pipeline.documents import judged, make_document

NOW = datetime(2026, 3, 31, 1, 30, tzinfo=UTC)
RETENTION = RetentionSettings(inbox_days=30, text_days=365)
FACTS = {"version": 1, "counts": {"total": 3, "mean_28d": 0.1 + 0.2}, "sections": []}


@dataclass(frozen=True)
class Office:
    """One installation of the tests."""

    home: Path
    store: Store

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    home = tmp_path / "office"
    (home / "inbox").mkdir(parents=True)
    (home / "diembao.yaml").write_text("province: cao-bang\nretention:\n  inbox_days: 30\n", encoding="utf-8")
    store = open_store(f"sqlite:///{home / 'store.sqlite'}")
    yield Office(home, store)
    store.close()


def write_segment(folder: Path, at: datetime, pages: int = 2) -> Path:
    with InboxWriter(folder, at) as writer:
        for number in range(pages):
            url = f"https://non-nuoc.example/{at:%Y%m%d}/{number}.html"
            body = f"<title>Cầu số {number}</title>".encode()
            page = Page(url=url, requested_url=url, status=200, content_type="text/html", body=body, fetched_at=at)
            writer.write(page)
    return writer.path


def mark_processed(store: Store, segment: Path, *, pages: int | None = None) -> None:
    offsets = [offset for _, offset in read_segment(segment)][:pages]
    store.put_documents([], targets=(), progress=(segment.name, offsets[-1]))


# ---- retention ------------------------------------------------------------------------------------------------------


def test_old_segments_go_once_they_are_processed_whole(office: Office) -> None:
    old, fresh = NOW - timedelta(days=31), NOW - timedelta(days=29)
    done, half, never, young = (
        write_segment(office.inbox, at) for at in (old, old + timedelta(hours=1), old + timedelta(hours=2), fresh)
    )
    mark_processed(office.store, done)
    mark_processed(office.store, half, pages=1)
    mark_processed(office.store, young)
    assert purge(office.store, RETENTION, office.inbox, NOW) == PurgeReport(segments=1, texts=0)
    assert segments(office.inbox) == [half, never, young]
    mark_processed(office.store, half)
    assert purge(office.store, RETENTION, office.inbox, NOW).segments == 1
    assert purge(office.store, RETENTION, office.inbox, NOW).segments == 0


def test_a_segment_of_another_name_is_as_old_as_its_file(office: Office) -> None:
    named = write_segment(office.inbox, NOW)
    copied = named.rename(office.inbox / "CC-NEWS-20260101.warc.gz")
    mark_processed(office.store, copied)
    for age_days, left in ((29, [copied]), (31, [])):
        stamp = (NOW - timedelta(days=age_days)).timestamp()
        os.utime(copied, (stamp, stamp))
        purge(office.store, RETENTION, office.inbox, NOW)
        assert segments(office.inbox) == left


def test_old_texts_pages_set_aside_and_polls_go_and_what_is_counted_stays(office: Office) -> None:
    store = office.store
    long_ago = NOW - timedelta(days=366)
    kept = make_document("new", text="Mới.", fetched_at=NOW, annotation=judged("cao-bang"))
    gone = make_document("old", text="Cũ.", published_at=long_ago, fetched_at=long_ago, annotation=judged("cao-bang"))
    store.put_documents([gone, kept], targets=("embedded",))
    for at in (long_ago, NOW):
        store.set_aside("page", f"https://x.example/{at}", "internal_error", b"<html>", at)
        record = PollRecord(url="https://x.example/rss", source_id="x", at=at, ok=True, reason="ok")
        store.ledger.record_poll(record, PollState(url=record.url, source_id="x"), [])
    store.put_documents([], targets=(), rejections=(long_ago.date(), {"not_html": 4}))
    before = store.counts()
    assert purge(store, RETENTION, office.inbox, NOW) == PurgeReport(segments=0, texts=1)
    after = store.counts()
    assert (after.documents, after.assessed) == (before.documents, before.assessed)
    assert (before.with_text, after.with_text) == (2, 1)
    assert (after.polls, after.set_aside) == (1, 1)
    assert store.rejections(long_ago.date()) == {long_ago.date(): {"not_html": 4}}
    held = store.document(gone.id)
    assert held is not None
    assert (held.article.title, held.annotation) == (gone.article.title, gone.annotation)


# ---- backup and restore ---------------------------------------------------------------------------------------------


@pytest.fixture
def archive(office: Office, tmp_path: Path) -> Path:
    """A backup of an installation with something of everything in it."""
    docs = [make_document(str(n), text=f"Toàn văn {n}.", annotation=judged("cao-bang")) for n in range(30)]
    office.store.put_documents(docs, targets=("embedded",))
    office.store.seal_digest("cao-bang", date(2026, 3, 5), 1, FACTS, NOW)
    entry = FeedEntry(url="https://non-nuoc.example/q.html", title="Chờ")
    record = PollRecord(url="https://non-nuoc.example/rss", source_id="non-nuoc", at=NOW, ok=True, reason="ok")
    office.store.ledger.record_poll(record, PollState(url=record.url, source_id="non-nuoc"), [(entry.url, entry)])
    write_segment(office.inbox, NOW)
    issued = office.home / "digests" / "2026-03-05"
    issued.mkdir(parents=True)
    (issued / "digest.html").write_text("<p>Điểm báo</p>", encoding="utf-8")
    (office.home / "drafts").mkdir()
    (office.home / "drafts" / "cao-bang.2026-03-05.yaml").write_text("by: Lan\n", encoding="utf-8")
    (office.home / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
    (office.home / "index.sqlite").write_bytes(b"built anew")
    return backup(office.home, office.store, tmp_path / "backups", NOW)


def test_what_was_backed_up_comes_back(office: Office, archive: Path, tmp_path: Path) -> None:
    assert archive == tmp_path / "backups" / "diembao-20260331T013000Z.tar"
    home = tmp_path / "new" / "office"
    restore(archive, home)
    names = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    (segment,) = segments(office.inbox)
    assert names == {
        "diembao.yaml",
        "sources.yaml",
        "drafts/cao-bang.2026-03-05.yaml",
        "store.sqlite",
        f"inbox/{segment.name}",
        "digests/2026-03-05/digest.html",
    }
    assert (home / "inbox" / segment.name).read_bytes() == segment.read_bytes()
    restored = open_store(f"sqlite:///{home / 'store.sqlite'}")
    assert restored.counts() == office.store.counts()
    assert restored.sealed_digest("cao-bang", date(2026, 3, 5)) == office.store.sealed_digest(
        "cao-bang", date(2026, 3, 5)
    )
    assert restored.ledger.queued(["non-nuoc"]) == office.store.ledger.queued(["non-nuoc"])
    assert list(restored.all_documents()) == list(office.store.all_documents())
    index = EmbeddedIndex(home / "index.sqlite")
    restored.enqueue_all("embedded", index_all=False)
    drain_outbox(restored, index, "embedded")
    assert index.search(SearchRequest(query='"toàn văn 7"')).total == 1
    index.close()
    restored.close()


def test_a_backup_holds_while_the_store_is_written(office: Office, archive: Path, tmp_path: Path) -> None:
    office.store.put_documents([make_document("later")], targets=())
    restore(archive, tmp_path / "then")
    restored = open_store(f"sqlite:///{tmp_path / 'then' / 'store.sqlite'}")
    assert restored.counts().documents == 30
    assert office.store.counts().documents == 31
    restored.close()


def test_a_restore_writes_over_nothing(office: Office, archive: Path) -> None:
    before = {path: path.read_bytes() for path in office.home.rglob("*") if path.is_file()}
    with pytest.raises(UsageError) as caught:
        restore(archive, office.home)
    assert caught.value.code == "housekeeping.home_not_empty"
    assert {path: path.read_bytes() for path in office.home.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("member", [0, 1, 2, 3, 4, 5])
def test_a_cut_off_backup_restores_nothing(archive: Path, tmp_path: Path, member: int) -> None:
    with tarfile.open(archive) as tar:
        keep = tar.getmembers()[member].offset_data
    cut = tmp_path / "cut.tar"
    cut.write_bytes(archive.read_bytes()[:keep])
    home = tmp_path / "new"
    with pytest.raises(InputError) as caught:
        restore(cut, home)
    assert caught.value.code == "housekeeping.not_a_backup"
    assert not home.exists()


def test_a_file_that_is_no_backup_or_does_not_exist(tmp_path: Path) -> None:
    for name, content in (("notes.tar", "Ghi chú."), ("empty.tar", "")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(InputError):
            restore(tmp_path / name, tmp_path / "new")
    with pytest.raises(InputError) as caught:
        restore(tmp_path / "none.tar", tmp_path / "new")
    assert caught.value.code == "housekeeping.cannot_restore"


def test_a_hostile_archive_writes_nothing_outside(tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar"
    outside = tmp_path / "outside.txt"
    outside.write_text("mine", encoding="utf-8")
    with tarfile.open(evil, "w") as tar:
        tar.add(outside, arcname="../../outside.txt")
    outside.write_text("still mine", encoding="utf-8")
    with pytest.raises(InputError):
        restore(evil, tmp_path / "deep" / "new")
    assert outside.read_text(encoding="utf-8") == "still mine"


def test_a_store_kept_elsewhere_goes_there_unless_something_is_there(office: Office, tmp_path: Path) -> None:
    elsewhere = tmp_path / "data.sqlite"
    settings = f"province: cao-bang\nstore:\n  url: sqlite:///{elsewhere}\n"
    (office.home / "diembao.yaml").write_text(settings, encoding="utf-8")
    office.store.put_documents([make_document()], targets=())
    archive = backup(office.home, office.store, tmp_path / "backups", NOW)
    restore(archive, tmp_path / "new")
    assert not (tmp_path / "new" / "store.sqlite").exists()
    restored = open_store(f"sqlite:///{elsewhere}")
    assert restored.counts().documents == 1
    restored.close()
    with pytest.raises(UsageError) as caught:
        restore(archive, tmp_path / "again")
    assert caught.value.code == "housekeeping.store_in_the_way"
    assert not (tmp_path / "again").exists()


def test_a_folder_that_cannot_be_written(office: Office, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        backup(office.home, office.store, tmp_path / "file", NOW)
    assert caught.value.code == "housekeeping.cannot_write"

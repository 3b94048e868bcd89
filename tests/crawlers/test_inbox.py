"""The inbox: what is written is read back, whatever cuts the writing short, and any WARC can be replayed."""

import gzip
import os
import signal
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import InputError, ParseError, StoreError
from crawlers.inbox import OPEN, InboxWriter, read_segment, recover_segments, segments
from pipeline.records import FeedEntry, Page, Rejected

NOW = datetime(2026, 3, 5, 7, 0, 0, 123456, tzinfo=UTC)
CRLF = b"\r\n"


def make_page(number: int = 0, body: bytes = b"<html>\xc4\x90i\xe1\xbb\x83m b\xc3\xa1o</html>") -> Page:
    return Page(
        url=f"https://bao.example/bai-{number}.html",
        requested_url=f"https://bao.example/bai-{number}.html?utm_source=rss",
        status=200,
        content_type="text/html; charset=utf-8",
        body=body,
        fetched_at=NOW,
        source_id="bao",
        entry=FeedEntry(url=f"https://bao.example/bai-{number}.html", title=f"Bài {number}", published_at=NOW),
    )


PAGES = [make_page(number, bytes([65 + number]) * 40) for number in range(4)]


def write_segment(folder: Path, pages: list[Page]) -> Path:
    with InboxWriter(folder, NOW) as inbox:
        for page in pages:
            inbox.write(page)
    return inbox.path


def pages_of(path: Path, offset: int = 0) -> list[Page]:
    return [page for page, _ in read_segment(path, offset=offset) if isinstance(page, Page)]


def rejects_of(path: Path) -> list[str]:
    return [item.reason for item, _ in read_segment(path) if isinstance(item, Rejected)]


@pytest.fixture(scope="module")
def segment_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A complete segment of `PAGES`."""
    return write_segment(tmp_path_factory.mktemp("inbox"), PAGES).read_bytes()


@pytest.fixture(scope="module")
def pair_ends(segment_bytes: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """Where each pair of the segment ends."""
    path = tmp_path_factory.mktemp("ends") / "a.warc.gz"
    path.write_bytes(segment_bytes)
    return [end for _, end in read_segment(path)]


# ---- round trip -----------------------------------------------------------------------------------------------------

instants = st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1))  # noqa: DTZ001
texts = st.text(max_size=40)
addresses = texts.map("https://bao.example/".__add__)
entries = st.builds(
    FeedEntry,
    url=texts,
    title=texts,
    summary=texts,
    author=texts,
    published_at=st.none() | instants,
    updated_at=st.none() | instants,
)
pages = st.builds(
    Page,
    url=addresses,
    requested_url=addresses,
    status=st.sampled_from([200, 203]),
    content_type=st.sampled_from(["", "text/html", "text/html;\r\n charset=utf-8", "application/xhtml+xml"]),
    body=st.binary(max_size=200),
    fetched_at=instants,
    source_id=st.none() | texts,
    entry=st.none() | entries,
)


@settings(max_examples=40)  # each waits for the disk
@given(st.lists(pages, min_size=1, max_size=4))
def test_what_is_written_is_read_back_unchanged(written: list[Page]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert pages_of(write_segment(Path(folder), written)) == written


def test_the_records_are_what_other_warc_tools_expect(tmp_path: Path) -> None:
    plain = gzip.decompress(write_segment(tmp_path, [make_page()]).read_bytes())
    assert plain.count(b"WARC/1.1\r\n") == 3
    assert plain.count(b"WARC-Type: response") == plain.count(b"WARC-Type: metadata") == 1
    assert plain.count(b"WARC-Target-URI: https://bao.example/bai-0.html\r\n") == 2
    assert b"WARC-Date: 2026-03-05T07:00:00.123456Z" in plain
    assert b"Content-Encoding" not in plain
    response_id = plain.partition(b"WARC-Concurrent-To: ")[2].partition(CRLF)[0]
    assert plain.count(b"WARC-Record-ID: " + response_id) == 1


def test_reading_resumes_behind_any_page(segment_bytes: bytes, pair_ends: list[int], tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(segment_bytes)
    for number, end in enumerate(pair_ends, start=1):
        assert pages_of(path, end) == PAGES[number:]


def test_segments_are_listed_oldest_first_and_only_when_complete(tmp_path: Path) -> None:
    for hours in (2, 0, 1):
        with InboxWriter(tmp_path, NOW + timedelta(hours=hours)) as inbox:
            inbox.write(make_page(hours))
    with InboxWriter(tmp_path, NOW) as inbox:
        inbox.write(make_page(9))
        assert [pages_of(path)[0].url[-6] for path in segments(tmp_path)] == ["0", "1", "2"]
    assert len(segments(tmp_path)) == 4
    assert segments(tmp_path / "none") == []


def test_a_run_without_pages_leaves_nothing(tmp_path: Path) -> None:
    with InboxWriter(tmp_path / "inbox", NOW):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_inbox_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("a file in the way")
    with pytest.raises(StoreError) as error, InboxWriter(tmp_path / "inbox", NOW) as inbox:
        inbox.write(make_page())
    assert error.value.code == "crawl.inbox_unwritable"
    assert str(tmp_path / "inbox") in str(error.value)


def test_a_full_disk_leaves_no_half_record_behind(tmp_path: Path) -> None:
    """The limit on the size of files stands for the full disk."""
    script = """
import resource, signal, sys
from pathlib import Path
from config.errors import StoreError
from crawlers.inbox import InboxWriter
from tests.crawlers.test_inbox import NOW, make_page
import os
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with InboxWriter(Path(sys.argv[1]), NOW) as inbox:
    inbox.write(make_page(0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
    try:
        inbox.write(make_page(1, os.urandom(9000)))
    except StoreError as exc:
        print(exc.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    inbox.write(make_page(2))
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["crawl.inbox_unwritable"]
    (path,) = segments(tmp_path)
    assert [page.url for page in pages_of(path)] == [make_page(0).url, make_page(2).url]
    assert rejects_of(path) == []


# ---- kills ----------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_torn_tail_costs_only_the_page_that_was_not_acknowledged(
    segment_bytes: bytes, pair_ends: list[int], data: st.DataObject
) -> None:
    near_ends = st.sampled_from(pair_ends).flatmap(lambda end: st.integers(end - 3, end + 3))
    cut = data.draw(st.integers(0, len(segment_bytes)) | near_ends)
    whole = [end for end in pair_ends if end <= cut]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / f"a.warc.gz{OPEN}").write_bytes(segment_bytes[:cut])
        recovered = recover_segments(folder)
        assert [path.stat().st_size for path in recovered] == whole[-1:]
        assert segments(folder) == recovered == list(folder.iterdir())
        assert [page for path in recovered for page in pages_of(path)] == PAGES[: len(whole)]
        assert recover_segments(folder) == []


@pytest.mark.parametrize("cut_back", range(0, 60, 7))
def test_garbage_behind_the_last_pair_is_cut_too(segment_bytes: bytes, tmp_path: Path, cut_back: int) -> None:
    torn = segment_bytes[: len(segment_bytes) - cut_back] + b"\0" * 5000  # what a crashed file system may leave
    (tmp_path / f"a.warc.gz{OPEN}").write_bytes(torn)
    (path,) = recover_segments(tmp_path)
    assert pages_of(path) == (PAGES if cut_back == 0 else PAGES[:3])
    assert rejects_of(path) == []


def test_each_recovered_page_is_announced_before_the_segment_counts_as_complete(
    segment_bytes: bytes, tmp_path: Path
) -> None:
    (tmp_path / f"a.warc.gz{OPEN}").write_bytes(segment_bytes[:-5])
    announced: list[Page] = []

    def killed_after_two(page: Page) -> None:
        announced.append(page)
        if len(announced) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recover_segments(tmp_path, killed_after_two)
    assert segments(tmp_path) == []
    announced.clear()
    recover_segments(tmp_path, announced.append)
    assert announced == PAGES[:3]


def test_a_segment_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    with InboxWriter(tmp_path, NOW) as inbox:
        inbox.write(make_page(1))
        assert recover_segments(tmp_path) == []
        inbox.write(make_page(2))
    assert pages_of(inbox.path) == [make_page(1), make_page(2)]


WRITE_FOREVER = """
import sys
from itertools import count
from pathlib import Path
from crawlers.inbox import InboxWriter
from tests.crawlers.test_inbox import NOW, make_page
with InboxWriter(Path(sys.argv[1]), NOW) as inbox:
    for number in count():
        inbox.write(make_page(number, bytes([number % 256]) * 3000))
        print(number, flush=True)
"""


@pytest.fixture
def kill_after(tmp_path: Path) -> Iterator[Callable[[int], int]]:
    """Run a writer, SIGKILL it once it acknowledged so many pages, return the number of the last acknowledged one."""
    process = subprocess.Popen([sys.executable, "-c", WRITE_FOREVER, str(tmp_path)], stdout=subprocess.PIPE, text=True)

    def wait_and_kill(acknowledged: int) -> int:
        assert process.stdout is not None
        last = -1
        while last < acknowledged:
            last = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        return int(rest[-1]) if rest else last

    yield wait_and_kill
    if process.stdout:
        process.stdout.close()


@pytest.mark.parametrize("acknowledged", [0, 1, 23])
def test_after_sigkill_every_acknowledged_page_is_there_once(
    kill_after: Callable[[int], int], tmp_path: Path, acknowledged: int
) -> None:
    last = kill_after(acknowledged)
    assert segments(tmp_path) == []
    (path,) = recover_segments(tmp_path)
    found = [page.url for page in pages_of(path)]
    assert found == [make_page(number).url for number in range(len(found))]
    assert len(found) in (last + 1, last + 2)  # the last may be on the disk without having been acknowledged


# ---- anybody's WARC -------------------------------------------------------------------------------------------------


def warc_record(kind: str, block: bytes, *, headers: dict[str, str] | None = None) -> bytes:
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": "<urn:uuid:00000000-0000-0000-0000-000000000000>",
        "WARC-Date": "2026-03-05T07:00:00Z",
        "WARC-Target-URI": "https://paper.example/a",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    } | (headers or {})
    lines = ["WARC/1.0", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + block + 2 * CRLF


def http_response(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


HTML = b"<html><title>Tin</title></html>"
TYPE = "Content-Type: text/html; charset=utf-8"
CHUNKED = b"10\r\n" + HTML[:16] + CRLF + b"f;x=y\r\n" + HTML[16:] + CRLF + b"0\r\n\r\n"
PLAIN_RESPONSE = warc_record("response", http_response(HTML, TYPE))


def deflated(body: bytes, window: int) -> bytes:
    deflater = zlib.compressobj(wbits=window)
    return deflater.compress(body) + deflater.flush()


@pytest.fixture
def replay(tmp_path: Path) -> Callable[..., list[Page | Rejected]]:
    """Write records gzipped (a member each) and as plain .warc, read both, return what both say alike."""

    def write_and_read(*records: bytes) -> list[Page | Rejected]:
        zipped, plain = tmp_path / "zipped" / "a.warc", tmp_path / "plain" / "a.warc"
        for path in (zipped, plain):
            path.parent.mkdir(exist_ok=True)
        zipped.write_bytes(b"".join(map(gzip.compress, records)))
        plain.write_bytes(b"".join(records))
        found = [item for item, _ in read_segment(zipped)]
        assert [item for item, _ in read_segment(plain)] == found
        return found

    return write_and_read


@pytest.mark.parametrize(
    "response",
    [
        http_response(HTML, TYPE),
        http_response(CHUNKED, TYPE, "Transfer-Encoding: chunked"),
        http_response(HTML, TYPE, "Transfer-Encoding: chunked"),
        http_response(gzip.compress(HTML), TYPE, "Content-Encoding: gzip"),
        http_response(HTML, TYPE, "Content-Encoding: gzip"),
        http_response(deflated(HTML, 15), TYPE, "Content-Encoding: deflate"),
        http_response(deflated(HTML, -15), TYPE, "Content-Encoding: deflate"),
        http_response(gzip.compress(gzip.compress(HTML)), TYPE, "Content-Encoding: gzip, gzip"),
        http_response(HTML, TYPE, "Content-Encoding: br"),
    ],
    ids=["plain", "chunked", "dechunked", "gzip", "gunzipped", "zlib", "deflate", "twice", "decoded"],
)
def test_a_response_of_another_archive_becomes_a_page(
    replay: Callable[..., list[Page | Rejected]], response: bytes
) -> None:
    warcinfo = warc_record("warcinfo", b"software: other\r\n", headers={"Content-Type": "application/warc-fields"})
    request = warc_record("request", b"GET /a HTTP/1.1\r\nHost: paper.example\r\n\r\n")
    (page,) = replay(warcinfo, request, warc_record("response", response))
    assert page == Page(
        url="https://paper.example/a",
        requested_url="https://paper.example/a",
        status=200,
        content_type="text/html; charset=utf-8",
        body=HTML,
        fetched_at=datetime(2026, 3, 5, 7, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (http_response(HTML, TYPE, status="404 Not Found"), "http_status"),
        (http_response(HTML, TYPE, status="301 Moved"), "http_status"),
        (http_response(b"%PDF", "Content-Type: application/pdf"), "not_html"),
        (http_response(gzip.compress(bytes(65 << 20), 1), TYPE, "Content-Encoding: gzip"), "body_too_large"),
        (http_response(b"\x8b\0", TYPE, "Content-Encoding: br"), "content_encoding"),
        (b"", "warc_bad_record"),
        (b"\0\1\2", "warc_bad_record"),
    ],
)
def test_what_is_no_page_is_rejected_by_name(
    replay: Callable[..., list[Page | Rejected]], response: bytes, reason: str
) -> None:
    bad, good = replay(warc_record("response", response), PLAIN_RESPONSE)
    assert isinstance(bad, Rejected) and bad.reason == reason
    assert isinstance(good, Page)


def test_metadata_of_other_tools_is_passed_over(replay: Callable[..., list[Page | Rejected]]) -> None:
    link = {"WARC-Concurrent-To": "<urn:uuid:00000000-0000-0000-0000-000000000000>"}
    foreign = [
        warc_record("metadata", b"{not json", headers=link | {"Content-Type": "application/json"}),
        warc_record("metadata", b'["list"]', headers=link | {"Content-Type": "application/json"}),
        warc_record("metadata", b'{"title": "x"}', headers=link | {"Content-Type": "application/json"}),
        warc_record("metadata", b"via: x", headers=link | {"Content-Type": "application/warc-fields"}),
    ]
    for record in foreign:
        (page,) = replay(record, PLAIN_RESPONSE)
        assert isinstance(page, Page) and page.entry is None


def test_a_record_without_a_date_is_rejected(replay: Callable[..., list[Page | Rejected]]) -> None:
    (item,) = replay(warc_record("response", http_response(HTML, TYPE), headers={"WARC-Date": "yesterday"}))
    assert isinstance(item, Rejected) and item.reason == "warc_bad_record"


# ---- damage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"<html>no archive</html>", b"PK\3\4" + bytes(99), bytes(99)])
def test_what_is_no_warc_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(content)
    with pytest.raises(ParseError) as error:
        list(read_segment(path))
    assert error.value.code == "crawl.not_warc"
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        list(read_segment(tmp_path / "none.warc"))
    assert "none.warc" in str(error.value)


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.touch()
    assert list(read_segment(path)) == []


def test_gzip_that_is_no_warc_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(b"<html>no archive</html>"))
    assert rejects_of(path) == ["warc_bad_record"]


@pytest.mark.parametrize(
    ("name", "at", "reason"),
    [
        ("a.warc.gz", 20, "warc_damaged"),
        ("a.warc", 0, "warc_damaged"),
        ("a.warc", 11, "warc_bad_record"),  # its length still stands, its type is gone
    ],
)
def test_damage_in_the_middle_costs_what_it_hits_only(tmp_path: Path, name: str, at: int, reason: str) -> None:
    records = [warc_record("response", http_response(bytes([65 + n]) * 500, TYPE)) for n in range(5)]
    parts = [gzip.compress(record, mtime=0) if name.endswith("gz") else record for record in records]
    parts[2] = parts[2][:at] + b"\xff" * 30 + parts[2][at + 30 :]
    path = tmp_path / name
    path.write_bytes(b"".join(parts))
    assert [page.body[:1] for page in pages_of(path)] == [b"A", b"B", b"D", b"E"]
    assert rejects_of(path) == [reason]


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_a_truncated_archive_gives_what_precedes(tmp_path: Path, name: str) -> None:
    parts = [gzip.compress(PLAIN_RESPONSE) if name.endswith("gz") else PLAIN_RESPONSE] * 3
    path = tmp_path / name
    path.write_bytes(b"".join(parts)[:-30])
    assert len(pages_of(path)) == 2
    assert rejects_of(path) == ["warc_damaged"]


def test_a_bomb_is_measured_and_passed_by(tmp_path: Path) -> None:
    head = PLAIN_RESPONSE.replace(b"Content-Length: ", b"Content-Length: 9")[:-60]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(head + bytes(80 << 20), 1) + gzip.compress(PLAIN_RESPONSE))
    assert rejects_of(path) == ["warc_record_too_large"]
    assert len(pages_of(path)) == 1


def test_several_records_in_one_gzip_member_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(PLAIN_RESPONSE * 3))
    assert len(pages_of(path)) == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_no_corruption_raises_anything_but_a_named_error(segment_bytes: bytes, data: st.DataObject) -> None:
    zipped = data.draw(st.booleans())
    content = bytearray(segment_bytes if zipped else gzip.decompress(segment_bytes))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(8, len(content) - 1))
        content[at : at + data.draw(st.integers(1, 40))] = data.draw(st.binary(max_size=40))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.warc"
        path.write_bytes(content)
        ends = [end for _, end in read_segment(path)]
        assert ends == sorted(ends)
        assert all(end <= len(content) for end in ends)

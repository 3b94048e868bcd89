"""The inbox: raw responses in gzipped WARC segments, one a run, that survive a kill at any moment.

A page is two gzip members written together: a ``metadata`` record (JSON: source, requested address, feed entry) and
the ``response`` record that it is concurrent to. The response closes the pair: metadata without it is a torn tail. A
segment is called ``….warc.gz.open`` while it is written and loses ``.open`` when it is complete.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import uuid4

import structlog
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from config.errors import InputError, ParseError, StoreError
from crawlers.warc import TooLarge, decode_body, parse_records, read_frames
from pipeline.records import FeedEntry, Page, Rejected

OPEN: Final = ".open"
SEGMENT: Final = "*.warc.gz"
HTML_TYPES: Final = frozenset({"", "text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
"""What counts as a page; an absent type is left to the parser."""
PAGE_STATUSES: Final = frozenset({"200", "203"})
MAX_BODY_BYTES: Final = 64 << 20
"""Of one decoded body, whoever crawled it; our own crawls accept less (``crawl.max_page_mb``)."""

log = structlog.get_logger()


# ---- writing --------------------------------------------------------------------------------------------------------


class InboxWriter:
    """Writes one segment. A run that writes no page leaves no file."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.path = folder / f"{now.astimezone(UTC):%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(3)}.warc.gz"
        self._open_path = self.path.with_name(self.path.name + OPEN)
        self._descriptor = -1
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, page: Page) -> None:
        """Append a page; when this returns it is on the disk. Raises StoreError, and then nothing was added."""
        try:
            if self._descriptor < 0:
                self._create()
            self._append(_members(page))
        except OSError as exc:
            raise StoreError("crawl.inbox_unwritable", path=self._open_path, reason=exc.strerror or exc) from exc

    def close(self) -> None:
        """Complete the segment; closing twice does no harm. Raises StoreError."""
        if self._descriptor < 0:
            return
        try:
            self._open_path.rename(self.path)
            _sync_folder(self.path.parent)
        except OSError as exc:
            raise StoreError("crawl.inbox_unwritable", path=self._open_path, reason=exc.strerror or exc) from exc
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def _create(self) -> None:
        self._open_path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._open_path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o644)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system lets go of it when we are killed
        _sync_folder(self._open_path.parent)
        self._append(_opening(self.path.name))

    def _append(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
        except BaseException:
            os.ftruncate(self._descriptor, self._size)  # a full disk must not bury later pages behind half a record
            raise
        self._size += len(data)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _opening(name: str) -> bytes:
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record(name, {"software": "diembao", "format": "WARC File Format 1.1"}))
    return buffer.getvalue()


def _members(page: Page) -> bytes:
    """Return the metadata and the response record of a page, a gzip member each."""
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    address = quote(page.url, safe="%/:=&?~#+!$,;'@()*[]|^{}\\\"<>`", errors="replace")
    response_id = f"<urn:uuid:{uuid4()}>"
    date = page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    facts = json.dumps(_facts(page)).encode()
    metadata = writer.create_warc_record(
        address,
        "metadata",
        payload=BytesIO(facts),
        length=len(facts),
        warc_content_type="application/json",
        warc_headers_dict={"WARC-Concurrent-To": response_id, "WARC-Date": date},
    )
    headers = [("Content-Type", " ".join(page.content_type.split())), ("Content-Length", str(len(page.body)))]
    response = writer.create_warc_record(
        address,
        "response",
        payload=BytesIO(page.body),
        length=len(page.body),
        http_headers=StatusAndHeaders(_status_line(page.status), headers, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Record-ID": response_id, "WARC-Date": date},
    )
    writer.write_record(metadata)
    writer.write_record(response)
    return buffer.getvalue()


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


# ---- what travels beside a page -------------------------------------------------------------------------------------


def _facts(page: Page) -> dict[str, Any]:
    facts = {key: value for key, value in asdict(page).items() if key != "body"}
    return json.loads(json.dumps(facts, default=datetime.isoformat))  # type: ignore[no-any-return]


def _page(facts: dict[str, Any], body: bytes) -> Page:
    """Rebuild a page that we wrote. Raises KeyError, TypeError or ValueError for facts that are not ours."""
    entry = facts.get("entry")
    return Page(
        url=facts["url"],
        requested_url=facts["requested_url"],
        status=int(facts["status"]),
        content_type=facts["content_type"],
        body=body,
        fetched_at=datetime.fromisoformat(facts["fetched_at"]),
        source_id=facts.get("source_id"),
        entry=_entry(entry) if entry else None,
    )


def _entry(facts: dict[str, Any]) -> FeedEntry:
    known = {field.name for field in fields(FeedEntry)}  # a later version may write more
    values = {name: value for name, value in facts.items() if name in known}
    for name in ("published_at", "updated_at"):
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name])
    return FeedEntry(**values)


# ---- segments -------------------------------------------------------------------------------------------------------


def segments(folder: Path) -> list[Path]:
    """Return the complete segments, oldest first."""
    return sorted(folder.glob(SEGMENT))


def unread_segments(folder: Path, progress: Callable[[Sequence[str]], Mapping[str, int]]) -> list[tuple[Path, int]]:
    """Return the complete segments that were not read to their end, oldest first, and the offset to go on from.

    ``progress`` returns the offsets reached, by segment name.
    """
    paths = segments(folder)
    reached = progress([path.name for path in paths])
    offsets = ((path, reached.get(path.name, 0)) for path in paths)
    return [(path, offset) for path, offset in offsets if offset < path.stat().st_size]


def written_at(segment: Path) -> datetime:
    """Return when a segment was begun, from its name; from the file where the name says nothing."""
    stamp, _, _ = segment.name.partition("-")
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(segment.stat().st_mtime, UTC)


def recover_segments(folder: Path, on_page: Callable[[Page], None] = lambda _: None) -> list[Path]:
    """Complete the segments that a killed run left behind and return them, oldest first.

    Every whole pair stays, the torn tail behind the last one is cut. ``on_page`` is called with each page before the
    segment counts as complete: a second kill in the middle repeats it, so that no page stays unknown to the ledger. A
    segment that a living process writes is left alone.
    """
    recovered = []
    for path in sorted(folder.glob(SEGMENT + OPEN)):
        with path.open("r+b") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            whole = _end_of_last_pair(path)
            size = stream.seek(0, 2)
            stream.truncate(whole)
            os.fsync(stream.fileno())
            log.info("segment_recovered", segment=path.name, kept_bytes=whole, cut_bytes=size - whole)
            if not whole:
                path.unlink()
                continue
            for page, _ in read_segment(path):
                if isinstance(page, Page):
                    on_page(page)
            complete = path.with_name(path.name.removesuffix(OPEN))
            path.rename(complete)
            _sync_folder(folder)
            recovered.append(complete)
    return recovered


def _end_of_last_pair(path: Path) -> int:
    """Return the offset behind the last whole response, 0 when there is none."""
    end = 0
    with path.open("rb") as stream:
        try:
            for frame in read_frames(stream):
                if not frame.fault and any(record.rec_type == "response" for record in parse_records(frame)):
                    end = frame.end
        except ParseError:  # the kill came before the first bytes were whole
            return end
    return end


def read_segment(
    path: Path, *, offset: int = 0, max_body_bytes: int = MAX_BODY_BYTES
) -> Iterator[tuple[Page | Rejected, int]]:
    """Yield each page of a WARC, ours or anybody's (gzipped record by record, or plain), and where to resume behind it.

    What is no page yields Rejected: ``warc_damaged``, ``warc_record_too_large``, ``warc_bad_record``, ``http_status``,
    ``not_html``, ``body_too_large``, ``content_encoding``. Records other than responses are passed over. Raises
    InputError when the file cannot be read, ParseError when it is no WARC at all.
    """
    try:
        with path.open("rb") as stream:
            facts: dict[str, dict[str, Any]] = {}
            for frame in read_frames(stream, offset):
                if frame.fault:
                    yield Rejected(reason=frame.fault, detail=f"{path.name}:{frame.start}"), frame.end
                    continue
                try:
                    for record in parse_records(frame):
                        if record.rec_type == "metadata":
                            facts = _read_facts(record)
                        elif record.rec_type == "response":
                            yield _read_response(record, facts, max_body_bytes), frame.end
                except ParseError:
                    yield Rejected(reason="warc_bad_record", detail=f"{path.name}:{frame.start}"), frame.end
    except OSError as exc:
        raise InputError("crawl.unreadable", path=path, reason=exc.strerror or exc) from exc


def _read_facts(record: Any) -> dict[str, dict[str, Any]]:
    """Return what our metadata record says, under the id of the response it belongs to; nothing for other records."""
    response_id = record.rec_headers.get_header("WARC-Concurrent-To")
    if response_id is None or record.content_type != "application/json":
        return {}
    try:
        facts = json.loads(record.raw_stream.read())
    except ValueError:
        return {}
    return {response_id: facts} if isinstance(facts, dict) and "requested_url" in facts else {}


def _read_response(record: Any, facts: dict[str, dict[str, Any]], max_body_bytes: int) -> Page | Rejected:
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if discard := _discard(record):
        reason, detail = discard
        return Rejected(reason=reason, url=url, detail=detail)
    try:
        body = decode_body(record, max_body_bytes)
        if body is None:
            return Rejected(reason="content_encoding", url=url)
        if known := facts.get(record.rec_headers.get_header("WARC-Record-ID")):
            return _page(known, body)
        return _page(_facts_of_headers(record, url), body)
    except TooLarge:
        return Rejected(reason="body_too_large", url=url)
    except (KeyError, TypeError, ValueError) as exc:
        return Rejected(reason="warc_bad_record", url=url, detail=repr(exc))


def _discard(record: Any) -> tuple[str, str] | None:
    """Return reason and detail when the headers alone show that a response is no page."""
    if record.http_headers is None:
        return "warc_bad_record", "no HTTP headers"
    if (status := record.http_headers.get_statuscode()) not in PAGE_STATUSES:
        return "http_status", status
    content_type = record.http_headers.get_header("Content-Type") or ""
    if content_type.partition(";")[0].strip().lower() not in HTML_TYPES:
        return "not_html", content_type
    return None


def _facts_of_headers(record: Any, url: str) -> dict[str, Any]:
    """Return what `_page` needs, for a WARC that somebody else wrote."""
    fetched_at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date") or "")
    return {
        "url": url,
        "requested_url": url,
        "status": record.http_headers.get_statuscode(),
        "content_type": record.http_headers.get_header("Content-Type") or "",
        "fetched_at": (fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC)).isoformat(),
    }

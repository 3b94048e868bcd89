"""WARC files record by record (ISO 28500), from a byte offset, with bounded memory.

warcio reads and writes records; this module finds where each begins and ends, so that a reader can resume behind any
record, a damaged one costs itself only, and a decompression bomb is measured instead of stored.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, Final

from warcio.bufferedreaders import ChunkedDataReader, DecompressingBufferedReader
from warcio.recordloader import ArcWarcRecordLoader

from config.errors import ParseError

GZIP_MAGIC: Final = b"\x1f\x8b\x08"
PLAIN_MAGIC: Final = b"WARC/"
RECORD_END: Final = b"\r\n\r\n"
GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
READ_BYTES: Final = 1 << 16
MAX_RECORD_BYTES: Final = 72 << 20
"""Of one record, decompressed: the largest page that a crawl can be told to accept (64 MiB), and its headers."""
MAX_SKIPPED_BYTES: Final = 4 << 30
"""How far a member that is too large is decompressed to find its end; beyond it the file is given up."""
MAX_HEADER_BYTES: Final = 1 << 16
SEARCH_BYTES: Final = 1 << 20


class TooLarge(Exception):  # noqa: N818 -- a named outcome
    """Decompressed bytes exceed their cap."""


class _Damaged(Exception):  # noqa: N818 -- a named outcome
    """No whole record begins here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The bytes of one gzip member or one plain record."""

    start: int
    end: int
    """Offset of the byte behind it; the next frame begins there or, behind blank lines, shortly after."""
    data: bytes = b""
    """Decompressed; empty when there is a fault."""
    fault: str = ""
    """``warc_damaged`` or ``warc_record_too_large``."""


def read_frames(stream: BinaryIO, offset: int = 0) -> Iterator[Frame]:
    """Yield the frames from ``offset`` on; a damaged stretch is one frame with a fault, up to the next whole record.

    Raises ParseError (``crawl.not_warc``) when the file does not begin as a WARC.
    """
    magic = stream.read(len(PLAIN_MAGIC))
    if not magic:
        return
    if magic.startswith(GZIP_MAGIC[:2]):
        read: Callable[[BinaryIO, int], Frame | None] = _read_member
        search = _find_member
    elif magic == PLAIN_MAGIC:
        read, search = _read_plain, _find_plain
    else:
        raise ParseError("crawl.not_warc", path=getattr(stream, "name", "?"))
    size = stream.seek(0, 2)
    while offset < size:
        stream.seek(offset)
        try:
            frame = read(stream, offset)
        except _Damaged:
            frame = Frame(start=offset, end=search(stream, offset + 1, size), fault="warc_damaged")
        if frame is None:
            return
        yield frame
        offset = frame.end


def parse_records(frame: Frame) -> Iterator[Any]:
    """Yield warcio's records of a frame; more than one where somebody compressed several together.

    Raises ParseError (``crawl.bad_record``) for bytes that are no record.
    """
    stream = BytesIO(frame.data)
    while True:
        try:
            part = _read_plain(stream, stream.tell())
        except _Damaged as exc:
            raise ParseError("crawl.bad_record", offset=frame.start) from exc
        if part is None:
            return
        stream.seek(part.end)
        try:
            reader = DecompressingBufferedReader(BytesIO(part.data), decomp_type=None)
            record = ArcWarcRecordLoader().parse_record_stream(reader, known_format="warc")
        except Exception as exc:  # warcio raises whatever hostile headers provoke
            raise ParseError("crawl.bad_record", offset=frame.start) from exc
        if not record.rec_type:
            raise ParseError("crawl.bad_record", offset=frame.start)
        yield record


def decode_body(record: Any, max_bytes: int) -> bytes | None:
    """Return the payload of a response record without transfer and content encodings; None for an unknown encoding.

    Raises TooLarge beyond ``max_bytes``. A payload that is not encoded as its headers say is taken as it is: archives
    often keep the headers of what they have decoded.
    """
    headers = record.http_headers
    raw = record.raw_stream
    if (headers.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        raw = ChunkedDataReader(raw, decomp_type=None)
    body: bytes = raw.read()
    codings = [name.strip() for name in (headers.get_header("Content-Encoding") or "").lower().split(",")]
    for coding in reversed([name for name in codings if name not in ("", "identity")]):
        if coding in ("gzip", "x-gzip"):
            windows: tuple[int, ...] = (GZIP_WINDOW,)
        elif coding == "deflate":
            windows = (zlib.MAX_WBITS, -zlib.MAX_WBITS)  # RFC 9110 means the first, some servers the second
        elif body.lstrip()[:1] == b"<":
            continue
        else:
            return None
        body = _inflate(body, windows, max_bytes)
    if len(body) > max_bytes:
        raise TooLarge
    return body


def inflate_gzip(body: bytes, max_bytes: int) -> bytes:
    """Return gzipped bytes decompressed; what a truncated stream still gives. Raises TooLarge beyond ``max_bytes``."""
    return _inflate(body, (GZIP_WINDOW,), max_bytes)


def _inflate(body: bytes, windows: tuple[int, ...], max_bytes: int) -> bytes:
    for window in windows:
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(body, max_bytes + 1)
        except zlib.error:
            continue
        if len(plain) > max_bytes:
            raise TooLarge
        return plain
    return body


# ---- gzip, a member a record ----------------------------------------------------------------------------------------


def _read_member(stream: BinaryIO, start: int) -> Frame:
    inflater = zlib.decompressobj(GZIP_WINDOW)
    data = bytearray()
    inflated = 0
    pending = b""
    while not inflater.eof:
        pending = pending or stream.read(READ_BYTES)
        if not pending:
            raise _Damaged
        try:
            piece = inflater.decompress(pending, SEARCH_BYTES)
        except zlib.error as exc:
            raise _Damaged from exc
        pending = inflater.unconsumed_tail
        inflated += len(piece)
        if inflated > MAX_SKIPPED_BYTES:
            raise ParseError("crawl.warc_bomb", path=getattr(stream, "name", "?"), offset=start)
        if inflated <= MAX_RECORD_BYTES:
            data += piece
        else:
            data.clear()
    end = stream.tell() - len(inflater.unused_data)
    if inflated > MAX_RECORD_BYTES:
        return Frame(start=start, end=end, fault="warc_record_too_large")
    return Frame(start=start, end=end, data=bytes(data))


def _find_member(stream: BinaryIO, start: int, size: int) -> int:
    for candidate in _find(stream, GZIP_MAGIC, start):
        stream.seek(candidate)
        try:
            head = zlib.decompressobj(GZIP_WINDOW).decompress(stream.read(READ_BYTES), len(PLAIN_MAGIC))
        except zlib.error:
            continue
        if head == PLAIN_MAGIC:
            return candidate
    return size


# ---- plain ----------------------------------------------------------------------------------------------------------


def _read_plain(stream: BinaryIO, start: int) -> Frame | None:
    """Read the record at the stream's position; None when only blank lines are left."""
    head = _read_head(stream)
    if not head:
        return None
    length = _content_length(head)
    if length > MAX_RECORD_BYTES:
        end = stream.tell() + length
        if stream.seek(0, 2) < end:
            raise _Damaged
        return Frame(start=start, end=end, fault="warc_record_too_large")
    block = stream.read(length)
    if len(block) < length:
        raise _Damaged
    end = stream.tell()
    if stream.read(len(RECORD_END)) == RECORD_END:
        end += len(RECORD_END)
    return Frame(start=start, end=end, data=head + block)


def _read_head(stream: BinaryIO) -> bytes:
    """Read a record's header lines and the blank line behind them, past the blank lines that close the one before."""
    line = stream.readline(MAX_HEADER_BYTES)
    while line and not line.strip():
        line = stream.readline(MAX_HEADER_BYTES)
    if line and not line.startswith(PLAIN_MAGIC):
        raise _Damaged
    head = line
    while line and line.strip():
        line = stream.readline(MAX_HEADER_BYTES)
        head += line
        if not line or len(head) > MAX_HEADER_BYTES:
            raise _Damaged
    return head


def _content_length(head: bytes) -> int:
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    raise _Damaged


def _find_plain(stream: BinaryIO, start: int, size: int) -> int:
    for candidate in _find(stream, b"\r\n" + PLAIN_MAGIC, start):
        return candidate + 2
    return size


def _find(stream: BinaryIO, pattern: bytes, start: int) -> Iterator[int]:
    """Yield the offsets of ``pattern`` from ``start`` on."""
    kept = b""
    position = start
    while True:
        stream.seek(position)
        block = stream.read(SEARCH_BYTES)
        if not block:
            return
        window, base = kept + block, position - len(kept)
        at = window.find(pattern)
        while at >= 0:
            yield base + at
            at = window.find(pattern, at + 1)
        position += len(block)
        kept = window[-(len(pattern) - 1) :]

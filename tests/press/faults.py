"""What goes wrong on the open web, as functions from the true answer to the one that is given.

Each factory returns a `Fault`; `Press.break_` puts it on the paths of an outlet, `Press.heal` takes it away. Faults of
one path are applied in the order in which they were put there.
"""

import gzip
import hashlib
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from html import unescape
from itertools import count

from lxml import etree

from tests.press.exchange import Delivery, Reply, Request

Fault = Callable[[Request, Reply], Reply]

TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Grave, acute, tilde, hook above, dot below: the combining marks of Vietnamese tones."""
GZIP_MAGIC = b"\x1f\x8b"
DATE_TAGS = frozenset({"pubDate", "published", "updated", "lastBuildDate", "date", "publication_date", "lastmod"})


# ---- status and headers ---------------------------------------------------------------------------------------------


def unavailable(*, status: int = 503, retry_after: int | str | None = None) -> Fault:
    """Answer 503 (or 429, 500, 403, …), with a Retry-After in seconds or as an HTTP date."""
    headers = {"Content-Type": "text/plain"} | ({} if retry_after is None else {"Retry-After": str(retry_after)})
    return _always(Reply(status=status, headers=headers, body=b"Try again later.\n", conditional=False))


def gone(*, status: int = 410) -> Fault:
    """Answer 410 (or 404) with a friendly page, as for an article that was taken down."""
    body = "<!doctype html><title>Không tìm thấy</title><p>Bài viết không còn tồn tại.</p>".encode()
    return _always(Reply(status=status, headers={"Content-Type": "text/html; charset=utf-8"}, body=body))


def frozen_etag(*, answers_304: bool = False) -> Fault:
    """Give the same ETag whatever the body; with ``answers_304`` also hide every change behind a 304."""
    return lambda _, reply: replace(reply.with_headers(ETag='"always-the-same"'), conditional=answers_304)


def restless_etag() -> Fault:
    """Give another ETag each time though the body is the same."""
    numbers = count(1)
    return lambda _, reply: reply.with_headers(ETag=f'"visit-{next(numbers)}"', Last_Modified=_http_now())


def no_validators() -> Fault:
    """Give neither ETag nor Last-Modified."""

    def fault(_: Request, reply: Reply) -> Reply:
        return replace(reply, headers={k: v for k, v in reply.headers.items() if k not in {"ETag", "Last-Modified"}})

    return fault


def declared_charset(charset: str) -> Fault:
    """Declare ``charset`` in the header and leave the bytes as they are."""

    def fault(_: Request, reply: Reply) -> Reply:
        kind = reply.headers.get("Content-Type", "text/html").partition(";")[0]
        return reply.with_headers(Content_Type=f"{kind}; charset={charset}")

    return fault


def encoded(charset: str, *, declared: bool = True) -> Fault:
    """Send the text in another encoding, such as windows-1258 or UTF-16; what it lacks becomes a reference."""

    def fault(_: Request, reply: Reply) -> Reply:
        kind = reply.headers.get("Content-Type", "text/html").partition(";")[0]
        text = reply.body.decode("utf-8")
        for attribute in ("charset", "encoding"):
            text = text.replace(f'{attribute}="utf-8"', f'{attribute}="{charset}"' if declared else "")
        if charset == "windows-1258":
            text = _tones_apart(text)
        body = text.encode(charset, errors="xmlcharrefreplace")
        return replace(reply, body=body).with_headers(Content_Type=f"{kind}; charset={charset}" if declared else kind)

    return fault


def redirect(location: str, *, status: int = 302) -> Fault:
    """Send the client elsewhere: another path, a private address, ``file:///etc/passwd``."""
    return _always(Reply(status=status, headers={"Location": location}, conditional=False))


def redirect_loop(*, status: int = 302) -> Fault:
    """Send the client to the same address for ever, each time with another parameter."""
    hops = count(1)

    def fault(request: Request, _: Reply) -> Reply:
        location = f"{request.path}?hop={next(hops)}"
        return Reply(status=status, headers={"Location": location}, conditional=False)

    return fault


def robots(text: str) -> Fault:
    """Serve ``text``; meant for ``/robots.txt``."""
    return _always(Reply(headers={"Content-Type": "text/plain; charset=utf-8"}, body=text.encode()))


# ---- the wire -------------------------------------------------------------------------------------------------------


def drip(*, piece_bytes: int = 16, pause_s: float = 0.2) -> Fault:
    """Send the answer drop by drop."""
    return lambda _, reply: replace(reply, delivery=Delivery(piece_bytes=piece_bytes, pause_s=pause_s))


def hang() -> Fault:
    """Take the request and never answer."""
    return lambda _, reply: replace(reply, delivery=Delivery(hang=True), conditional=False)


def reset(*, after_bytes: int = 100) -> Fault:
    """Break the connection in the middle of the body."""
    return lambda _, reply: replace(reply, delivery=Delivery(reset_after_bytes=after_bytes))


def chunked(*, piece_bytes: int = 512) -> Fault:
    """Send the answer in chunks, without a Content-Length. Correct HTTP, not everyone's client."""
    return lambda _, reply: replace(reply, delivery=Delivery(chunked=True, piece_bytes=piece_bytes))


def gzip_bomb(*, size_mb: int = 64) -> Fault:
    """Send a small gzip body that unpacks to ``size_mb``."""
    return lambda _, reply: _new_body(reply, _bomb(size_mb)).with_headers(Content_Encoding="gzip")


def gzip_file_bomb(*, size_mb: int = 64) -> Fault:
    """Send a ``.gz`` file (no content encoding) that unpacks to ``size_mb``; for sitemaps."""
    return lambda _, reply: _new_body(reply, _bomb(size_mb)).with_headers(Content_Type="application/gzip")


# ---- the body -------------------------------------------------------------------------------------------------------


def with_body(body: bytes, content_type: str) -> Fault:
    """Send these bytes instead."""
    return lambda _, reply: _new_body(reply, body).with_headers(Content_Type=content_type)


def truncated(*, share: float = 0.6) -> Fault:
    """Send the first part of the body only, as if it were all."""
    return lambda _, reply: _new_body(reply, reply.body[: int(len(reply.body) * share)])


def html_instead() -> Fault:
    """Send a friendly page in place of a feed, with status 200."""
    page = "<!doctype html><html><head><title>Bảo trì</title></head><body><h1>Trang đang bảo trì</h1></body></html>"
    return with_body(page.encode(), "text/html; charset=utf-8")


def empty() -> Fault:
    """Send nothing, with status 200."""
    return lambda _, reply: _new_body(reply, b"")


def huge(*, size_mb: float = 9) -> Fault:
    """Blow the page up with comments after its true text."""
    filler = b"<!-- " + b"x" * 1000 + b" -->\n"
    return lambda _, reply: _new_body(reply, reply.body + filler * int(size_mb * 1_000_000 / len(filler)))


def binary(*, content_type: str = "application/pdf") -> Fault:
    """Send bytes that are no text; ``content_type`` may lie."""
    noise = b"%PDF-1.7\n" + b"".join(hashlib.blake2b(number.to_bytes(4)).digest() for number in range(500))
    return with_body(noise, content_type)


def xxe_feed(target: str = "file:///etc/passwd") -> Fault:
    """Send a feed whose title is an external entity."""
    body = f"""<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY secret SYSTEM "{target}">]>
<rss version="2.0"><channel><title>&secret;</title><link>http://127.0.0.1/</link><description>-</description>
<item><title>&secret;</title><link>http://127.0.0.1/a</link></item></channel></rss>"""
    return with_body(body.encode(), "application/rss+xml")


def billion_laughs(*, levels: int = 9) -> Fault:
    """Send a feed whose entities grow tenfold at each level."""
    entities = "\n".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, levels + 1))
    body = f"""<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY lol0 "lol">
{entities}]>
<rss version="2.0"><channel><title>&lol{levels};</title><link>http://127.0.0.1/</link><description>-</description>
<item><title>&lol{levels};</title><link>http://127.0.0.1/a</link></item></channel></rss>"""
    return with_body(body.encode(), "application/rss+xml")


def without_dates() -> Fault:
    """Drop every date of a feed or sitemap."""

    def drop(element: etree._Element) -> None:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    return lambda _, reply: _edit_dates(reply, drop)


def future_dates(*, days: int = 400) -> Fault:
    """Set every date of a feed or sitemap to ``days`` from now."""

    def shift(element: etree._Element) -> None:
        then = datetime.now(UTC) + timedelta(days=days)
        rfc822 = element.tag in {"pubDate", "lastBuildDate"}
        element.text = format_datetime(then) if rfc822 else then.isoformat(timespec="seconds")

    return lambda _, reply: _edit_dates(reply, shift)


def composed(text: str) -> str:
    """Return the text in Unicode NFC, references to characters resolved."""
    return unicodedata.normalize("NFC", unescape(text))


def _tones_apart(text: str) -> str:
    """Write tones as characters of their own: windows-1258 has ê and a combining acute, but no ế."""
    return "".join(_letter_and_tone(char) for char in text)


def _letter_and_tone(char: str) -> str:
    marks = unicodedata.normalize("NFD", char)
    letter = "".join(mark for mark in marks if mark not in TONES)
    return unicodedata.normalize("NFC", letter) + "".join(mark for mark in marks if mark in TONES)


def _always(answer: Reply) -> Fault:
    return lambda _, __: answer


def _new_body(reply: Reply, body: bytes) -> Reply:
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    return replace(reply, status=200, body=body, headers={**reply.headers, "ETag": etag})


def _edit_dates(reply: Reply, edit: Callable[[etree._Element], None]) -> Reply:
    packed = reply.body.startswith(GZIP_MAGIC)
    root = etree.fromstring(gzip.decompress(reply.body) if packed else reply.body)
    for element in [element for element in root.iter("{*}*") if etree.QName(element).localname in DATE_TAGS]:
        edit(element)
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return _new_body(reply, gzip.compress(body, mtime=0) if packed else body)


def _http_now() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)


@lru_cache
def _bomb(size_mb: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * 1_000_000
    return b"".join(packer.compress(block) for _ in range(size_mb)) + packer.flush()

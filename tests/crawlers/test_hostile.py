"""Servers that do not speak HTTP as they should: every answer ends in a page or in a named failure."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from crawlers.failures import Failure
from crawlers.fetcher import Fetcher
from crawlers.scrapy_settings import build_settings
from crawlers.spider import run_job
from tests.crawlers.crawling import LOCAL, in_a_process

HTML = b"Content-Type: text/html\r\n"
PAGE = b"<html>"


def ok(*headers: bytes, body: bytes = PAGE) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + HTML + b"".join(headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def moved(location: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"


ANSWERS: dict[str, tuple[bytes, str]] = {
    "noise": (b"\x00\xff\x13noise\r\n\r\n", "connection"),
    "silence": (b"", "connection"),
    "http-0.9": (PAGE, "connection"),
    "status-word": (b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n", "connection"),
    "status-999": (b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n", "http_999"),
    "status-204": (b"HTTP/1.1 204 No Content\r\n\r\n", "http_204"),
    "negative-length": (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "connection"),
    "two-lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello", "connection"),
    "too-short": (b"HTTP/1.1 200 OK\r\n" + HTML + b"Content-Length: 500\r\n\r\n" + PAGE, "truncated"),
    "bad-chunk": (b"HTTP/1.1 200 OK\r\n" + HTML + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n", "truncated"),
    "long-header": (ok(b"X: " + b"a" * 1_000_000 + b"\r\n"), "connection"),
    "location-broken": (moved(b"http://[::1"), "bad_url"),
    "location-port": (moved(b"http://bao.example:99999/"), "bad_url"),
    "location-data": (moved(b"data:text/html,hi"), "scheme"),
    "location-file": (moved(b"file:///etc/passwd"), "scheme"),
    "location-8bit": (moved("/bài-viết".encode()), "http_404"),
    "location-inner": (moved(b"http://0xA9FEA9FE/latest/"), "private_address"),
    "gzip-broken": (ok(b"Content-Encoding: gzip\r\n"), "content_encoding"),
    "zstd-broken": (ok(b"Content-Encoding: zstd\r\n"), "content_encoding"),
    "gzip-twice": (ok(b"Content-Encoding: gzip, gzip\r\n", body=gzip.compress(gzip.compress(PAGE))), "ok"),
    "charset-8bit": (ok().replace(b"text/html", b'text/html; charset=\xff"'), "ok"),
    "cookie-broken": (ok(b"Set-Cookie: \xff=;;=\r\nSet-Cookie: a=b; Expires=never; Domain=..\r\n"), "ok"),
    "etag-8bit": (ok('ETag: "ế"\r\n'.encode()), "ok"),
    "continue-first": (b"HTTP/1.1 100 Continue\r\n\r\n" + ok(), "ok"),
    "more-than-said": (ok() + b"and more", "ok"),
}


def test_every_answer_has_a_name() -> None:
    with raw_server() as port:
        outcomes = in_a_process(partial(fetch_all, [f"http://127.0.0.1:{port}/{name}" for name in ANSWERS]))
    assert dict(zip(ANSWERS, outcomes, strict=True)) == {name: outcome for name, (_, outcome) in ANSWERS.items()}


def fetch_all(urls: list[str]) -> list[str]:
    outcomes: list[str] = []

    async def job(crawler: Any, _: asyncio.Event) -> None:
        fetcher = Fetcher(crawler, lambda: datetime.now(UTC))
        for url in urls:
            answer = await fetcher.get(url, kind="page")
            outcomes.append(answer.reason if isinstance(answer, Failure) else "ok")

    settings = build_settings(LOCAL, version="0.1.0", contact="", timeout_s=5.0)
    run_job(job, settings | {"AUTOTHROTTLE_ENABLED": False})
    return outcomes


@contextmanager
def raw_server() -> Iterator[int]:
    """Answer each request with the bytes of `ANSWERS` and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def serve(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            try:
                name = connection.recv(65536).split()[1].decode().strip("/")
                connection.sendall(ANSWERS.get(name, (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", ""))[0])
                connection.shutdown(socket.SHUT_WR)
            except (OSError, IndexError):  # the client was faster
                continue

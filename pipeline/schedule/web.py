"""/healthz and /metrics over HTTP, for monitoring on the same machine, and the pages that mails link to.

Says nothing of articles.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from config.errors import DiembaoError, UsageError

log = structlog.get_logger()

SLOW_CLIENT_S = 10.0
LONGEST_POST = 4096
"""Bytes that are read of what somebody posts; mail programs post ``List-Unsubscribe=One-Click``."""

Page = Callable[[str, str], tuple[HTTPStatus, bytes]]
"""Method and path to status and HTML."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        health: Callable[[], dict[str, Any]],
        metrics: Callable[[], bytes],
        pages: Mapping[str, Page],
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)
        self.health = health
        self.metrics = metrics
        self.pages = pages


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = SLOW_CLIENT_S
    server_version = "diembao"
    sys_version = ""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            verdict = self.server.health()
            status = HTTPStatus.OK if verdict["ok"] else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json", json.dumps(verdict, ensure_ascii=False, indent=1).encode())
        elif self.path == "/metrics":
            try:
                self._answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, self.server.metrics())
            except DiembaoError as problem:  # the store does not answer
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", str(problem).encode())
        elif not self._answered_by_page():
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/healthz, /metrics\n")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        self.rfile.read(min(int(length), LONGEST_POST) if length.isdecimal() else 0)  # the address says it all
        self.close_connection = True
        if not self._answered_by_page():
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"")

    def _answered_by_page(self) -> bool:
        """Let the page that has this path answer, where there is one."""
        page = next((page for prefix, page in self.server.pages.items() if self.path.startswith(prefix)), None)
        if page is None:
            return False
        try:
            status, body = page(self.command, self.path)
        except DiembaoError as problem:  # the store does not answer
            status, body = HTTPStatus.SERVICE_UNAVAILABLE, str(problem).encode()
        self._answer(status, "text/html; charset=utf-8", body)
        return True

    def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Monitoring asks every few seconds; nobody reads that."""


@contextmanager
def answering(
    listen: str,
    *,
    health: Callable[[], dict[str, Any]],
    metrics: Callable[[], bytes],
    pages: Mapping[str, Page],
) -> Iterator[str]:
    """Answer at ``host:port`` while the block runs, and yield the address; an empty ``listen`` answers nowhere.

    ``health`` returns the JSON of /healthz, whose ``ok`` decides between 200 and 503; ``pages`` answer for the paths
    that begin so. Raises UsageError when the address is taken.
    """
    if not listen:
        yield ""
        return
    host, _, port = listen.rpartition(":")
    try:
        server = _Server((host.strip("[]"), int(port)), health, metrics, pages)
    except OSError as exc:
        raise UsageError("serve.cannot_listen", listen=listen, reason=exc.strerror or exc) from exc
    thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    try:
        yield f"{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

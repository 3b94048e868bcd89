"""/healthz and /metrics over HTTP, for monitoring on the same machine. Says nothing of articles or people."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from config.errors import DiembaoError, UsageError

log = structlog.get_logger()

SLOW_CLIENT_S = 10.0


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], health: Callable[[], dict[str, Any]], metrics: Callable[[], bytes]
    ) -> None:
        super().__init__(address, _Handler)
        self.health = health
        self.metrics = metrics


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
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"/healthz, /metrics\n")

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
def answering(listen: str, *, health: Callable[[], dict[str, Any]], metrics: Callable[[], bytes]) -> Iterator[str]:
    """Answer at ``host:port`` while the block runs, and yield the address; an empty ``listen`` answers nowhere.

    ``health`` returns the JSON of /healthz, whose ``ok`` decides between 200 and 503. Raises UsageError when the
    address is taken.
    """
    if not listen:
        yield ""
        return
    host, _, port = listen.rpartition(":")
    try:
        server = _Server((host.strip("[]"), int(port)), health, metrics)
    except OSError as exc:
        raise UsageError("serve.cannot_listen", listen=listen, reason=exc.strerror or exc) from exc
    thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    try:
        yield f"{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

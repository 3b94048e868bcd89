"""A proxy on loopback before Elasticsearch: slow, lossy, or speaking TLS and asking who is there.

It stands for what a real network has between the program and the server: a reverse proxy with a certificate and
accounts, a line that loses an answer after the server did the work.
"""

import socket
import ssl
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

UPSTREAM_TIMEOUT_S = 60.0
PIECE_BYTES = 512
"""What a slow answer drips in."""
PASSED_ON = ("content-type", "x-elastic-product", "content-encoding", "warning")


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next ``times`` requests whose address holds ``path``."""

    path: str = ""
    times: int = 1
    delay_s: float = 0.0
    """Before the request is passed on."""
    drip_s: float = 0.0
    """Between the pieces of the answer."""
    loses: Literal["", "request", "answer"] = ""
    """The connection breaks before the server learned of the request, or after it did the work."""
    status: int = 0
    """Answered by the proxy itself."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that came in."""

    method: str
    path: str
    authorization: str
    status: int
    """0 when it got no answer."""


class Gateway(ThreadingHTTPServer):
    """Passes requests to ``upstream`` while `opened`; everybody may come in unless there are ``credentials``."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: str, *, tls: ssl.SSLContext | None, credentials: Collection[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.credentials = credentials
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.closing = threading.Event()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        if tls is not None:
            # the handshake waits until the connection's own thread reads
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def next_fault(self, path: str) -> Fault | None:
        """Return the first fault that is meant for a request, and count it."""
        with self._lock:
            for fault in self.faults:
                if fault.times > 0 and fault.path in path:
                    fault.times -= 1
                    return fault
        return None

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError | HTTPException):  # a client that hung up, a refused certificate
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        self.closing.set()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster


@contextmanager
def opened(upstream: str, *, tls: ssl.SSLContext | None = None, credentials: Collection[str] = ()) -> Iterator[Gateway]:
    """Yield a gateway; ``credentials`` are whole values of the Authorization header."""
    with Gateway(upstream, tls=tls, credentials=credentials) as gateway:
        thread = threading.Thread(target=gateway.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield gateway
        finally:
            gateway.shutdown()
            thread.join()
            gateway.hang_up()


class _Handler(BaseHTTPRequestHandler):
    server: Gateway
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        address = urlsplit(self.server.upstream)
        self.upstream = HTTPConnection(str(address.hostname), address.port, timeout=UPSTREAM_TIMEOUT_S)
        try:
            super().handle()
        finally:
            self.upstream.close()

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.next_fault(self.path) or Fault()
        self.server.closing.wait(fault.delay_s)
        authorization, status = self.headers.get("Authorization", ""), 0
        try:
            status = self._answer(body, fault)
        finally:  # a client that waited no longer was there all the same
            self.server.seen.append(Seen(self.command, self.path, authorization, status))

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # `Gateway.seen` is the log
        pass

    def _answer(self, body: bytes, fault: Fault) -> int:
        if fault.loses == "request":
            self.close_connection = True
            return 0
        credentials = self.server.credentials
        if credentials and self.headers.get("Authorization") not in credentials:
            return self._refuse(401, "security_exception")
        if fault.status:
            return self._refuse(fault.status, "proxy_exception")
        try:
            answer = self._pass_on(body)
            content = answer.read()
        except (OSError, HTTPException):
            self.upstream.close()
            return self._refuse(502, "bad_gateway")
        if fault.loses == "answer":
            self.close_connection = True
            return 0
        headers = {name: value for name in PASSED_ON if (value := answer.headers.get(name))}
        length = answer.headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        self._send(answer.status, headers | {"Content-Length": length}, content, fault.drip_s)
        return answer.status

    def _pass_on(self, body: bytes) -> HTTPResponse:
        kept = ("host", "authorization", "connection", "content-length")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in kept}
        self.upstream.request(self.command, self.path, body or None, headers)
        return self.upstream.getresponse()

    def _refuse(self, status: int, kind: str) -> int:
        content = b'{"error":{"type":"%s","reason":"refused by the proxy"},"status":%d}' % (kind.encode(), status)
        self._send(status, {"Content-Type": "application/json", "Content-Length": str(len(content))}, content, 0.0)
        return status

    def _send(self, status: int, headers: dict[str, str], content: bytes, drip_s: float) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        size = PIECE_BYTES if drip_s else max(len(content), 1)
        for start in range(0, 0 if self.command == "HEAD" else len(content), size):
            if start:
                self.server.closing.wait(drip_s)
            self.wfile.write(content[start : start + size])

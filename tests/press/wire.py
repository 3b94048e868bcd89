"""HTTP/1.1 on a loopback socket: takes a request, asks the newsroom, and puts its reply on the wire as told."""

import socket
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from tests.press.exchange import Reply, Request

POLL_S = 0.02
"""How soon a server notices that the press closes."""


class Newsroom(Protocol):
    """What the servers ask of the press."""

    closing: threading.Event
    """Set when everything ends."""

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request."""

    def answered(self, request: Request, status: int) -> None:
        """Log a request; status 0 when it gets no answer."""

    def counted(self, request: Request) -> AbstractContextManager[Callable[[], None]]:
        """Count an open request; call what it gives before the last byte leaves."""


class OutletServer(ThreadingHTTPServer):
    """The web server of one outlet; it knows its open connections so that it can hang up."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, port: int, press: Newsroom, outlet_id: str) -> None:
        self.press = press
        self.outlet_id = outlet_id
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), OutletHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Break what is still open, so that no thread waits for a client that keeps its connection."""
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class OutletHandler(BaseHTTPRequestHandler):
    """Hands each request to the press and puts its reply on the wire."""

    server: OutletServer
    protocol_version = "HTTP/1.1"
    server_version = "LoopbackPress"
    sys_version = ""
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(outlet_id=self.server.outlet_id, method=self.command, path=path, query=query, headers=headers)
        press = self.server.press
        with press.counted(request) as done:
            reply = press.answer(request)
            press.answered(request, 0 if reply.delivery.hang else reply.status)
            self._send(reply, done)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # the press keeps its own log
        pass

    def _send(self, reply: Reply, done: Callable[[], None]) -> None:
        delivery = reply.delivery
        if delivery.hang:
            self._wait_for_the_end()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if delivery.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        if self.command == "HEAD" or not reply.body:
            done()
        self.end_headers()
        if self.command == "HEAD" or reply.status == 304:
            return
        if delivery.reset_after_bytes is not None:
            self._reset(reply.body[: delivery.reset_after_bytes])
            return
        self._send_body(reply, done)

    def _send_body(self, reply: Reply, done: Callable[[], None]) -> None:
        delivery = reply.delivery
        size = delivery.piece_bytes or max(len(reply.body), 1)
        for start in range(0, len(reply.body), size):
            if start and delivery.pause_s and self.server.press.closing.wait(delivery.pause_s):
                self.close_connection = True
                return
            piece = reply.body[start : start + size]
            if start + size >= len(reply.body):
                done()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if delivery.chunked else piece)
        if delivery.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _reset(self, beginning: bytes) -> None:
        self.wfile.write(beginning)
        self.close_connection = True
        # linger for zero seconds: closing the socket sends RST instead of FIN
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _wait_for_the_end(self) -> None:
        self.close_connection = True
        self.connection.settimeout(POLL_S)
        while not self.server.press.closing.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue

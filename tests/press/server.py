"""A press on the loopback interface: every outlet has a port of its own and answers real HTTP/1.1."""

import hashlib
import socket
import struct
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import yaml

from pipeline.records import SectionPage, Source
from tests.press.exchange import Logged, Reply, Request, apply_conditions
from tests.press.faults import Fault
from tests.press.pages import SECTION_LINKS, endpoint, render
from tests.press.site import Outlet, Site

POLL_S = 0.02
"""How soon a server notices that the press closes."""


class Press:
    """Serve ``site`` while the ``with`` block runs.

    Stage 1 is what the site publishes first; `advance` moves on. ``first_port=0`` takes free ports, any other number
    gives the outlets this port and those after it, so that addresses are the same in the next run.
    """

    def __init__(self, site: Site, *, first_port: int = 0) -> None:
        self.site = site
        self.stage = 1
        self.log: list[Logged] = []
        self.closing = threading.Event()
        self._first_port = first_port
        self._servers: dict[str, OutletServer] = {}
        self._threads: list[threading.Thread] = []
        self._faults: list[tuple[str, str, Fault]] = []
        self._last: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()
        self._peak: defaultdict[str, int] = defaultdict(int)

    def __enter__(self) -> Self:
        for number, outlet in enumerate(self.site.outlets):
            port = self._first_port + number if self._first_port else 0
            server = OutletServer(("127.0.0.1", port), self, outlet)
            self._servers[outlet.id] = server
            thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), name=f"press-{outlet.id}")
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        for server in self._servers.values():
            server.shutdown()
            server.hang_up()
            server.server_close()
        for thread in self._threads:
            thread.join()

    # ---- what a test says to the press ------------------------------------------------------------------------------

    def url(self, outlet_id: str, path: str = "/") -> str:
        """Return the absolute address of a path at an outlet."""
        host, port = self._servers[outlet_id].server_address[:2]
        return f"http://{host!s}:{port}{path}"

    def article_url(self, article_id: str) -> str:
        """Return the canonical address of an article."""
        article = self.site.article(article_id)
        return self.url(article.outlet_id, article.path)

    def advance(self, stage: int | None = None) -> None:
        """Go to ``stage`` (default: the next): new articles, edits, removals and troubles of that stage show."""
        self.stage = self.stage + 1 if stage is None else stage

    def break_(self, outlet_id: str, path: str, fault: Fault) -> None:
        """Put ``fault`` on the paths of an outlet that match the shell pattern ``path``."""
        self.site.outlet(outlet_id)
        self._faults.append((outlet_id, path, fault))

    def heal(self, outlet_id: str, path: str = "*") -> None:
        """Take away the faults put on paths that match ``path``."""
        self._faults = [
            (owner, pattern, fault)
            for owner, pattern, fault in self._faults
            if owner != outlet_id or not fnmatchcase(pattern, path)
        ]

    # ---- what a test reads from it ----------------------------------------------------------------------------------

    def requests(self, outlet_id: str, path: str = "*") -> list[Logged]:
        """Return the log lines of one outlet whose path (with query) matches the shell pattern."""
        return [line for line in list(self.log) if line.outlet_id == outlet_id and fnmatchcase(line.path, path)]

    def peak(self, outlet_id: str) -> int:
        """Return the most requests that were open at the outlet at one time."""
        return self._peak[outlet_id]

    def sources(self) -> tuple[Source, ...]:
        """Return the outlets as entries of the catalogue."""
        return tuple(self._source(outlet) for outlet in self.site.outlets)

    def sources_yaml(self) -> str:
        """Return the text of a ``HOME/sources.yaml`` that puts these outlets in place of the packaged catalogue."""
        entries = [_catalogue_entry(source) for source in self.sources()]
        return yaml.safe_dump({"replace": True, "sources": entries}, allow_unicode=True, sort_keys=False)

    def _source(self, outlet: Outlet) -> Source:
        address = self.url(outlet.id, endpoint(outlet))
        host = self.url(outlet.id, "").removeprefix("http://")
        return Source(
            id=outlet.id,
            name=outlet.name,
            kind=outlet.kind,
            tier=outlet.tier,
            country=outlet.country,
            language=outlet.language,
            timezone=outlet.timezone,
            unit=outlet.unit,
            domains=(host,),
            feeds=(address,) if outlet.listing in {"rss", "atom"} else (),
            sitemaps=(address,) if outlet.listing == "news_sitemap" else (),
            sections=(SectionPage(url=address, links=SECTION_LINKS),) if outlet.listing == "section" else (),
            verified=True,
        )

    # ---- what the handlers ask --------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request: the site as it is at this stage, then the faults, then conditions."""
        outlet = self.site.outlet(request.outlet_id)
        reply = render(self.site, outlet, request.path, stage=self.stage, root=self.url(outlet.id, ""))
        reply = self._validated(request, reply)
        for fault in self._faults_of(outlet, request.path):
            reply = fault(request, reply)
        return apply_conditions(request, reply)

    @contextmanager
    def counted(self, request: Request) -> Iterator[Callable[[], None]]:
        """Count an open request; the handler calls what it is given before the last byte leaves.

        After that byte a polite client may already send its next request on another connection.
        """
        outlet_id = request.outlet_id
        with self._lock:
            self._open[outlet_id] += 1
            self._peak[outlet_id] = max(self._peak[outlet_id], self._open[outlet_id])
        finished = threading.Event()

        def done() -> None:
            with self._lock:
                if not finished.is_set():
                    finished.set()
                    self._open[outlet_id] -= 1

        try:
            yield done
        finally:
            done()

    def answered(self, request: Request, status: int) -> None:
        path = f"{request.path}?{request.query}" if request.query else request.path
        line = Logged(
            outlet_id=request.outlet_id,
            method=request.method,
            path=path,
            headers=request.headers,
            status=status,
            at=datetime.now(UTC),
        )
        with self._lock:
            self.log.append(line)

    def _faults_of(self, outlet: Outlet, path: str) -> Iterable[Fault]:
        scripted = [(trouble.path, trouble.fault) for trouble in outlet.troubles if trouble.stage <= self.stage]
        put = [(pattern, fault) for owner, pattern, fault in self._faults if owner == outlet.id]
        return [fault for pattern, fault in scripted + put if fnmatchcase(path, pattern)]

    def _validated(self, request: Request, reply: Reply) -> Reply:
        """Add an ETag of the body and the moment when this body was first seen here (never twice the same second)."""
        if reply.status != 200:
            return reply
        etag = f'"{hashlib.blake2b(reply.body, digest_size=8).hexdigest()}"'
        key = (request.outlet_id, request.path)
        with self._lock:
            known, modified_at = self._last.get(key, ("", datetime.now(UTC) - timedelta(hours=1)))
            if known and known != etag:
                modified_at = max(datetime.now(UTC), modified_at + timedelta(seconds=1))
            self._last[key] = (etag, modified_at)
        return reply.with_headers(ETag=etag, Last_Modified=format_datetime(modified_at, usegmt=True))


class OutletServer(ThreadingHTTPServer):
    """The web server of one outlet; it knows its open connections so that it can hang up."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, address: tuple[str, int], press: Press, outlet: Outlet) -> None:
        self.press = press
        self.outlet = outlet
        self._connections: set[socket.socket] = set()
        super().__init__(address, OutletHandler)

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
        request = Request(outlet_id=self.server.outlet.id, method=self.command, path=path, query=query, headers=headers)
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


def _catalogue_entry(source: Source) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "tier": source.tier,
        "country": source.country,
        "language": source.language,
        "timezone": source.timezone,
        "unit": source.unit,
        "domains": list(source.domains),
        "feeds": list(source.feeds),
        "sitemaps": list(source.sitemaps),
        "sections": [{"url": page.url, "links": page.links} for page in source.sections],
        "verified": source.verified,
    }
    return {key: value for key, value in entry.items() if value not in (None, [])}

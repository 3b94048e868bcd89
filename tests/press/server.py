"""A press on the loopback interface: every outlet has a port of its own and answers real HTTP/1.1."""

import hashlib
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Any, Self

import yaml

from pipeline.records import SectionPage, Source
from tests.press.exchange import Logged, Reply, Request, apply_conditions
from tests.press.faults import Fault
from tests.press.pages import SECTION_LINKS, endpoint, render
from tests.press.site import Outlet, Site
from tests.press.wire import POLL_S, OutletServer


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
        try:
            for number, outlet in enumerate(self.site.outlets):
                self._serve(outlet, self._first_port + number if self._first_port else 0)
        except OSError:  # a port is taken
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _serve(self, outlet: Outlet, port: int) -> None:
        server = OutletServer(port, self, outlet.id)
        thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), name=f"press-{outlet.id}")
        thread.start()
        self._servers[outlet.id] = server
        self._threads.append(thread)

    def _close(self) -> None:
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
        """Log a request; status 0 when it gets no answer."""
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

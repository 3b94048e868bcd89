"""One HTTP exchange as values: what was asked, what is answered and how the answer reaches the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came in."""

    outlet_id: str
    method: str
    path: str
    """Without the query."""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the bytes of an answer are sent."""

    chunked: bool = False
    """Transfer-Encoding: chunked instead of Content-Length."""
    piece_bytes: int = 0
    """Send pieces of this size; 0: all at once."""
    pause_s: float = 0.0
    """Between two pieces."""
    reset_after_bytes: int | None = None
    """Break the connection (RST) once this much of the body is out."""
    hang: bool = False
    """Never answer: wait until the client leaves or the press closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer, before conditions (ETag, dates) are looked at."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    conditional: bool = True
    """Answer 304 where the request's validators match."""
    delivery: Delivery = Delivery()

    def with_headers(self, **values: str) -> "Reply":
        """Return a copy with headers set; ``_`` in a name stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in values.items()}
        return replace(self, headers={**self.headers, **named})


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One line of the press's log."""

    outlet_id: str
    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str]
    """Of the request, names in lower case."""
    status: int
    """0 when no answer was given (a hanging outlet)."""
    at: datetime


def apply_conditions(request: Request, reply: Reply) -> Reply:
    """Return 304 in place of ``reply`` where RFC 9110 section 13 says so; If-None-Match wins over the date."""
    if not reply.conditional or reply.status != 200:
        return reply
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        unchanged = "*" in tags or reply.headers.get("ETag", "").removeprefix("W/") in tags
    else:
        unchanged = _not_newer(reply.headers.get("Last-Modified"), request.headers.get("if-modified-since"))
    if not unchanged:
        return reply
    validators = {name: value for name, value in reply.headers.items() if name in {"ETag", "Last-Modified"}}
    return Reply(status=304, headers=validators)


def _not_newer(modified: str | None, since: str | None) -> bool:
    if not modified or not since:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except ValueError:
        return False

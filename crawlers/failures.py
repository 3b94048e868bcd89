"""Why a fetch brought nothing: one snake_case name for each way the network, an outlet or a guard says no."""

from dataclasses import dataclass
from datetime import timedelta

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionLost, SSLError
from twisted.web.client import ResponseFailed

TRANSPORT_FAILURES = frozenset({"dns", "connection", "tls", "timeout", "proxy", "truncated"})
"""The host could not be talked to; says nothing about the page that was asked for."""

PERMANENT_STATUSES = frozenset({400, 401, 402, 403, 404, 405, 406, 410, 414, 415, 451})
PERMANENT_REFUSALS = frozenset(
    {
        "bad_url",
        "content_encoding",
        "content_type",
        "decompression_bomb",
        "empty_body",
        "private_address",
        "redirect_loop",
        "robots",
        "scheme",
        "too_large",
    }
)


class Refused(IgnoreRequest):
    """A guard said no. ``reason`` is the name that is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A fetch that brought nothing to read."""

    reason: str
    """snake_case, such as ``http_503``, ``timeout``, ``private_address``."""
    status: int | None = None
    """HTTP status; None when no response came."""
    retry_after: timedelta | None = None
    """What the outlet asked for with ``Retry-After``."""
    redirected_to: str = ""

    @property
    def permanent(self) -> bool:
        """True when asking again cannot help."""
        return self.reason in PERMANENT_REFUSALS or self.status in PERMANENT_STATUSES

    @property
    def of_the_host(self) -> bool:
        """True when the whole host seems down or asks for rest, not just this page."""
        overloaded = self.status is not None and (self.status >= 500 or self.status == 429)
        return self.reason in TRANSPORT_FAILURES or overloaded


FAILURE_NAMES: tuple[tuple[type[BaseException], str], ...] = (
    (DownloadTimeoutError, "timeout"),
    (DownloadCancelledError, "too_large"),  # Scrapy cancels a download for its size alone
    (CannotResolveHostError, "dns"),
    (DownloadConnectionRefusedError, "connection"),
    (ResponseDataLossError, "truncated"),
    (UnsupportedURLSchemeError, "scheme"),
    (SSLError, "tls"),
    (ConnectError, "connection"),
    (ConnectionLost, "connection"),
    (OSError, "connection"),
)


def name_failure(exc: Exception) -> str:
    """Return the name of what a download raised."""
    if isinstance(exc, Refused):
        return exc.reason
    if isinstance(exc, DownloadFailedError):
        return _name_response_failure(exc)
    for kind, name in FAILURE_NAMES:
        if isinstance(exc, kind):
            return name
    if type(exc).__name__ == "TunnelError":
        return "proxy"
    return "error"


def _name_response_failure(exc: DownloadFailedError) -> str:
    """Twisted wraps what broke a connection in a list of reasons; a failed handshake is among them."""
    cause = exc.__cause__
    reasons = cause.reasons if isinstance(cause, ResponseFailed) else ()
    if any("OpenSSL" in type(reason.value).__module__ or reason.check(SSLError) for reason in reasons):
        return "tls"
    return "connection"

"""Messages to other programs: an HTTPS POST of JSON, signed as Standard Webhooks 1.0 says (standardwebhooks.com).

Three headers go with each body: ``webhook-id`` (the same at every attempt, so that a receiver knows what it has),
``webhook-timestamp`` (seconds since 1970; older than five minutes is to be refused, against replays) and
``webhook-signature``: ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body`` with the shared secret.
Receivers can check them with the libraries of that site.
"""

import base64
import hmac
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from config.errors import ConfigError
from config.validation import without_password
from pipeline.deliver.outcome import SENT, Outcome
from pipeline.store.deliveries import Delivery

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with, not a secret
LEAST_SECRET_BYTES = 24
"""The standard wants 24 to 64."""
TIMEOUT = urllib3.Timeout(connect=10, read=30)
PASSING_CODES = frozenset({408, 425, 429})
"""What passes, besides all of 5xx; any other answer stays the same however often it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTarget:
    """One receiver, as its entry in ``recipients.yaml`` describes it."""

    url: str
    secret_file: Path
    """As written; relative paths start in the home folder."""
    ca_file: Path | None = None
    """Certificates (PEM) to trust instead of the system's."""


def webhook_url(text: str) -> str:
    """Return an http(s) address without a user in it. Raises ValueError around a ConfigError."""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:  # half an IPv6 address
        fine = False
    if not fine or parts.fragment:
        raise ValueError(ConfigError("recipients.bad_webhook", url=without_password(text)))
    return text


def parse_secret(text: str, path: Path) -> bytes:
    """Return the bytes of a secret, base64 with or without ``whsec_`` before it. Raises ConfigError naming its file."""
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError as exc:
        raise ConfigError("recipients.bad_secret", path=path, least=LEAST_SECRET_BYTES) from exc
    if len(secret) < LEAST_SECRET_BYTES:
        raise ConfigError("recipients.bad_secret", path=path, least=LEAST_SECRET_BYTES)
    return secret


def message_id(key: str) -> str:
    """Return the id of a message, which must hold no dot."""
    return f"msg_{blake2b(key.encode(), digest_size=16).hexdigest()}"


def signed_headers(key: str, body: bytes, secret: bytes, at: datetime) -> dict[str, str]:
    """Return the three headers of the standard for one attempt."""
    timestamp = str(int(at.timestamp()))
    signature = hmac.digest(secret, b".".join((message_id(key).encode(), timestamp.encode(), body)), "sha256")
    return {
        "webhook-id": message_id(key),
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


class WebhookSender:
    """Posts to one receiver. No redirect is followed."""

    repeatable = True
    """A receiver knows a repeated message by its id."""

    def __init__(
        self,
        url: str,
        secret: bytes,
        now: Callable[[], datetime],
        *,
        trust: ssl.SSLContext | None = None,
        timeout: urllib3.Timeout = TIMEOUT,
    ) -> None:
        self._url, self._secret, self._now = url, secret, now
        self._trust, self._timeout = trust, timeout

    def send(self, delivery: Delivery, commit: Callable[[], None]) -> Outcome:
        """Post one message and say how that ended."""
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "diembao"}
        headers |= signed_headers(delivery.key, delivery.payload, self._secret, self._now())
        commit()
        try:
            with urllib3.PoolManager(ssl_context=self._trust, timeout=self._timeout, retries=False) as pool:
                response = pool.request("POST", self._url, body=delivery.payload, headers=headers, redirect=False)
        except HTTPError as exc:
            return _unanswered(exc)
        if 200 <= response.status < 300:
            return SENT
        if response.status in PASSING_CODES or response.status >= 500:
            return Outcome(verdict="retry", reason="hook_later", detail=str(response.status))
        return Outcome(verdict="refused", reason="hook_refused", detail=str(response.status))

    def close(self) -> None:
        """Keep nothing open: messages to receivers are few."""


def _unanswered(exc: HTTPError) -> Outcome:
    """Return the outcome without the words of the error: they hold the address, whose path may be a secret."""
    cause = exc.reason if isinstance(exc, MaxRetryError) and exc.reason else exc
    if isinstance(cause, SSLError):
        detail = getattr(cause.args[0], "verify_message", "") or "TLS"
        return Outcome(verdict="retry", reason="untrusted", detail=detail)
    return Outcome(verdict="retry", reason="unreachable", detail=type(cause).__name__)

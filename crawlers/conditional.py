"""Conditional requests (RFC 9110, section 13): what to send, and when not to believe a 304."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from crawlers.ledger import PollState

FULL_ANSWER_EVERY = timedelta(hours=1)
"""Once in each such span a poll asks without validators, so that an ETag that never changes hides news no longer."""
RETRY_AFTER_MAX = timedelta(hours=24)


def conditional_headers(state: PollState, now: datetime) -> dict[str, str]:
    """Return ``If-None-Match`` and ``If-Modified-Since``, or nothing when the whole body is wanted.

    The body is wanted the first time, after a failure, and in the first poll of each `FULL_ANSWER_EVERY`.
    """
    if not state.content_hash or state.failures or state.polled_at is None:
        return {}
    if _span_of(state.polled_at) != _span_of(now):
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def content_hash(*bodies: bytes) -> str:
    """Return 32 hex digits that tell whether what was polled is the same as last time."""
    digest = blake2b(digest_size=16)
    for body in bodies:
        digest.update(len(body).to_bytes(8, "big"))
        digest.update(body)
    return digest.hexdigest()


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """Read a ``Retry-After`` header (seconds, or an HTTP date); at most 24 hours, None when absent or unreadable."""
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else _as_utc(parsedate_to_datetime(value)) - now
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(wait, timedelta(0)), RETRY_AFTER_MAX)


def _as_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _span_of(moment: datetime) -> int:
    return int(moment.timestamp() // FULL_ANSWER_EVERY.total_seconds())

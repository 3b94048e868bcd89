"""What a crawl must remember between runs, as a protocol; the store keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline.records import FeedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """The memory of one polled address (feed, sitemap or section page)."""

    url: str
    source_id: str
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    """Of the body last parsed; an ETag that lies is caught by it."""
    interval_s: int = 900
    """Between polls, chosen by `crawlers.polling`."""
    failures: int = 0
    """In a row."""
    rate_per_day: float = 0.0
    """New entries a day, smoothed."""
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    next_due_at: datetime | None = None
    """None: due at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """One poll that was made; coverage and `status` are computed from these."""

    url: str
    source_id: str
    at: datetime
    ok: bool
    """The outlet answered usefully: new body, same body, or 304."""
    reason: str
    """``ok``, ``not_modified`` (304), ``unchanged`` (the same body again), or the named failure such as ``http_503``,
    ``timeout``, ``robots``, ``not_a_feed``."""
    new_entries: int = 0


def last_answers(polls: Iterable[PollRecord]) -> tuple[frozenset[str], dict[str, PollRecord]]:
    """Return the sources that answered when last asked, and of each other source asked a poll that failed.

    ``polls`` oldest first. A source of several addresses answers with any of them. What answered only earlier is
    failing: what it published since is not known.
    """
    last = {poll.url: poll for poll in polls}
    answered = frozenset(poll.source_id for poll in last.values() if poll.ok)
    return answered, {poll.source_id: poll for poll in last.values() if poll.source_id not in answered}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedEntry:
    """An article page that a feed announced and that is still to be fetched."""

    key: str
    """Canonical URL; unique in the queue."""
    source_id: str
    entry: FeedEntry
    attempts: int = 0
    """That failed."""
    tried_at: datetime | None = None
    """Last attempt; None: never tried."""


class CrawlLedger(Protocol):
    """Every method is one transaction: after a kill the queue and the poll states agree."""

    def poll_states(self) -> Mapping[str, PollState]:
        """Return the state of every address ever polled, by URL."""

    def known(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those of these canonical URLs that were announced before."""

    def record_poll(self, record: PollRecord, state: PollState, entries: Sequence[tuple[str, FeedEntry]]) -> int:
        """Log the poll, keep the state, and queue the entries (canonical URL, entry) that are new or changed.

        An entry is changed when its title, summary or update time differs from when it was queued last. A queued page
        is fetched again then. Returns how many were queued.
        """

    def queued(self, source_ids: Iterable[str]) -> Sequence[QueuedEntry]:
        """Return what is still to be fetched for these sources, oldest first."""

    def mark_fetched(self, key: str, *, outcome: str, at: datetime) -> None:
        """Record that a page lies in the inbox (``outcome="ok"``) or was refused for good (a named reason)."""

    def mark_failed(self, key: str, *, reason: str, at: datetime, give_up: bool) -> None:
        """Count a failed attempt; with ``give_up`` the entry leaves the queue under its reason."""

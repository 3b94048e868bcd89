"""When to ask an outlet again. Pure: a state and what a poll brought in, the next state out.

The aim is about one new entry a poll: a feed that publishes five articles a day is asked five times a day, a busy one
every five minutes, a silent one daily. The rate is an exponentially weighted mean over time, so that it does not depend
on how often we looked; between two polls the interval at most doubles, and halves when several entries came at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp
from typing import Final

from crawlers.ledger import PollState, QueuedEntry

SHORTEST_S: Final = 5 * 60
LONGEST_S: Final = 24 * 3600
NATIONAL_LONGEST_S: Final = 10 * 60
"""For an outlet of tier 1, however quiet its feed: what it prints is read everywhere within the hour."""
FIRST_S: Final = 15 * 60
"""After the first poll, when no rate is known: all its entries were new."""
DAY_S: Final = 86_400.0
MEMORY_S: Final = DAY_S
"""Time constant of the mean rate: a day, because news has a daily rhythm."""
SPREAD: Final = 0.1
"""Jitter moves a poll by so much of its interval either way, so that outlets are not asked in step."""
PAGE_RETRY_S: Final = 10 * 60
"""Before a page that failed is tried again; doubled with each further failure."""
MAX_DOUBLINGS: Final = 12
"""Enough to reach LONGEST_S from SHORTEST_S."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What one poll brought."""

    ok: bool
    """The outlet answered usefully: a body that could be read, or 304."""
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    """Of the body; empty for a 304 and for a failure."""
    new_entries: int = 0
    """Articles that were never announced before."""
    ttl_s: int | None = None
    """How long the feed says it may be kept."""
    retry_after: timedelta | None = None
    """How long the server asks to be left alone."""


def is_changed(state: PollState, outcome: PollOutcome) -> bool:
    """Tell whether the poll brought another body than the last. The bytes decide, whatever the ETag says."""
    return bool(outcome.content_hash) and outcome.content_hash != state.content_hash


def decide_next_poll(
    state: PollState, outcome: PollOutcome, *, now: datetime, jitter: float, national: bool = False
) -> PollState:
    """Return the state after a poll made at ``now``; ``jitter`` is a random number, 0 ≤ jitter < 1.

    The next poll is due 5 minutes to 24 hours later (some 10 minutes at most for a ``national`` outlet, one of tier 1,
    that answered), never before the feed's ttl (up to 24 hours) nor before Retry-After, which alone may exceed 24
    hours. Failures in a row double the wait.
    """
    after = _succeeded(state, outcome, now) if outcome.ok else replace(state, failures=state.failures + 1)
    if national:
        after = replace(after, interval_s=min(after.interval_s, NATIONAL_LONGEST_S))
    wait_s = float(after.interval_s) if outcome.ok else _back_off_s(after)
    wait_s = _within_bounds(wait_s * (1 - SPREAD + 2 * SPREAD * jitter))
    if outcome.ok and outcome.ttl_s is not None:
        wait_s = max(wait_s, min(outcome.ttl_s, LONGEST_S))
    wait = max(timedelta(seconds=wait_s), outcome.retry_after or timedelta())
    return replace(after, polled_at=now, next_due_at=now + wait)


def is_ripe(queued: QueuedEntry, now: datetime) -> bool:
    """Tell whether a queued page may be asked for: one that failed waits longer after each failure."""
    if queued.tried_at is None or not queued.attempts:
        return True
    return now >= queued.tried_at + timedelta(seconds=PAGE_RETRY_S * 2.0 ** (queued.attempts - 1))


def _succeeded(state: PollState, outcome: PollOutcome, now: datetime) -> PollState:
    rate = _rate_per_day(state, outcome, now)
    after = replace(
        state,
        interval_s=round(_interval_s(state, outcome, rate)),
        failures=0,
        rate_per_day=rate,
        succeeded_at=now,
    )
    if not outcome.content_hash:  # a 304 may repeat or renew the validators
        return replace(
            after, etag=outcome.etag or state.etag, last_modified=outcome.last_modified or state.last_modified
        )
    lied = is_changed(state, outcome) and state.content_hash
    return replace(
        after,
        content_hash=outcome.content_hash,
        etag="" if lied and outcome.etag == state.etag else outcome.etag,
        last_modified="" if lied and outcome.last_modified == state.last_modified else outcome.last_modified,
    )


def _rate_per_day(state: PollState, outcome: PollOutcome, now: datetime) -> float:
    if state.succeeded_at is None:
        return DAY_S / FIRST_S
    elapsed_s = max((now - state.succeeded_at).total_seconds(), 1.0)
    observed = _new_entries(state, outcome) * DAY_S / elapsed_s
    weight = 1 - exp(-elapsed_s / MEMORY_S)
    return state.rate_per_day + weight * (observed - state.rate_per_day)


def _interval_s(state: PollState, outcome: PollOutcome, rate_per_day: float) -> float:
    if state.succeeded_at is None:
        return FIRST_S
    wanted = DAY_S / rate_per_day if rate_per_day > DAY_S / LONGEST_S else LONGEST_S
    wanted = min(wanted, 2.0 * state.interval_s)
    if _new_entries(state, outcome) > 1:
        wanted = min(wanted, state.interval_s / 2)
    return _within_bounds(wanted)


def _new_entries(state: PollState, outcome: PollOutcome) -> int:
    return outcome.new_entries if is_changed(state, outcome) else 0


def _back_off_s(state: PollState) -> float:
    """Return the wait behind the last of ``state.failures``; a quiet feed is retried sooner than it would be due."""
    first_s = min(max(state.interval_s, SHORTEST_S), FIRST_S)
    return _within_bounds(first_s * 2.0 ** min(state.failures - 1, MAX_DOUBLINGS))


def _within_bounds(seconds: float) -> float:
    return min(max(seconds, SHORTEST_S), LONGEST_S)

"""What became of one attempt to send, and what to do next: pure decisions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Verdict = Literal["sent", "retry", "refused", "uncertain"]
Reason = Literal[
    "unreachable",
    "untrusted",
    "no_starttls",
    "no_sign_in",
    "sign_in",
    "server_later",
    "lost_midway",
    "lost_reply",
    "odd_reply",
    "recipient_refused",
    "sender_refused",
    "content_refused",
    "hook_later",
    "hook_refused",
    "chat_failed",
    "bad_channel",
    "no_channel",
    "misconfigured",
    "interrupted",
    "broken",
    "gave_up",
]
"""Why an attempt failed; ``deliver.reason_…`` among the messages says it in words."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
JITTER = 0.25
"""Waits differ by this share at most, so that what failed together does not come back together."""
GIVE_UP_AFTER = timedelta(days=4)
"""Mail servers give up after four to five days (RFC 5321, 4.5.4.1); news is stale long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt ended."""

    verdict: Verdict
    """``retry``: it certainly did not arrive, and may later; ``refused``: nor will it later; ``uncertain``: it may have
    arrived."""
    reason: Reason | None = None
    """None when it was sent."""
    detail: str = ""
    """What the receiver said, in its words; never a secret."""
    channel_down: bool = False
    """True when the trouble is not this message's: the rest of the channel waits as well."""


SENT = Outcome(verdict="sent")


def retry_wait(attempts: int, jitter: float) -> timedelta:
    """Return how long to wait after so many attempts (1: the first has failed). ``jitter`` is in -1..1."""
    doublings = min(attempts - 1, 10)  # more would overflow, and are longer than the longest wait
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT) * (1 + JITTER * jitter)


def judged(outcome: Outcome, *, due_at: datetime, now: datetime) -> Outcome:
    """Return the outcome, a refusal when it was tried for too long."""
    if outcome.verdict == "retry" and now - due_at > GIVE_UP_AFTER:
        return Outcome(verdict="refused", reason="gave_up", detail=outcome.detail)
    return outcome

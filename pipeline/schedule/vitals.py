"""How an installation is doing, as figures: what `health` judges, `metrics` publishes and `diembao status` prints."""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawlers.inbox import unread_segments, written_at
from crawlers.ledger import PollState, last_answers
from pipeline.records import Channel, Source
from pipeline.store import JobRun, Store
from pipeline.store.deliveries import DeliveryState

GIGABYTE = 1024**3
LAG_SPAN = timedelta(hours=6)
"""Articles first fetched within it tell how long the press was ahead of us."""
NEWS_AGE = timedelta(hours=24)
"""An article older than this when it was fetched was found, not awaited: a new source lists last week's."""
ANSWERED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """The state of an installation at one instant."""

    at: datetime
    jobs: Mapping[str, JobRun]
    """The last run of each job of the service, by id."""
    waiting: Mapping[str, int]
    """How much waits: ``pages`` to be fetched, ``segments`` to be read, ``index/…`` documents, ``deliveries`` due."""
    since: Mapping[str, datetime]
    """Since when the oldest of it waits; ``polls``: since when an outlet is due. Absent when nothing waits."""
    documents: int
    assessed: int
    deliveries: Mapping[tuple[Channel, DeliveryState], int]
    """Channel and state, to number."""
    healthy: int
    """Sources that answered when asked last."""
    failing: int
    fetch_lags_s: Sequence[float] = ()
    """From publication to fetching, ascending."""
    free_gb: float
    alerts: Mapping[str, int] = field(default_factory=dict)
    """State to number, closed ones left out."""


def take_vitals(
    store: Store, sources: Sequence[Source], home: Path, inbox: Path, now: datetime, *, units: Iterable[str]
) -> Vitals:
    """Read the figures; ``units`` are the slugs that alerts are of. Raises StoreError."""
    census = store.counts()
    due = [one for one in store.deliveries(("planned",)) if one.due_at <= now]  # also what waits for another attempt
    unread = [path for path, _ in unread_segments(inbox, store.segments_progress)]
    enabled = [source for source in sources if source.enabled]
    known = {source.id for source in enabled}
    polls = store.polls_between(now - ANSWERED_WITHIN, now)
    answered, failing = last_answers(poll for poll in polls if poll.source_id in known)
    since = {
        "pages": store.oldest_queued_at(),
        "segments": min(map(written_at, unread), default=None),
        "deliveries": min((one.due_at for one in due), default=None),
        "polls": overdue_since(enabled, store.ledger.poll_states(), now),
    }
    news_age_s = NEWS_AGE.total_seconds()
    return Vitals(
        at=now,
        jobs=store.jobs(),
        waiting={
            "pages": census.queued,
            "segments": len(unread),
            **{f"index/{target}": count for target, count in census.outbox.items()},
            "deliveries": len(due),
        },
        since={name: at for name, at in since.items() if at is not None},
        documents=census.documents,
        assessed=census.assessed,
        deliveries=store.delivery_counts(),
        healthy=len(answered),
        failing=len(failing),
        fetch_lags_s=sorted(lag for lag in store.fetch_lags_s(now - LAG_SPAN) if lag <= news_age_s),
        alerts=Counter(alert.state for alert in store.alerts(units=frozenset(units), unclosed=True)),
        free_gb=shutil.disk_usage(home).free / GIGABYTE,
    )


def overdue_since(sources: Iterable[Source], states: Mapping[str, PollState], now: datetime) -> datetime | None:
    """Return since when the address waits that is due longest; None when none is, or none was ever polled."""
    known = (states.get(url) for source in sources for url in source.endpoints)
    due = (state.next_due_at for state in known if state and state.next_due_at)
    return min((at for at in due if at <= now), default=None)


def share(ascending: Sequence[float], quantile: float) -> float:
    """Return the value below which a share of the values lies; they are not empty."""
    return ascending[min(int(len(ascending) * quantile), len(ascending) - 1)]

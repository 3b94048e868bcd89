"""The plan of a day: which job runs how often, how late it may start, what follows it. Pure data and decisions.

Two lanes: in one, a job after the other does what changes the store; in the other what is due is sent, so that an alert
does not wait for a crawl to end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from config.localtime import LOCAL_ZONE
from config.settings import Settings, Weekday

JobId = Literal[
    "crawl", "process", "index", "alerts", "deliver", "digest", "foreign", "reminders", "recheck", "backup", "purge"
]
"""What the job store, the log and the metrics call a job: never renamed, or an upgrade would forget what it owes."""

Lane = Literal["work", "send"]
LANES: tuple[Lane, ...] = get_args(Lane)

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
"""In the order of `datetime.weekday`."""

COALESCE = True
"""Runs that were missed while the machine slept become one: each job looks at what is due, however much that is."""
MAX_INSTANCES = 1
"""A job never runs beside itself: two would only wait for one another."""

CRAWL_SLICE = timedelta(minutes=4)
"""A crawl ends then and its pages are processed; what it did not fetch stays queued for the next slice."""
PROCESS_SLICE = timedelta(minutes=15)
"""Reading a backlog makes room for other jobs then, and goes on behind them."""
SLICE_AT_LEAST = timedelta(seconds=20)
"""Of work that is cut short by an edition."""


@dataclass(frozen=True, slots=True)
class Every:
    """A job that runs again and again."""

    period: timedelta


@dataclass(frozen=True, slots=True)
class At:
    """A job that runs at a time of day, Asia/Ho_Chi_Minh."""

    hour: int
    minute: int = 0
    weekday: Weekday | None = None
    """None: every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One line of the plan."""

    id: JobId
    when: Every | At
    lane: Lane = "work"
    grace: timedelta | None = None
    """How late it may still start; None: late is better than never, for it looks at what is due by then."""
    retry: timedelta | None = None
    """After a failure; None: at its next turn, which comes soon."""
    limit: timedelta
    """Wall time after which it is ended, so that one that hangs does not hold up the others."""
    then: tuple[JobId, ...] = ()
    """Jobs that run at once after it did something."""


Plan = Mapping[JobId, Job]


_UNTIL_NEXT = timedelta(hours=20)
_SOON = timedelta(minutes=5)
_LATER = timedelta(minutes=30)


def plan_jobs(settings: Settings) -> Plan:
    """Return the jobs of an installation, by id."""
    digest = settings.digest
    weekly = At(digest.foreign_sending_hour, weekday=digest.foreign_weekday)
    jobs = [
        # Outlets are asked every five minutes at most (`crawlers.polling`): a short turn adds little to that wait.
        Job(id="crawl", when=_minutes(2), limit=CRAWL_SLICE + timedelta(minutes=3), then=("process",)),
        # A backstop: pages that a crawl brought are processed right after it.
        Job(id="process", when=_minutes(10), limit=PROCESS_SLICE + timedelta(hours=1), then=("alerts",)),
        Job(id="index", when=_minutes(5), limit=timedelta(hours=2)),
        # Besides after each batch of new articles: timers and quiet days change alerts without any.
        Job(id="alerts", when=_minutes(15), limit=timedelta(minutes=15)),
        Job(id="deliver", when=_minutes(1), lane="send", limit=timedelta(minutes=30)),
        # One edition a day: it is worth having until the next one is due.
        Job(id="digest", when=At(digest.sending_hour), grace=_UNTIL_NEXT, retry=_SOON, limit=timedelta(minutes=30)),
        Job(id="foreign", when=weekly, grace=timedelta(days=5), retry=_SOON, limit=timedelta(minutes=30)),
        Job(id="reminders", when=At(7, 30), grace=_UNTIL_NEXT, retry=_SOON, limit=timedelta(minutes=5)),
        # Twice missing is gone: a removal is known within half a day. What a slice leaves out comes first in the next.
        Job(id="recheck", when=Every(timedelta(hours=6)), limit=CRAWL_SLICE + timedelta(minutes=3)),
        Job(id="backup", when=At(2, 30), grace=_UNTIL_NEXT, retry=_LATER, limit=timedelta(hours=2)),
        Job(id="purge", when=At(3, 30), grace=_UNTIL_NEXT, retry=_LATER, limit=timedelta(hours=1)),
    ]
    if settings.store.url and not settings.store.url.startswith("sqlite"):
        jobs = [job for job in jobs if job.id != "backup"]  # a server's database is copied by its own tools
    return MappingProxyType({job.id: job for job in jobs})


def _minutes(number: int) -> Every:
    return Every(timedelta(minutes=number))


def next_turn(when: Every | At, after: datetime) -> datetime:
    """Return the first turn of a cadence after an instant, aware UTC or as aware as given."""
    if isinstance(when, Every):
        return after + when.period
    local = after.astimezone(LOCAL_ZONE)
    turn = local.replace(hour=when.hour, minute=when.minute, second=0, microsecond=0)
    if when.weekday is not None:
        turn += timedelta(days=(WEEKDAYS.index(when.weekday) - turn.weekday()) % 7)
    if turn <= local:
        turn += timedelta(days=1 if when.weekday is None else 7)
    return turn.astimezone(after.tzinfo)


def is_owed(job: Job, done_at: datetime | None, *, interrupted: bool, now: datetime) -> bool:
    """Tell whether a job has something to make up for at a start.

    It was ``interrupted`` in its last run, or a turn at a time of day passed since it was done and is not too late. So
    nothing is lost when the program is killed at any moment between a turn and its end, whatever it remembers of turns.
    """
    if interrupted:
        return True
    if isinstance(job.when, Every) or done_at is None:
        return False
    turn = next_turn(job.when, done_at if job.grace is None else max(done_at, now - job.grace))
    return turn <= now


def first_turn(job: Job, kept_at: datetime | None, *, same_cadence: bool, owed: bool, now: datetime) -> datetime:
    """Return when a job runs first after a start; ``kept_at`` is the turn that an earlier process left, if any.

    A turn that passed is made up for, also after an upgrade that gave the job another cadence.
    """
    if owed or (kept_at is not None and kept_at <= now):
        return now
    if kept_at is not None and same_cadence:
        return min(kept_at, next_turn(job.when, now))  # a clock that was wrong may have left a turn far away
    return now if isinstance(job.when, Every) else next_turn(job.when, now)


def work_slice(longest: timedelta, settings: Settings, now: datetime) -> timedelta:
    """Return how long a piece of work may take: it ends when an edition is due, so that this is issued on time."""
    until_edition = next_turn(At(settings.digest.sending_hour), now) - now
    return max(min(longest, until_edition), SLICE_AT_LEAST)

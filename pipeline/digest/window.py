"""Which edition an article belongs to.

The edition of day D covers [D-1 at ``hour``, D at ``hour``) in Asia/Ho_Chi_Minh. Windows tile time; an article is
in one edition at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from config.localtime import local_day, local_hour

LATE_DAYS = 3
"""Editions after its own in which a late article is still news; later than that it is found by search only."""

ONE_DAY = timedelta(days=1)

NOTHING_SEALED: Mapping[date, datetime] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The edition that an article belongs to."""

    day: date
    late: bool
    """True for «bổ sung»: published in an earlier window, and fetched when that had closed or stored when its edition
    was sealed."""


def window(day: date, hour: int) -> tuple[datetime, datetime]:
    """Return the half-open window [from, to) of the edition of ``day``, aware UTC."""
    return local_hour(day - ONE_DAY, hour), local_hour(day, hour)


def edition_day(at: datetime, hour: int) -> date:
    """Return the day of the edition whose window holds the instant."""
    day = local_day(at)
    return day if at < local_hour(day, hour) else day + ONE_DAY


def last_closed(now: datetime, hour: int) -> date:
    """Return the day of the edition whose window closed last."""
    return edition_day(now, hour) - ONE_DAY


def edition_of(
    published_at: datetime,
    fetched_at: datetime,
    *,
    collecting_since_at: datetime | None,
    hour: int,
    stored_at: datetime | None = None,
    sealed: Mapping[date, datetime] = NOTHING_SEALED,
) -> Edition | None:
    """Return the edition of an article; None when it came too late for any.

    ``collecting_since_at`` is the earliest fetch of the installation (None: it never fetched). What was published
    before that belongs to its own day: a new installation that reads back into the past has no late items.

    ``sealed`` tells when editions were sealed. What was stored later (``stored_at``; None: nobody knows) goes into the
    first edition after it that was not; where all of `LATE_DAYS` were, it stays, and a revision takes it in.
    """
    own = edition_day(published_at, hour)
    closed_at = local_hour(own, hour)
    was_collecting = collecting_since_at is not None and collecting_since_at <= closed_at
    found = own if fetched_at < closed_at or not was_collecting else edition_day(fetched_at, hour)
    days = [own + ONE_DAY * step for step in range((found - own).days, LATE_DAYS + 1)]
    if not days:
        return None
    open_days = (day for day in days if stored_at is None or day not in sealed or stored_at <= sealed[day])
    day = next(open_days, found)
    return Edition(day=day, late=day != own)


def publication_span(day: date, hour: int) -> tuple[datetime, datetime]:
    """Return the span [from, to) of publication times that an article of this edition can have, late ones included."""
    from_at, to_at = window(day, hour)
    return from_at - LATE_DAYS * ONE_DAY, to_at

"""Which edition an article belongs to.

The edition of day D covers [D-1 at ``hour``, D at ``hour``) in Asia/Ho_Chi_Minh. Windows tile time; an article is
in one edition at most.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.localtime import local_day, local_hour

LATE_DAYS = 3
"""Editions after its own in which a late article is still news; later than that it is found by search only."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The edition that an article belongs to."""

    day: date
    late: bool
    """True for «bổ sung»: published in an earlier window that had closed before the article was fetched."""


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
    published_at: datetime, fetched_at: datetime, *, collecting_since_at: datetime | None, hour: int
) -> Edition | None:
    """Return the edition of an article; None when it came too late for any.

    ``collecting_since_at`` is the earliest fetch of the installation (None: it never fetched). What was published
    before that belongs to its own day: a new installation that reads back into the past has no late items.
    """
    own = edition_day(published_at, hour)
    closed_at = local_hour(own, hour)
    was_collecting = collecting_since_at is not None and collecting_since_at <= closed_at
    if fetched_at < closed_at or not was_collecting:
        return Edition(day=own, late=False)
    found = edition_day(fetched_at, hour)
    if (found - own).days > LATE_DAYS:
        return None
    return Edition(day=found, late=True)


def publication_span(day: date, hour: int) -> tuple[datetime, datetime]:
    """Return the span [from, to) of publication times that an article of this edition can have, late ones included."""
    from_at, to_at = window(day, hour)
    return from_at - LATE_DAYS * ONE_DAY, to_at

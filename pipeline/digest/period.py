"""The days an edition covers: one, seven of the foreign press, or any in a row."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from config.localtime import local_day
from pipeline.digest.window import ONE_DAY, publication_span, window
from pipeline.records import Digest, EditionKind

WEEK = 7
LONGEST_DAYS = 92
"""A quarter: the longest that offices report on in one paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Days in a row, both ends included, and what of their press is told."""

    kind: EditionKind
    first: date
    last: date
    """The day the edition is issued for."""

    @classmethod
    def daily(cls, day: date) -> Self:
        return cls(kind="daily", first=day, last=day)

    @classmethod
    def foreign_week(cls, last: date) -> Self:
        """Return the seven days that end with ``last``, of the foreign press."""
        return cls(kind="foreign-weekly", first=last - timedelta(days=WEEK - 1), last=last)

    @classmethod
    def of_days(cls, first: date, last: date) -> Self:
        return cls(kind="range", first=first, last=last)

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=step) for step in range((self.last - self.first).days + 1))

    @property
    def before(self) -> Self:
        """Return as many days of the same kind, just before."""
        length = timedelta(days=len(self.days))
        return type(self)(kind=self.kind, first=self.first - length, last=self.first - ONE_DAY)

    @property
    def name(self) -> str:
        """Return what tells its sealed editions from others of the same last day: ``range.2026-03-02``."""
        return f"range.{self.first.isoformat()}" if self.kind == "range" else self.kind

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def window(self, hour: int) -> tuple[datetime, datetime]:
        """Return [from, to) of the windows of its days together, aware UTC."""
        return window(self.first, hour)[0], window(self.last, hour)[1]

    def publication_span(self, hour: int) -> tuple[datetime, datetime]:
        """Return [from, to) of the publication times its articles can have, late ones included."""
        return publication_span(self.first, hour)[0], publication_span(self.last, hour)[1]


def period_of(digest: Digest) -> Period:
    """Return the days that an edition covers."""
    first = local_day(digest.window_from_at) + ONE_DAY
    return Period(kind=digest.kind, first=first, last=digest.date)

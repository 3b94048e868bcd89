"""The days of a unit that its expected numbers are learnt from, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
from numpy.typing import NDArray

from config.alert_rules import AlertRules
from config.calendar import Calendar, Effect
from pipeline.alerts.days import DayRecord
from pipeline.alerts.week import PRESS_WEEK, WeekShape

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of one unit. It may hold later days than the one to judge; they are not looked at."""

    units: frozenset[str]
    """Historic units it stands for; their own events are expected."""
    first_day: date | None
    """First day that can be trusted; None: there is none."""
    ordinals: NDArray[np.int64]
    """Of the days to learn from (`date.toordinal`), in order: watched well enough, and no holiday."""
    counts: Numbers
    """Their negative reports."""
    factors: Numbers
    """What their expected events made of them."""
    weekdays: NDArray[np.int64]
    """0 is Monday."""
    week: Sequence[float] = PRESS_WEEK
    """Factor of each weekday, Monday first."""

    @classmethod
    def of(
        cls,
        days: Sequence[DayRecord],
        calendar: Calendar,
        rules: AlertRules,
        *,
        units: frozenset[str] = frozenset(),
        week: Sequence[float] = PRESS_WEEK,
    ) -> Self:
        """Return the history of a unit from its days, in order; days that were never collected are missing.

        Holidays are left out: how quiet they are differs from one to the other.
        """
        known = [record for record in days if trusted(record, rules)]
        effects = [calendar.effect(record.day, units) for record in known]
        learnt = [(record, effect) for record, effect in zip(known, effects, strict=True) if effect != "quiet"]
        return cls(
            units=units,
            first_day=known[0].day if known else None,
            ordinals=np.array([record.day.toordinal() for record, _ in learnt], dtype=np.int64),
            counts=np.array([record.negative for record, _ in learnt], dtype=np.float64),
            factors=np.array([effect_factor(effect, rules) for _, effect in learnt], dtype=np.float64),
            weekdays=np.array([record.day.weekday() for record, _ in learnt], dtype=np.int64),
            week=week,
        )


def trusted(record: DayRecord, rules: AlertRules) -> bool:
    """Tell whether enough of the press was watched on a day to judge it, or to learn from it."""
    if record.coverage is None:
        return rules.baseline.assume_complete
    return record.coverage >= rules.baseline.min_coverage


def effect_factor(effect: Effect, rules: AlertRules) -> float:
    """Return what an effect of expected events does to the number of reports."""
    return {"none": 1.0, "peak": rules.expected.peak, "quiet": rules.expected.quiet}[effect]


def tell_week(shape: WeekShape, record: DayRecord, calendar: Calendar, rules: AlertRules) -> None:
    """Let a day show how weekdays differ, when it was watched well enough and no event of the country's moved it."""
    if trusted(record, rules) and calendar.effect(record.day) == "none":
        shape.add(record.day.weekday(), record.negative)

"""Series of days for the tests of alerts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from config.alert_rules import load_alert_rules
from config.calendar import load_calendar
from pipeline.alerts.days import DayEvidence, DayRecord, Verdict
from pipeline.alerts.decide import classify_day
from pipeline.alerts.history import History
from pipeline.alerts.week import PRESS_WEEK

RULES = load_alert_rules()
CALENDAR = load_calendar()
START = date(2026, 5, 25)
"""A Monday; no expected event moves the ten weeks after it but the 21st of June."""


def days(counts: Sequence[int], *, start: date = START, coverage: float | None = 1.0) -> list[DayRecord]:
    """Return one day a count, from ``start`` on."""
    return [
        DayRecord(day=start + timedelta(days=number), negative=count, coverage=coverage)
        for number, count in enumerate(counts)
    ]


def judge(
    past: Sequence[DayRecord],
    count: int,
    *,
    coverage: float | None = 1.0,
    evidence: DayEvidence | None = None,
    on: date | None = None,
    units: frozenset[str] = frozenset(),
    week: Sequence[float] = PRESS_WEEK,
) -> Verdict:
    """Return the verdict on the day after ``past`` (or ``on``) with so many reports."""
    today = DayRecord(day=on or past[-1].day + timedelta(days=1), negative=count, coverage=coverage, evidence=evidence)
    history = History.of(past, CALENDAR, RULES, units=units, week=week)
    return classify_day(history, today, CALENDAR, RULES)


def without(records: Sequence[DayRecord], index: int, **changes: float) -> list[DayRecord]:
    """Return the days with some values of one of them changed."""
    changed = list(records)
    changed[index] = replace(changed[index], **changes)  # type: ignore[arg-type]
    return changed

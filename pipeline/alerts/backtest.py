"""`diembao backtest`: the decision over series of daily counts, day after day, each by what was known before it."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from config.alert_rules import AlertRules
from config.calendar import Calendar
from config.errors import InputError
from pipeline.alerts.days import DayRecord, Verdict
from pipeline.alerts.decide import classify_day
from pipeline.alerts.history import History, tell_week
from pipeline.alerts.week import WeekShape
from pipeline.records import AlertLevel

COLUMNS: Final = ("date", "unit", "negative", "healthy")
"""What a series must have; ``total`` and others may stand beside them."""
OUTPUT_COLUMNS: Final = ("date", "unit", "level", "expected", "observed", "p_value", "state")


LEVEL_WORDS: Final[dict[AlertLevel | None, str]] = {None: "none", 0: "watch", 1: "1", 2: "2", 3: "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A line that holds no day; the others go on."""

    number: int
    """1-based, of the line in the file."""
    reason: str
    """Key of ``messages/alerts.*.yaml``: bad_count, bad_share, bad_day, twice, too_short."""


def read_series(lines: Iterable[str], *, path: str) -> Iterator[tuple[str, DayRecord] | BadRow]:
    """Yield (unit, day) of each line of a CSV file, in its order, or what is wrong with it.

    Raises InputError when the header lacks a column, and for what is no CSV in UTF-8 at all.
    """
    rows = csv.reader(lines)
    try:
        header = [name.strip("\ufeff ") for name in next(rows, [])]
        if missing := [name for name in COLUMNS if name not in header]:
            raise InputError("alerts.no_column", path=path, column=", ".join(missing))
        seen: set[tuple[str, date]] = set()
        for values in rows:
            if not values:
                continue
            found = _day_of(dict(zip(header, values, strict=False)))
            if isinstance(found, tuple) and (found[0], found[1].day) in seen:
                found = "twice"
            if isinstance(found, str):
                yield BadRow(number=rows.line_num, reason=found)
            else:
                seen.add((found[0], found[1].day))
                yield found
    except (UnicodeDecodeError, csv.Error) as exc:
        raise InputError("alerts.not_csv", path=path, detail=exc) from exc


def judge_series(
    series: Sequence[tuple[str, DayRecord]], calendar: Calendar, rules: AlertRules
) -> Iterator[tuple[str, Verdict]]:
    """Yield the verdict of every day of every unit, in order of days, then as given.

    The weekdays are learnt from all units together, as far back as the days that may be learnt from.
    """
    tracks: dict[str, list[DayRecord]] = {}
    by_day: dict[date, list[tuple[str, DayRecord]]] = {}
    for unit, record in sorted(series, key=lambda pair: pair[1].day):
        tracks.setdefault(unit, []).append(record)
        by_day.setdefault(record.day, []).append((unit, record))
    histories = {unit: History.of(days, calendar, rules) for unit, days in tracks.items()}
    shape = WeekShape()
    waiting = deque[DayRecord]()
    for day, records in by_day.items():
        while waiting and waiting[0].day < day - timedelta(days=rules.baseline.lag_days):
            tell_week(shape, waiting.popleft(), calendar, rules)
        week = shape.factors()
        for unit, record in records:
            yield unit, classify_day(replace(histories[unit], week=week), record, calendar, rules)
            waiting.append(record)


def verdict_row(unit: str, verdict: Verdict) -> dict[str, object]:
    """Return one line of the output, by `OUTPUT_COLUMNS`."""
    return {
        "date": verdict.day.isoformat(),
        "unit": unit,
        "level": LEVEL_WORDS[verdict.level],
        "expected": "" if verdict.expected is None else f"{verdict.expected:.3f}",
        "observed": verdict.observed,
        "p_value": "" if verdict.p_value is None else f"{verdict.p_value:.6g}",
        "state": verdict.state,
    }


def _day_of(row: dict[str, str]) -> tuple[str, DayRecord] | str:
    """Return (unit, day) of one row, or the reason why it holds none."""
    values = [row.get(name, "").strip() for name in COLUMNS]
    if not all(values):
        return "too_short"
    day, unit, negative, healthy = values
    try:
        at = date.fromisoformat(day)
    except ValueError:
        return "bad_day"
    if not (negative.isdecimal() and negative.isascii()):
        return "bad_count"
    try:
        share = float(healthy)
    except ValueError:
        return "bad_share"
    if not 0 <= share <= 1:
        return "bad_share"
    return unit, DayRecord(day=at, negative=int(negative), coverage=share)

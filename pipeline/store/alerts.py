"""Alerts: what each day was judged to be, the alerts, and what happened to each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, insert, select, update

from pipeline.records import Alert, AlertEvent, AlertLevel, DayState, FailedSource
from pipeline.store.alert_schema import alert, alert_event, judged_day, watched_day
from pipeline.store.engine import Tables, in_chunks
from pipeline.store.rows import storable

_ALERTS = TypeAdapter(Alert)
_FAILED = TypeAdapter(tuple[FailedSource, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDay:
    """What a local day of a unit was judged to be when it was looked at last."""

    unit: str
    day: date
    state: DayState
    level: AlertLevel | None
    observed: int
    """Negative reports."""
    expected: float | None
    p_value: float | None
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedDay:
    """How much of the press was watched on a local day."""

    day: date
    coverage: float | None
    """Share of the sources due that answered, 0..1; None: nobody knows."""
    failed: tuple[FailedSource, ...] = ()
    """Those that did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UntoldEvent:
    """A step in the life of an alert that nobody was told of yet."""

    seq: int
    event: AlertEvent
    alert: Alert
    """As it is now."""


Change = Callable[[Sequence[Alert]], Sequence[tuple[Alert, AlertEvent]]]
"""What a decision makes of a unit's alerts: each changed or new one, with what happened to it, in order."""


class AlertTables(Tables):
    """The part of the store that holds alerts."""

    def change_alerts(
        self, unit: str, since: date, change: Change, *, days: Sequence[JudgedDay] = ()
    ) -> list[AlertEvent]:
        """Let ``change`` decide on a unit's alerts, and write what it says and the judged days in one transaction.

        It is given the alerts that are not closed and those whose last day is ``since`` or later, oldest first. No
        other process changes them meanwhile; it must not take long.
        """
        with self._db.write() as connection:
            query = select(alert.c.record).where(
                alert.c.unit == unit, (alert.c.state != "closed") | (alert.c.last_day >= since)
            )
            known = [_ALERTS.validate_json(row) for row in connection.execute(query.order_by(alert.c.id)).scalars()]
            events = []
            for changed, event in change(known):
                self._db.upsert(connection, alert, [_alert_row(changed)])
                connection.execute(insert(alert_event), [_event_row(event)])
                events.append(event)
            for some in in_chunks(days):
                self._db.upsert(connection, judged_day, [_day_row(one) for one in some])
        return events

    def alert(self, alert_id: str) -> Alert | None:
        with self._db.read() as connection:
            return _one_alert(connection, alert_id)

    def change_alert(self, alert_id: str, change: Callable[[Alert], tuple[Alert, AlertEvent] | None]) -> Alert | None:
        """Let ``change`` decide on one alert and write what it says; returns the alert as it is then, None: no such."""
        with self._db.write() as connection:
            found = _one_alert(connection, alert_id)
            changed = found and change(found)
            if not changed:
                return found
            self._db.upsert(connection, alert, [_alert_row(changed[0])])
            connection.execute(insert(alert_event), [_event_row(changed[1])])
            return changed[0]

    def alerts(self, *, units: frozenset[str], since: date | None = None, unclosed: bool = False) -> list[Alert]:
        """Return the alerts of some units (slugs as chosen), newest first; ``since`` bounds their last day."""
        query = select(alert.c.record).where(alert.c.unit.in_(sorted(units)))
        if since is not None:
            query = query.where(alert.c.last_day >= since)
        if unclosed:
            query = query.where(alert.c.state != "closed")
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(alert.c.last_day.desc(), alert.c.level.desc(), alert.c.id))
            return [_ALERTS.validate_json(row) for row in rows.scalars()]

    def alert_events(self, alert_id: str) -> list[AlertEvent]:
        """Return what happened to an alert, oldest first."""
        query = select(alert_event).where(alert_event.c.alert_id == alert_id).order_by(alert_event.c.seq)
        with self._db.read() as connection:
            return [_event(row) for row in connection.execute(query).mappings()]

    def untold_events(self) -> list[UntoldEvent]:
        """Return the steps that nobody was told of yet, oldest first."""
        query = select(alert_event, alert.c.record).join(alert).where(alert_event.c.told_at.is_(None))
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(alert_event.c.seq)).mappings().all()
        return [
            UntoldEvent(seq=row["seq"], event=_event(row), alert=_ALERTS.validate_json(row["record"])) for row in rows
        ]

    def mark_told(self, seqs: Sequence[int], at: datetime) -> None:
        """Remember that messages were planned for these steps."""
        with self._db.write() as connection:
            for some in in_chunks(seqs):
                connection.execute(update(alert_event).where(alert_event.c.seq.in_(some)).values(told_at=at))

    def judged_days(self, unit: str, since: date, until: date) -> list[JudgedDay]:
        """Return the days of [since, until) that were judged, in order."""
        columns = judged_day.c
        query = select(judged_day).where(columns.unit == unit, columns.day >= since, columns.day < until)
        with self._db.read() as connection:
            return [JudgedDay(**row) for row in connection.execute(query.order_by(columns.day)).mappings()]

    def watched_days(self, since: date, until: date) -> list[WatchedDay]:
        """Return what was noted of the days of [since, until), in order."""
        query = select(watched_day).where(watched_day.c.day >= since, watched_day.c.day < until)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(watched_day.c.day)).mappings()
            return [WatchedDay(**{**row, "failed": _FAILED.validate_json(row["failed"])}) for row in rows]

    def note_watched(self, days: Sequence[WatchedDay]) -> None:
        """Keep how much of the press was watched; a day noted again is overwritten."""
        with self._db.write() as connection:
            for some in in_chunks(days):
                self._db.upsert(connection, watched_day, [_watched_row(one) for one in some])


def _one_alert(connection: Connection, alert_id: str) -> Alert | None:
    found = connection.execute(select(alert.c.record).where(alert.c.id == alert_id)).scalar()
    return None if found is None else _ALERTS.validate_json(found)


def _alert_row(one: Alert) -> dict[str, Any]:
    record = storable(_ALERTS.dump_json(one).decode())
    return {name: getattr(one, name) for name in ("id", "unit", "state", "level", "day", "last_day")} | {
        "record": record
    }


def _event_row(event: AlertEvent) -> dict[str, Any]:
    return {
        "alert_id": event.alert_id,
        "kind": event.kind,
        "level": event.level,
        "at": event.at,
        "by": storable(event.by),
        "note": storable(event.note),
        "told_at": None,
    }


def _event(row: RowMapping) -> AlertEvent:
    return AlertEvent(**{name: row[name] for name in ("alert_id", "kind", "level", "at", "by", "note")})


def _day_row(one: JudgedDay) -> dict[str, Any]:
    return {name: getattr(one, name) for name in judged_day.c.keys()}  # noqa: SIM118 - a collection of columns


def _watched_row(one: WatchedDay) -> dict[str, Any]:
    return {
        "day": one.day,
        "coverage": one.coverage,
        "failed": storable(_FAILED.dump_json(one.failed).decode()),
    }

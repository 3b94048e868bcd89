"""The check: read the store, judge the days that may have changed, let alerts live, keep what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

import structlog

from config.alert_rules import AlertRules
from config.calendar import Calendar
from config.localtime import local_day, local_hour
from config.settings import Settings
from config.units import members
from pipeline.alerts.days import DayRecord, Verdict
from pipeline.alerts.decide import classify_day
from pipeline.alerts.evidence import grave_alerts, spike_alert
from pipeline.alerts.history import History, tell_week, trusted
from pipeline.alerts.life import Finding, advance
from pipeline.alerts.reports import NegativeReport, evidence_of, negative_reports
from pipeline.alerts.week import WeekShape
from pipeline.digest.coverage import read_coverage, unasked_sources
from pipeline.digest.window import ONE_DAY
from pipeline.records import Alert, AlertDay, AlertEvent, Source
from pipeline.store import Store
from pipeline.store.alerts import JudgedDay, WatchedDay

log = structlog.get_logger()

LATE_DAYS = 2
"""Days before today that are judged again: articles come late, and count on their own day."""
CATCH_UP_DAYS = 28
"""After a pause no day is left out, as far back as this; what is older is no news."""
CHART_DAYS = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchroom:
    """Everything that alerts are made from."""

    store: Store
    settings: Settings
    sources: Sequence[Source]
    rules: AlertRules
    calendar: Calendar
    sensitive: frozenset[str]
    """Topic ids."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """Slugs of the own unit and the watched ones, each once."""
        return tuple(dict.fromkeys((self.settings.province, *self.settings.watch)))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDays:
    """What the store knows of one unit."""

    unit: str
    records: Sequence[DayRecord]
    """In order; days that were never collected are missing."""
    reports: Mapping[date, Sequence[NegativeReport]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What a check came to."""

    events: tuple[AlertEvent, ...]
    today: Mapping[str, Verdict]
    """Unit to what its day is so far."""
    failed: tuple[str, ...]
    """Names of the sources that are down today."""


def check_alerts(room: Watchroom, now: datetime) -> CheckReport:
    """Judge the days that may have changed since the last check, for every unit, and keep what comes of it.

    May be repeated at any time, and come after any pause.
    """
    today = local_day(now)
    starts = {unit: _first_to_judge(room.store, unit, today) for unit in room.chosen}
    watched = _watched(room, min(starts.values()) - _reach(room.rules), now, keep=True)
    known = [_unit_days(room, unit, watched, starts[unit] - _reach(room.rules), today) for unit in room.chosen]
    week = learn_week(known, room, min(starts.values()))
    events: list[AlertEvent] = []
    verdicts: dict[str, Verdict] = {}
    for one in known:
        judged = judge_days(one, room, starts[one.unit], today, now, week=week)
        verdicts[one.unit] = judged[-1][0]
        before = _judged_before(room.store, one.unit, starts[one.unit])
        findings = [*before, *(finding for _, finding in judged)]
        change = partial(advance, findings=findings, rules=room.rules, now=now)
        rows = [_row(one.unit, verdict, now) for verdict, _ in judged]
        events += room.store.change_alerts(one.unit, today - timedelta(days=CATCH_UP_DAYS), change, days=rows)
    for event in events:
        log.info("alert", id=event.alert_id, event_kind=event.kind, level=event.level)
    return CheckReport(
        events=tuple(events), today=verdicts, failed=tuple(source.name for source in watched[today].failed)
    )


def replay_alerts(room: Watchroom, unit: str, since: date, until: date, now: datetime) -> list[Alert]:
    """Return the alerts that a check at the end of each day of [since, until] would have led to; nothing is kept.

    ``until`` is today at the latest. Articles count from the day of their publication on, as if each had been fetched
    at once.
    """
    last_at = min(local_hour(until + ONE_DAY) - timedelta(seconds=1), now)
    watched = _watched(room, since - _reach(room.rules), last_at, keep=False)
    known = _unit_days(room, unit, watched, since - _reach(room.rules), until)
    alerts: dict[str, Alert] = {}
    before: list[Finding] = []
    for day in _days(since, until + ONE_DAY):
        evening = local_hour(day + ONE_DAY) - timedelta(seconds=1)
        week = learn_week([known], room, day)
        ((_, finding),) = judge_days(known, room, day, day, evening, week=week)
        for alert, _ in advance(list(alerts.values()), [*before, finding], room.rules, now=evening):
            alerts[alert.id] = alert
        before = [*before[-CATCH_UP_DAYS:], replace(finding, alerts=())]
    return sorted(alerts.values(), key=lambda alert: (alert.day, alert.id))


def learn_week(known: Sequence[UnitDays], room: Watchroom, day: date) -> Sequence[float]:
    """Return how the weekdays differ, from all units together, by what was known before ``day``."""
    shape = WeekShape()
    latest = day - timedelta(days=room.rules.baseline.lag_days)
    for one in known:
        for record in one.records:
            if record.day < latest:
                tell_week(shape, record, room.calendar, room.rules)
    return shape.factors()


def judge_days(
    known: UnitDays, room: Watchroom, first: date, last: date, now: datetime, *, week: Sequence[float]
) -> list[tuple[Verdict, Finding]]:
    """Return the verdict on each day of [first, last], and what was found of it."""
    records = {record.day: record for record in known.records}
    units = members(known.unit)
    history = History.of(known.records, room.calendar, room.rules, units=units, week=week)
    judged = []
    for day in _days(first, last + ONE_DAY):
        record = records.get(day) or DayRecord(day=day, negative=0, coverage=0.0)
        verdict = classify_day(history, record, room.calendar, room.rules)
        reports = known.reports.get(day, ())
        chart = _chart(records, history, day, room) if verdict.level is not None or reports else ()
        spike = spike_alert(known.unit, verdict, reports, chart, room.settings.language, now)
        grave = grave_alerts(known.unit, verdict, reports, chart, room.rules, now)
        judged.append((verdict, Finding(day=day, state=verdict.state, alerts=(*((spike,) if spike else ()), *grave))))
    return judged


# ---- reading the store ----------------------------------------------------------------------------------------------


def _first_to_judge(store: Store, unit: str, today: date) -> date:
    """Return the first day that may have changed since the last check, or that no check has seen."""
    judged = store.judged_days(unit, today - timedelta(days=CATCH_UP_DAYS), today + ONE_DAY)
    last = judged[-1].day if judged else today
    return max(last - timedelta(days=LATE_DAYS), today - timedelta(days=CATCH_UP_DAYS))


def _reach(rules: AlertRules) -> timedelta:
    """Return how far before a day its history begins."""
    return timedelta(days=rules.baseline.long_days + rules.baseline.lag_days)


def _watched(room: Watchroom, since: date, now: datetime, *, keep: bool) -> dict[date, WatchedDay]:
    """Return how much of the press was watched on each day from ``since`` to today; ``keep`` what is past change."""
    today = local_day(now)
    known = {one.day: one for one in room.store.watched_days(since, today - timedelta(days=LATE_DAYS))}
    fresh = [_watched_day(room, day, now) for day in _days(since, today + ONE_DAY) if day not in known]
    if keep:
        room.store.note_watched([one for one in fresh if one.day < today - timedelta(days=LATE_DAYS)])
    return known | {one.day: one for one in fresh}


def _watched_day(room: Watchroom, day: date, now: datetime) -> WatchedDay:
    """Ask the crawl ledger; polls of the following day still collect what was published on this one."""
    until_at, lang = min(local_hour(day + 2 * ONE_DAY), now), room.settings.language
    coverage = read_coverage(
        room.store, room.sources, local_hour(day), local_hour(day + ONE_DAY), lang, until_at=until_at
    )
    if coverage is None:
        return WatchedDay(day=day, coverage=None, failed=unasked_sources(room.store, room.sources, until_at, lang))
    return WatchedDay(day=day, coverage=coverage.healthy / coverage.due, failed=coverage.failed)


def _unit_days(room: Watchroom, unit: str, watched: Mapping[date, WatchedDay], since: date, today: date) -> UnitDays:
    """Count a unit's negative reports by their local day. A day of which nobody knows anything is left out."""
    documents = room.store.documents(local_hour(since), local_hour(today + ONE_DAY), units=members(unit))
    reports: dict[date, list[NegativeReport]] = {}
    for report in negative_reports(documents, members(unit), mute=room.settings.mute, sensitive=room.sensitive):
        reports.setdefault(report.day, []).append(report)
    collected = room.store.published_days(local_hour(since), local_hour(today + ONE_DAY))
    records = []
    for day in _days(since, today + ONE_DAY):
        if watched[day].coverage is None and day not in collected:
            continue
        of_day = reports.get(day, [])
        records.append(
            DayRecord(
                day=day,
                negative=len(of_day),
                coverage=watched[day].coverage,
                evidence=evidence_of(of_day),
                failed=watched[day].failed,
            )
        )
    return UnitDays(unit=unit, records=records, reports=reports)


def _judged_before(store: Store, unit: str, first: date) -> list[Finding]:
    """Return what earlier checks found of the days before ``first``, as far as an alert may wait for quiet days."""
    judged = store.judged_days(unit, first - timedelta(days=CATCH_UP_DAYS), first)
    return [Finding(day=one.day, state=one.state) for one in judged]


# ---- small steps ----------------------------------------------------------------------------------------------------


def _chart(records: Mapping[date, DayRecord], history: History, last: date, room: Watchroom) -> tuple[AlertDay, ...]:
    """Return the days that lead up to an alert, with what was expected of each."""
    days = []
    for day in _days(last - timedelta(days=CHART_DAYS - 1), last + ONE_DAY):
        record = records.get(day)
        if record is None or not trusted(record, room.rules):
            days.append(AlertDay(day=day, observed=None, expected=None))
            continue
        expected = classify_day(history, record, room.calendar, room.rules).expected
        days.append(AlertDay(day=day, observed=record.negative, expected=expected))
    return tuple(days)


def _row(unit: str, verdict: Verdict, now: datetime) -> JudgedDay:
    return JudgedDay(
        unit=unit,
        day=verdict.day,
        state=verdict.state,
        level=verdict.level,
        observed=verdict.observed,
        expected=verdict.expected,
        p_value=verdict.p_value,
        judged_at=now,
    )


def _days(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((end - first).days))

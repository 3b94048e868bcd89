"""The life of an alert: opened, updated, raised, acknowledged, escalated, closed, perhaps reopened. Pure.

The clock and the days come in; what happened goes out, in order. Told the same twice, nothing happens the second time,
so that a check may be repeated, or come after any pause.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from config.alert_rules import AlertRules
from config.localtime import local_hour
from pipeline.alerts.evidence import ranked
from pipeline.records import Alert, AlertEvent, AlertEventKind, AlertStory, DayState

Step = tuple[Alert, AlertEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of one local day of a unit."""

    day: date
    state: DayState
    alerts: tuple[Alert, ...] = ()
    """As if each were new."""


def advance(known: Sequence[Alert], findings: Sequence[Finding], rules: AlertRules, *, now: datetime) -> list[Step]:
    """Return what happens to a unit's alerts, each step with the alert as it is then.

    ``known``: those that are not closed, and those closed of late. ``findings`` in order of days up to today; they
    reach back far enough to hold the quiet days after which an alert closes. Days are taken one after the other, so
    that it does not matter how many of them a check finds.
    """
    alerts = {alert.id: alert for alert in known}
    steps: list[Step] = []

    def keep(step: Step | None) -> None:
        if step:
            alerts[step[0].id] = step[0]
            steps.append(step)

    for finding in findings:
        for alert in list(alerts.values()):
            keep(_closed(alert, findings, finding.day, rules, now))
        for candidate in finding.alerts:
            keep(_taken(list(alerts.values()), candidate, rules, now))
    for alert in list(alerts.values()):
        keep(_escalated(alert, rules, now))
    return steps


def acknowledge(alert: Alert, *, by: str, note: str, now: datetime) -> Step | None:
    """Return the alert as somebody has taken it on; None when it is closed, or taken on already."""
    if alert.state != "open":
        return None
    changed = replace(alert, state="acknowledged", acknowledged_at=now, acknowledged_by=by, updated_at=now)
    return changed, _event(changed, "acknowledged", now, by=by, note=note)


def hand_back(alert: Alert, *, by: str, note: str, now: datetime) -> Step | None:
    """Return the alert as it waits for somebody anew; None when nobody has taken it on, or it is closed."""
    if alert.state != "acknowledged":
        return None
    waiting = replace(_waiting(alert, now), updated_at=now)
    return waiting, _event(waiting, "handed_back", now, by=by, note=note)


def _waiting(alert: Alert, now: datetime) -> Alert:
    """Return the alert as it waits from now on for somebody to take it on."""
    return replace(
        alert,
        state="open",
        raised_at=now,
        acknowledged_at=None,
        acknowledged_by="",
        escalated_at=None,
        closed_at=None,
    )


def _taken(alerts: Sequence[Alert], candidate: Alert, rules: AlertRules, now: datetime) -> Step | None:
    """Open the candidate, or let the alert that it belongs to go on; None when that knows it all."""
    same = [alert for alert in alerts if _belongs(candidate, alert)]
    if any(alert.state == "closed" and _covers(alert, candidate) for alert in same):
        return None
    same.sort(key=lambda alert: _documents(alert).isdisjoint(_documents(candidate)))
    going_on = next((alert for alert in same if alert.state != "closed"), None)
    if going_on:
        return _merged(going_on, candidate, now)
    cooldown = timedelta(hours=rules.state.cooldown_hours)
    warm = next((alert for alert in same if alert.closed_at and _began(candidate) - alert.closed_at < cooldown), None)
    if warm is None:
        return candidate, _event(candidate, "opened", now)
    reopened = _waiting(warm, now)
    return _merged(reopened, candidate, now) if candidate.level > warm.level else _reopened(reopened, candidate, now)


def _reopened(alert: Alert, candidate: Alert, now: datetime) -> Step:
    joined = _joined(alert, candidate, now)
    return joined, _event(joined, "reopened", now)


def _began(alert: Alert) -> datetime:
    """Return when the first report behind a new alert was published; when it was found, if there is none."""
    return min((story.published_at for story in alert.stories), default=alert.opened_at)


def _belongs(candidate: Alert, alert: Alert) -> bool:
    """A spike goes on with any spike, a grave article with the alert that holds it or is on its lasting matter.

    Not with what its story was on another day: a second official who is charged may be taken for the first one's story.
    """
    if alert.kind != candidate.kind:
        return False
    if alert.kind == "spike" or not _documents(alert).isdisjoint(_documents(candidate)):
        return True
    return not _matters(alert).isdisjoint(_matters(candidate))


def _covers(alert: Alert, candidate: Alert) -> bool:
    """Tell whether a closed alert was about this already."""
    if alert.kind == "spike":
        return alert.day <= candidate.day <= alert.last_day
    return _documents(candidate) <= _documents(alert)


def _merged(alert: Alert, candidate: Alert, now: datetime) -> Step | None:
    joined = _joined(alert, candidate, now)
    if joined.level > alert.level:
        raised = _waiting(joined, now)
        return raised, _event(raised, "raised", now)
    if (joined.last_day, joined.observed, _documents(joined)) == (alert.last_day, alert.observed, _documents(alert)):
        return None
    return joined, _event(joined, "updated", now)


def _joined(alert: Alert, candidate: Alert, now: datetime) -> Alert:
    """Return the alert with the candidate's day: its figures when it is the gravest, its stories, the later chart."""
    known = [story for story in alert.stories if not _told_anew(story, candidate)]
    joined = replace(
        alert,
        level=max(alert.level, candidate.level),
        day=min(alert.day, candidate.day),
        last_day=max(alert.last_day, candidate.last_day),
        stories=ranked([*known, *candidate.stories]),
        updated_at=now,
    )
    if candidate.last_day >= alert.last_day:
        joined = replace(joined, days=candidate.days)
    if candidate.peak_day == alert.peak_day or _graver(candidate, alert):
        joined = replace(
            joined,
            peak_day=candidate.peak_day,
            observed=candidate.observed,
            expected=candidate.expected,
            p_value=candidate.p_value,
            outlets=candidate.outlets,
            qualifiers=candidate.qualifiers,
            events=candidate.events,
        )
        if joined.kind == "grave":
            most = next(story for story in joined.stories if story.day == joined.peak_day)
            joined = replace(joined, outlets=most.outlets, qualifiers=most.marks)
    return joined


def _told_anew(story: AlertStory, candidate: Alert) -> bool:
    """Tell whether the candidate replaces a story: a spike has all of its day, a grave article only its own."""
    same_day = story.day == candidate.day
    return same_day and (candidate.kind == "spike" or not _documents(candidate).isdisjoint(story.documents))


def _graver(one: Alert, other: Alert) -> bool:
    def rank(alert: Alert) -> tuple[int, float]:
        return alert.level, -(1.0 if alert.p_value is None else alert.p_value)

    return rank(one) > rank(other)


def _closed(alert: Alert, findings: Sequence[Finding], day: date, rules: AlertRules, now: datetime) -> Step | None:
    """Close when ``day`` begins, after enough whole days without an alarm; one hardly watched is no quiet day."""
    quiet = sum(alert.last_day < one.day < day and one.state != "insufficient_data" for one in findings)
    if alert.state == "closed" or quiet < rules.state.quiet_days:
        return None
    closed = replace(alert, state="closed", closed_at=local_hour(day), updated_at=now)
    return closed, _event(closed, "closed", now)


def _escalated(alert: Alert, rules: AlertRules, now: datetime) -> Step | None:
    hours = rules.state.escalate_hours.get(alert.level) if alert.level else None
    if alert.state != "open" or alert.escalated_at or hours is None or now - alert.raised_at < timedelta(hours=hours):
        return None
    escalated = replace(alert, escalated_at=now, updated_at=now)
    return escalated, _event(escalated, "escalated", now)


def _documents(alert: Alert) -> frozenset[str]:
    return frozenset(document for story in alert.stories for document in story.documents)


def _matters(alert: Alert) -> frozenset[str]:
    return frozenset(story.matter for story in alert.stories if story.matter)


def _event(alert: Alert, kind: AlertEventKind, now: datetime, *, by: str = "", note: str = "") -> AlertEvent:
    return AlertEvent(alert_id=alert.id, kind=kind, level=alert.level, at=now, by=by, note=note)

"""An alert as plain JSON for other programs, and as a digest tells it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from config.localtime import LOCAL_ZONE
from pipeline.records import Alert, AlertEvent, AlertStory, DigestAlert

FACTS_VERSION = 1
DIGITS = 6


def alert_facts(alert: Alert) -> dict[str, Any]:
    """Return what a webhook or ``alerts show --json`` says of an alert. Instants carry Viet Nam's offset."""
    return {
        "version": FACTS_VERSION,
        "id": alert.id,
        "unit": alert.unit,
        "kind": alert.kind,
        "level": alert.level,
        "state": state_of(alert),
        "day": alert.day.isoformat(),
        "last_day": alert.last_day.isoformat(),
        "peak_day": alert.peak_day.isoformat(),
        "observed": alert.observed,
        "expected": _rounded(alert.expected),
        "p_value": _rounded(alert.p_value),
        "outlets": alert.outlets,
        "qualifiers": list(alert.qualifiers),
        "events": list(alert.events),
        "opened_at": _instant(alert.opened_at),
        "updated_at": _instant(alert.updated_at),
        "acknowledged": {"by": alert.acknowledged_by, "at": _instant(alert.acknowledged_at)}
        if alert.acknowledged_at
        else None,
        "escalated_at": _instant(alert.escalated_at),
        "closed_at": _instant(alert.closed_at),
        "stories": [_story_facts(story) for story in alert.stories],
        "days": [
            {"date": day.day.isoformat(), "observed": day.observed, "expected": _rounded(day.expected)}
            for day in alert.days
        ],
    }


def event_facts(event: AlertEvent) -> dict[str, Any]:
    """Return one step in the life of an alert."""
    return {
        "event": event.kind,
        "level": event.level,
        "at": _instant(event.at),
        "by": event.by,
        "note": event.note,
    }


def digest_alerts(alerts: Iterable[Alert], since: date, until: date) -> tuple[DigestAlert, ...]:
    """Return what an edition says of the alerts that had an alarm in [since, until], or went on into it unclosed."""
    return tuple(
        DigestAlert(
            id=alert.id,
            kind=alert.kind,
            level=alert.level,
            unit=alert.unit,
            day=alert.peak_day,
            observed=alert.observed,
            expected=None if alert.expected is None else round(alert.expected, 2),
            title=alert.stories[0].title if alert.stories else alert.id,
            state=state_of(alert),
        )
        for alert in alerts
        if alert.day <= until and (alert.state != "closed" or alert.last_day >= since)
    )


def state_of(alert: Alert) -> str:
    """Return the state in one word: opened, updated, escalated, acknowledged, closed."""
    if alert.state != "open":
        return alert.state
    if alert.escalated_at:
        return "escalated"
    return "updated" if alert.last_day > alert.day else "opened"


def _story_facts(story: AlertStory) -> dict[str, Any]:
    return {
        "id": story.id,
        "date": story.day.isoformat(),
        "title": story.title,
        "url": story.url,
        "outlet": story.outlet,
        "country": story.country,
        "language": story.language,
        "published_at": _instant(story.published_at),
        "outlets": story.outlets,
        "sentence": story.sentence,
        "tone_score": story.tone_score,
        "marks": list(story.marks),
        "documents": list(story.documents),
        "matter": story.matter,
    }


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(LOCAL_ZONE).isoformat() if at else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)

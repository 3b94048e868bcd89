"""One installation's alerts: checked, told, read and answered. Wired by `pipeline.app`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from classifiers.topics import sensitive_topics
from config.alert_rules import ALERTS_FILE, AlertRules, load_alert_rules
from config.calendar import load_calendar
from config.errors import ConfigError, UsageError
from config.localtime import local_day
from config.messages import Lang
from config.settings import Settings
from pipeline.alerts.check import CheckReport, Watchroom, check_alerts, replay_alerts
from pipeline.alerts.facts import alert_facts, digest_alerts, event_facts
from pipeline.alerts.life import Step, acknowledge, hand_back
from pipeline.deliver.office import SendingOffice
from pipeline.deliver.planning import Rendered
from pipeline.digest.period import Period
from pipeline.digest.window import ONE_DAY
from pipeline.records import Alert, AlertEvent, AlertEventKind, DigestAlert, Source
from pipeline.store import Store
from pipeline.store.alerts import JudgedDay

if TYPE_CHECKING:
    from dashboards.alerts.notice import Notice

# ruff: noqa: PLC0415 - the chart library is imported when an alert is drawn

AlertFormat = Literal["html", "text"]


class Answer(Protocol):
    """What a person does about an alert; None: nothing, as it is."""

    def __call__(self, alert: Alert, *, by: str, note: str, now: datetime) -> Step | None: ...


class AlertDesk:
    """Alerts of one home folder; nothing is read before it is asked for."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        store: Store,
        sources: Sequence[Source],
        office: SendingOffice,
        now: Callable[[], datetime],
    ) -> None:
        self._home, self._settings, self._store = home, settings, store
        self._sources, self._office, self._now = sources, office, now

    @cached_property
    def room(self) -> Watchroom:
        """Rules, calendar and everything else a check goes by. Raises ConfigError."""
        return Watchroom(
            store=self._store,
            settings=self._settings,
            sources=self._sources,
            rules=_checked(load_alert_rules(self._home)),
            calendar=load_calendar(self._home),
            sensitive=sensitive_topics(),
        )

    def check(self, *, assume_complete: bool = False) -> CheckReport:
        """Judge what may have changed, and plan messages for what happened. May be repeated at any time."""
        report = check_alerts(self._room(assume_complete), self._now())
        self._office.plan_alerts(self._rendered)
        return report

    def replay(self, unit: str, since: date, until: date, *, assume_complete: bool) -> list[Alert]:
        """Return the alerts that checks over some past days would have led to; nothing is kept or told.

        Raises UsageError for days to come.
        """
        now = self._now()
        if until > local_day(now):
            raise UsageError("alerts.future", today=local_day(now))
        return replay_alerts(self._room(assume_complete), unit, since, until, now)

    def alerts(self, *, units: Sequence[str] = (), since: date | None = None, unclosed: bool = False) -> list[Alert]:
        """Return alerts of the units (slugs; none: all that are watched), newest first."""
        return self._store.alerts(units=frozenset(units or self.room.chosen), since=since, unclosed=unclosed)

    def last_days(self, day: date) -> list[JudgedDay]:
        """Return what ``day`` was judged to be for each watched unit, as far as it was."""
        end = day + ONE_DAY
        return [one for unit in self.room.chosen for one in self._store.judged_days(unit, day, end)]

    def alert(self, alert_id: str) -> Alert:
        """Return one alert. Raises UsageError when there is none of that id."""
        found = self._store.alert(alert_id)
        if found is None:
            raise UsageError("alerts.no_such", id=alert_id)
        return found

    def events(self, alert_id: str) -> list[AlertEvent]:
        """Return what happened to an alert, oldest first."""
        return self._store.alert_events(alert_id)

    def acknowledge(self, alert_id: str, *, by: str, note: str = "") -> Alert:
        """Note who has taken an alert on. Raises UsageError when there is none, or it is not open any more."""
        alert, changed = self._answered(acknowledge, alert_id, by, note)
        if not changed:
            key = "alerts.closed" if alert.state == "closed" else "alerts.taken"
            raise UsageError(key, id=alert_id, by=alert.acknowledged_by)
        return alert

    def hand_back(self, alert_id: str, *, by: str, note: str = "") -> Alert:
        """Note that nobody has taken an alert on after all. Raises UsageError when there is none, or nobody had."""
        alert, changed = self._answered(hand_back, alert_id, by, note)
        if not changed:
            raise UsageError("alerts.not_taken", id=alert_id)
        return alert

    def _answered(self, answer: Answer, alert_id: str, by: str, note: str) -> tuple[Alert, bool]:
        """Let a person's answer change an alert; returns it as it is then, and whether the answer did anything."""
        if not by.strip():
            raise UsageError("alerts.nobody")
        steps: list[Step] = []

        def change(alert: Alert) -> Step | None:
            step = answer(alert, by=by.strip(), note=note, now=self._now())
            steps.extend([step] if step else [])
            return step

        alert = self._store.change_alert(alert_id, change)
        if alert is None:
            raise UsageError("alerts.no_such", id=alert_id)
        return alert, bool(steps)

    def for_digest(self, period: Period) -> tuple[DigestAlert, ...]:
        """Return what an edition says of the own unit's alerts: its first window began on the local day before."""
        since, units = period.first - ONE_DAY, [self._settings.province]
        told = (*self.alerts(units=units, since=since), *self.alerts(units=units, unclosed=True))
        return digest_alerts({one.id: one for one in told}.values(), since, period.last)

    def render(self, alert: Alert, lang: Lang, format_: AlertFormat) -> str:
        """Return an alert as a page or as text."""
        from dashboards.alerts.render import render_html, render_text

        happened: AlertEventKind = "closed" if alert.state == "closed" else "updated"
        if alert.state == "acknowledged":
            happened = "acknowledged"
        return {"html": render_html, "text": render_text}[format_](self._notice(alert, happened, lang))

    def _room(self, assume_complete: bool) -> Watchroom:
        if not assume_complete:
            return self.room
        rules = self.room.rules
        baseline = rules.baseline.model_copy(update={"assume_complete": True})
        return replace(self.room, rules=rules.model_copy(update={"baseline": baseline}))

    def _rendered(self, alert: Alert, event: AlertEvent, lang: Lang) -> Rendered:
        from dashboards.alerts.render import compose_mail, note_of

        notice = self._notice(alert, event.kind, lang)
        title, body = note_of(notice)
        return Rendered(
            mail=compose_mail(notice, self._office.head.sender),
            title=title,
            body=body,
            data=alert_facts(alert) | {"event": event_facts(event)},
            language=lang,
        )

    def _notice(self, alert: Alert, happened: AlertEventKind, lang: Lang) -> "Notice":
        from dashboards.alerts.notice import Notice

        settings = self._settings
        return Notice(
            alert=alert,
            happened=happened,
            lang=lang,
            quiet_days=self.room.rules.state.quiet_days,
            kibana_url=settings.kibana.url if alert.unit == settings.province else "",
            contact=settings.contact,
            internal=settings.digest.internal,
        )


def _checked(rules: AlertRules) -> AlertRules:
    """Return the rules. Raises ConfigError when a lasting matter's topic is none that makes an article grave."""
    known = sorted(sensitive_topics())
    for name, matter in rules.grave.lasting.items():
        if matter.topic not in known:
            near = ", ".join(get_close_matches(matter.topic, known, n=3) or known)
            key = f"grave.lasting.{name}.topic"
            raise ConfigError("alerts.not_sensitive", file=ALERTS_FILE, key=key, value=matter.topic, near=near)
    return rules

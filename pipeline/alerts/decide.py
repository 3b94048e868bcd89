"""The decision: is a day's negative coverage unusual, and how much. Pure; live operation and backtests share it."""

from typing import Literal

from config.alert_rules import AlertRules
from config.calendar import Calendar
from pipeline.alerts.baseline import fit_baseline
from pipeline.alerts.days import DayRecord, Verdict
from pipeline.alerts.history import History, trusted
from pipeline.alerts.negative_binomial import upper_tail
from pipeline.records import ALERT_LEVELS, AlertLevel, Qualifier


def classify_day(history: History, today: DayRecord, calendar: Calendar, rules: AlertRules) -> Verdict:
    """Return what ``today`` is by the days before it; its level is None where there is nothing to alert."""
    if not trusted(today, rules):
        return _without_figures(today, "insufficient_data")
    baseline = fit_baseline(history, today.day, calendar, rules)
    if baseline is None:
        return _without_figures(today, "learning")
    p_value = upper_tail(today.negative, baseline.mean, baseline.spread)
    qualifiers = _qualifiers(today, rules) if p_value <= rules.levels.watch else ()
    level = _level(today, p_value, raised=bool(qualifiers), rules=rules)
    return Verdict(
        day=today.day,
        state="ok" if level is None else "alert",
        level=level,
        observed=today.negative,
        expected=baseline.mean,
        p_value=p_value,
        qualifiers=() if level is None else qualifiers,
        events=tuple(event for event in calendar.on(today.day, history.units) if event.effect != "none"),
    )


def _without_figures(today: DayRecord, state: Literal["insufficient_data", "learning"]) -> Verdict:
    failed = today.failed if state == "insufficient_data" else ()
    return Verdict(
        day=today.day, state=state, level=None, observed=today.negative, expected=None, p_value=None, failed=failed
    )


def _level(today: DayRecord, p_value: float, *, raised: bool, rules: AlertRules) -> AlertLevel | None:
    """Return the level of a p-value, one higher when something qualifies; None below the minimum count."""
    sensitive = today.evidence is not None and today.evidence.sensitive > 0
    least = min(rules.minimum.reports, rules.minimum.sensitive) if sensitive else rules.minimum.reports
    if today.negative < least or p_value > rules.levels.watch:
        return None
    limits = rules.levels
    outlets = today.evidence.outlets if today.evidence else today.negative  # a report is an outlet's at least
    grave = p_value <= limits.level_3 and outlets >= limits.level_3_outlets
    reached = (p_value <= limits.level_1) + (p_value <= limits.level_2) + grave
    return ALERT_LEVELS[min(reached + raised, len(ALERT_LEVELS) - 1)]


def _qualifiers(today: DayRecord, rules: AlertRules) -> tuple[Qualifier, ...]:
    """Return what of the evidence calls for one level more."""
    if today.evidence is None:
        return ()
    wanted, evidence = rules.qualifiers, today.evidence
    found: dict[Qualifier, bool] = {
        "sensitive": wanted.sensitive and evidence.sensitive > 0,
        "foreign": wanted.foreign and evidence.foreign > 0,
        "tier_1": 0 < wanted.tier_1_outlets <= evidence.tier_1,
    }
    return tuple(name for name, holds in found.items() if holds)

"""How many negative reports a day should have: a negative binomial fitted to the unit's own past.

The level rests on the last 28 days that can be trusted, two days before the one to judge and further back (as EARS C2
lags its baseline: Hutwagner et al. 2003), with the level of the half year before as a prior. Past spikes count only up
to a cap, so that one event neither hides the next nor inflates the spread (Farrington et al. 1996 weigh them down for
the same reason). What is not known of the level widens the distribution that a day is judged by.

The constants were chosen on the daily mentions of 64 provinces over 380 days by the log score of each day's forecast,
floored at 1/1000 so that real spikes do not rule it; each is flat around its value (changes below 0.5 %).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from config.alert_rules import AlertRules
from config.calendar import Calendar
from pipeline.alerts.history import History, Numbers, effect_factor

LEVEL_PRIOR_DAYS = 28.0
"""Days that the level of the half year before weighs: as many as the window itself."""
FIRST_LEVEL = 0.5
"""Reports a day that are believed of a province nothing is known of; worth `FIRST_LEVEL_DAYS` days."""
FIRST_LEVEL_DAYS = 1.0

SPREAD_PRIOR = 0.4
"""Variance beyond Poisson over the squared mean: the middle of what the provinces show (0.1 to 1)."""
SPREAD_PRIOR_WEIGHT = 50.0
"""In sums of squared means: some days of a big province, a year of a small one, who cannot know its spread."""
LEAST_SPREAD = 0.05

SPIKE_SIGMAS = 3.0
"""A past day counts up to so many standard deviations above what was expected of it."""
ROUNDS = 4
"""Of fitting and capping; the level moves by less than a hundredth in a fifth one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is expected of one day, as mean and spread (variance = mean + spread · mean²)."""

    mean: float
    spread: float


def fit_baseline(history: History, day: date, calendar: Calendar, rules: AlertRules) -> Baseline | None:
    """Return what is expected of ``day`` from the days before it; None while too little is known."""
    if history.first_day is None or (day - history.first_day).days < rules.baseline.learning_days:
        return None
    end = day.toordinal() - rules.baseline.lag_days
    first, last = np.searchsorted(history.ordinals, (end - rules.baseline.long_days, end))
    if first == last:
        return None
    factors = history.factors[first:last] * np.array(history.week)[history.weekdays[first:last]]
    level, spread, known_days = _fit(history.counts[first:last], factors, rules.baseline.window_days)
    today = effect_factor(calendar.effect(day, history.units), rules) * history.week[day.weekday()]
    return Baseline(mean=level * today, spread=spread + (1.0 / level + spread) / known_days)


def _fit(counts: Numbers, factors: Numbers, window_days: int) -> tuple[float, float, float]:
    """Return level, spread and the days that the level rests on. ``counts`` in order of days."""
    recent, older = slice(-window_days, None), slice(None, -window_days)
    level = max(float(np.median(counts / factors)), FIRST_LEVEL)
    spread = SPREAD_PRIOR
    older_days = float(factors[older].sum())
    prior_days = min(LEVEL_PRIOR_DAYS, older_days)
    known_days = float(factors[recent].sum()) + prior_days + FIRST_LEVEL_DAYS
    for _ in range(ROUNDS):
        usual = level * factors
        capped = np.minimum(counts, np.maximum(usual + SPIKE_SIGMAS * np.sqrt(usual + spread * usual**2), 1.0))
        older_level = float(capped[older].sum()) / older_days if older_days else level
        told = float(capped[recent].sum()) + older_level * prior_days + FIRST_LEVEL * FIRST_LEVEL_DAYS
        level = told / known_days
        usual = np.concatenate([older_level * factors[older], level * factors[recent]])
        beyond = float((((capped - usual) ** 2) - usual).sum()) + SPREAD_PRIOR * SPREAD_PRIOR_WEIGHT
        spread = max(beyond / (float((usual**2).sum()) + SPREAD_PRIOR_WEIGHT), LEAST_SPREAD)
    return level, spread, known_days

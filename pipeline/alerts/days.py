"""What is known of a unit's days: how many negative reports, how much of the press was watched, and what stood out."""

from dataclasses import dataclass
from datetime import date

from config.calendar import ExpectedEvent
from pipeline.records import AlertLevel, DayState, FailedSource, Qualifier


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEvidence:
    """What the negative reports of a day have in common with trouble."""

    outlets: int
    """Different outlets among them."""
    tier_1: int
    """Of these, outlets of national or world reach."""
    foreign: int
    """Of these, outlets from abroad."""
    sensitive: int
    """Reports on a sensitive topic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """One local day of one unit."""

    day: date
    negative: int
    """Negative reports (story × outlet) by publication time."""
    coverage: float | None
    """Share of the sources due that answered, 0..1; None: nobody knows."""
    evidence: DayEvidence | None = None
    """None where only the count is known."""
    failed: tuple[FailedSource, ...] = ()
    """Sources that did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a day is, with the figures that say so."""

    day: date
    state: DayState
    level: AlertLevel | None
    """None unless the state is ``alert``."""
    observed: int
    expected: float | None
    """None while nothing can be expected: learning, or too little data."""
    p_value: float | None
    """Chance of so many reports or more on such a day; None as above."""
    qualifiers: tuple[Qualifier, ...] = ()
    """What raised the level."""
    events: tuple[ExpectedEvent, ...] = ()
    """What moved the expected number."""
    failed: tuple[FailedSource, ...] = ()
    """Sources that are down, when the state is ``insufficient_data``."""

"""What the calendar holds for the days of an edition and those that follow."""

from datetime import timedelta

from config.calendar import Calendar
from config.messages import Lang
from pipeline.digest.period import Period
from pipeline.records import DigestEvent

DAYS_AHEAD = 3
"""Events of so many days after the edition are told, so that an office is not taken by surprise."""

LONGEST_TOLD = timedelta(days=14)
"""What lasts longer, such as a year of friendship, would be on every page."""


def events_around(calendar: Calendar, period: Period, units: frozenset[str], lang: Lang) -> tuple[DigestEvent, ...]:
    """Return the events of the edition's days and of the next ones, each once, by day.

    An event of several days stands under its main day; a period longer than `LONGEST_TOLD` is told when it begins.
    """
    days = (*period.days, *(period.last + timedelta(days=step) for step in range(1, DAYS_AHEAD + 1)))
    found = {
        (event.day, event.title(lang)): None
        for day in days
        for event in calendar.on(day, units)
        if event.day == day or (day <= period.last and event.last_day - event.first_day <= LONGEST_TOLD)
    }
    return tuple(DigestEvent(day=day, title=title) for day, title in sorted(found))

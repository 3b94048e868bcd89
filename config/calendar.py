"""Days on which the press is expected to write more or less than usual: ``calendar.yaml`` and ``HOME/calendar.yaml``.

Lunar days are those of the Vietnamese calendar, reckoned at UTC+7. It parts from the Chinese one (UTC+8) now and then:
Tết 2007 and Tết 2030 come a day earlier than in China.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from lunar_vn import LunarDate, lunar_to_solar, solar_to_lunar
from pydantic import AfterValidator, Field, model_validator

from config.errors import ConfigError
from config.files import data_path
from config.messages import Lang
from config.units import find_unit, members
from config.validation import Section, read_as

CALENDAR_FILE = "calendar.yaml"

Effect = Literal["peak", "quiet", "none"]

STRONGEST_FIRST: tuple[Effect, ...] = ("quiet", "peak")

LEAP_YEAR = 2000
"""A year in which every day of the solar calendar exists."""
LONGEST_LUNAR_MONTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedEvent:
    """One event whose days hold a given day."""

    name: str
    """Vietnamese."""
    name_en: str
    effect: Effect
    day: date
    """The day itself: of Tết the first of the lunar year."""
    first_day: date
    last_day: date
    """Inclusive."""
    units: frozenset[str]
    """Historic units whose event it is; empty: the whole country's."""

    def title(self, lang: Lang) -> str:
        """Return the name in a language."""
        return self.name if lang == "vi" else self.name_en


class Calendar:
    """All events of an installation."""

    def __init__(self, events: "Iterable[_EventFields]") -> None:
        self._events = tuple(events)
        self._known: dict[tuple[date, frozenset[str]], tuple[ExpectedEvent, ...]] = {}
        self._effects: dict[tuple[date, frozenset[str]], Effect] = {}

    def on(self, day: date, units: frozenset[str] = frozenset()) -> tuple[ExpectedEvent, ...]:
        """Return the events of a day: the country's and those of ``units``, the own ones first."""
        key = (day, units)
        if key not in self._known:  # a baseline asks for the same half year again and again
            self._known[key] = self._find(day, units)
        return self._known[key]

    def effect(self, day: date, units: frozenset[str] = frozenset()) -> Effect:
        """Return what the events of a day do together: on a holiday that is a peak elsewhere, less is written."""
        key = (day, units)
        if key not in self._effects:
            effects = {event.effect for event in self.on(day, units)}
            self._effects[key] = next((one for one in STRONGEST_FIRST if one in effects), "none")
        return self._effects[key]

    def _find(self, day: date, units: frozenset[str]) -> tuple[ExpectedEvent, ...]:
        found = [
            one
            for event in self._events
            if not event.units or event.units & units
            for one in _occurrences(event, day)
            if one.first_day <= day <= one.last_day
        ]
        return tuple(sorted(found, key=lambda one: (not one.units, one.first_day != one.last_day)))


def load_calendar(home: Path | None = None) -> Calendar:
    """Return the packaged events and those of ``home``. Raises ConfigError naming the file and the key."""
    events = _packaged()
    if home is not None and (home / CALENDAR_FILE).is_file():
        events += _read(home / CALENDAR_FILE)
    return Calendar(events)


# ---- the file -------------------------------------------------------------------------------------------------------


def _solar_day(text: str) -> str:
    day, month = _day_and_month(text)
    try:
        date(LEAP_YEAR, month, day)
    except ValueError as exc:
        raise ValueError(ConfigError("files.bad_day", value=text)) from exc
    return text


def _lunar_day(text: str) -> str:
    day, month = _day_and_month(text)
    if not (1 <= month <= 12 and 1 <= day <= LONGEST_LUNAR_MONTH):
        raise ValueError(ConfigError("files.bad_day", value=text))
    return text


def _day_and_month(text: str) -> tuple[int, int]:
    day, slash, month = text.partition("/")
    if not (slash and day.isdecimal() and month.isdecimal()):
        raise ValueError(ConfigError("files.bad_day", value=text))
    return int(day), int(month)


@lru_cache
def _historic_units(slugs: tuple[str, ...]) -> frozenset[str]:
    try:
        return frozenset().union(*(members(find_unit(slug)) for slug in slugs))
    except ConfigError as exc:
        raise ValueError(exc) from exc


class _EventFields(Section):
    name: Annotated[str, Field(min_length=1)]
    name_en: str = ""
    solar: Annotated[str, AfterValidator(_solar_day)] = ""
    lunar: Annotated[str, AfterValidator(_lunar_day)] = ""
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    before: Annotated[int, Field(ge=0, le=60)] = 0
    after: Annotated[int, Field(ge=0, le=60)] = 0
    effect: Effect = "none"
    chosen: Annotated[tuple[str, ...], Field(alias="units")] = ()

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if sum(map(bool, (self.solar, self.lunar, self.from_))) != 1 or (self.until and not self.from_):
            raise ValueError(ConfigError("files.one_date"))
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError(ConfigError("files.until_before"))
        _historic_units(self.chosen)
        return self

    @property
    def units(self) -> frozenset[str]:
        return _historic_units(self.chosen)


class _CalendarFile(Section):
    events: tuple[_EventFields, ...] = ()


@lru_cache
def _packaged() -> tuple[_EventFields, ...]:
    return _read(data_path(CALENDAR_FILE))


def _read(path: Path) -> tuple[_EventFields, ...]:
    return read_as(path, _CalendarFile).events


# ---- days -----------------------------------------------------------------------------------------------------------


def _occurrences(event: _EventFields, day: date) -> Iterator[ExpectedEvent]:
    """Yield the event as it falls in the years around a day."""
    for start, end in _spans(event, day):
        yield ExpectedEvent(
            name=event.name,
            name_en=event.name_en or event.name,
            effect=event.effect,
            day=start,
            first_day=start - timedelta(days=event.before),
            last_day=end + timedelta(days=event.after),
            units=event.units,
        )


def _spans(event: _EventFields, day: date) -> Iterator[tuple[date, date]]:
    if event.from_:
        yield event.from_, event.until or event.from_
        return
    number, month = _day_and_month(event.solar or event.lunar)
    for year in (day.year - 1, day.year, day.year + 1):
        found = _solar_date(number, month, year) if event.solar else _lunar_date(number, month, year)
        if found:
            yield found, found


def _solar_date(number: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:  # 29 February
        return None


@lru_cache(maxsize=1000)
def _lunar_date(number: int, month: int, year: int) -> date | None:
    """Return the solar date of a day of a lunar year; None for a 30th of a month of 29 days, and beyond 1900-2100."""
    lunar = LunarDate(day=number, month=month, year=year)
    try:
        found = lunar_to_solar(lunar)
        return found if solar_to_lunar(found) == lunar else None
    except ValueError:
        return None

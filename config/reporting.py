"""The reports that a press office owes through the year, and the days to be reminded of them: ``reporting.yaml``.

The first report that falls due in a year covers a span that began in the year before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from config.errors import ConfigError
from config.files import data_path
from config.messages import Lang
from config.validation import Section, read_as

REPORTING_FILE = "reporting.yaml"

Stage = Literal["draft", "due"]

LEAP_YEAR = 2000
"""A year in which every day of the calendar exists."""
DRAFT_DAYS = 3
"""Before the deadline, where a report names no day for its draft."""
LAST_CALL_DAYS = 2
"""Before the deadline: time left to read a draft and have it signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One report to be reminded of on one day."""

    id: str
    """Of the report."""
    stage: Stage
    """``draft``: its draft should be ready today; ``due``: it must arrive soon."""
    name: str
    """Vietnamese."""
    name_en: str
    before: date
    """The report must arrive before this day."""
    first: date
    last: date
    """The days it covers, both included."""

    def title(self, lang: Lang) -> str:
        """Return the report's name in a language."""
        return self.name if lang == "vi" else self.name_en


def reminders_on(day: date, *, home: Path | None = None) -> tuple[Reminder, ...]:
    """Return what to be reminded of on a local day. Raises ConfigError when the home's file is off."""
    return tuple(reminder for report in _reports(home) if report.enabled for reminder in _reminders(report, day))


# ---- the file -------------------------------------------------------------------------------------------------------


def _day(text: str) -> str:
    number, slash, month = text.partition("/")
    try:
        date(LEAP_YEAR, int(month) if slash else 1, int(number))
    except ValueError as exc:
        raise ValueError(ConfigError("files.bad_day", value=text)) from exc
    return text


Day = Annotated[str, BeforeValidator(str), AfterValidator(_day)]


class _ReportFields(Section):
    id: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)] = "–"
    name_en: str = ""
    before: Day = "1"
    draft: Day | None = None
    from_: Annotated[Day, Field(alias="from")] = "1"
    to: Day = "28"
    enabled: bool = True


class _ReportingFile(Section):
    reports: tuple[_ReportFields, ...] = ()


def _reports(home: Path | None) -> tuple[_ReportFields, ...]:
    found = {report.id: report for report in _read(data_path(REPORTING_FILE))}
    if home is not None and (home / REPORTING_FILE).is_file():
        found |= {report.id: report for report in _read(home / REPORTING_FILE)}
    return tuple(found.values())


def _read(path: Path) -> tuple[_ReportFields, ...]:
    return read_as(path, _ReportingFile).reports


# ---- days -----------------------------------------------------------------------------------------------------------


def _reminders(report: _ReportFields, day: date) -> Iterator[Reminder]:
    before = _on_or_after(report.before, day + timedelta(days=1))
    draft = before - timedelta(days=DRAFT_DAYS)
    if report.draft is not None:
        draft = _on_or_before(report.draft, before)
    stages: dict[Stage, date] = {"draft": draft, "due": before - timedelta(days=LAST_CALL_DAYS)}
    last = _on_or_before(report.to, before)
    for stage, at in stages.items():
        if at == day:
            yield Reminder(
                id=report.id,
                stage=stage,
                name=report.name,
                name_en=report.name_en or report.name,
                before=before,
                first=_on_or_before(report.from_, last - timedelta(days=1)),
                last=last,
            )


def _on_or_after(text: str, day: date) -> date:
    """Return the first ``20/3``, or 20th of a month, that is not before a day."""
    while not _is(text, day):
        day += timedelta(days=1)
    return day


def _on_or_before(text: str, day: date) -> date:
    while not _is(text, day):
        day -= timedelta(days=1)
    return day


def _is(text: str, day: date) -> bool:
    number, slash, month = text.partition("/")
    return day.day == int(number) and (not slash or day.month == int(month))

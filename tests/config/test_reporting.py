"""The reports an office owes: the days of the national calendar, and what an office writes over it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.reporting import Reminder, reminders_on


def year_of(year: int, home: Path | None = None) -> dict[tuple[str, str], list[Reminder]]:
    found: dict[tuple[str, str], list[Reminder]] = {}
    for step in range(365):
        for reminder in reminders_on(date(year, 1, 1) + timedelta(days=step), home=home):
            found.setdefault((reminder.id, reminder.stage), []).append(reminder)
    return found


def test_each_report_is_called_twice_and_covers_its_span() -> None:
    year = year_of(2026)
    assert {key: len(found) for key, found in year.items()} == {
        ("monthly", "draft"): 12,
        ("monthly", "due"): 12,
        **{
            (name, stage): 1
            for name in ("first-quarter", "half-year", "nine-months", "year")
            for stage in ("draft", "due")
        },
    }
    (quarter,) = year["first-quarter", "due"]
    assert (quarter.first, quarter.last, quarter.before) == (date(2025, 12, 15), date(2026, 3, 14), date(2026, 3, 20))
    (annual,) = year["year", "draft"]
    assert (annual.first, annual.last) == (date(2025, 12, 15), date(2026, 12, 14))
    march = year["monthly", "draft"][2]
    assert (march.first, march.last, march.before) == (date(2026, 2, 15), date(2026, 3, 14), date(2026, 3, 18))


def test_the_days_themselves() -> None:
    assert [(one.id, one.stage) for one in reminders_on(date(2026, 3, 10))] == [("first-quarter", "draft")]
    assert [(one.id, one.stage) for one in reminders_on(date(2026, 3, 18))] == [("first-quarter", "due")]
    assert [one.title("vi") for one in reminders_on(date(2026, 6, 18))] == ["Báo cáo 6 tháng"]
    assert reminders_on(date(2026, 4, 2)) == ()


def test_an_office_has_its_own_days(tmp_path: Path) -> None:
    (tmp_path / "reporting.yaml").write_text(
        "reports:\n"
        "  - {id: monthly, enabled: false}\n"
        "  - {id: tet, name: Báo cáo Tết, before: 1/2, from: 15/12, to: 25/1}\n",
        encoding="utf-8",
    )
    year = year_of(2026, tmp_path)
    assert ("monthly", "draft") not in year
    (tet,) = year["tet", "draft"]
    assert tet.before - timedelta(days=3) == date(2026, 1, 29)
    assert tet.title("en") == "Báo cáo Tết"
    assert ("half-year", "due") in year


@pytest.mark.parametrize("wrong", ["{id: a, before: 31/2}", "{id: a, before: mai}", "{name: b}", "{id: a, befor: 1/2}"])
def test_what_is_wrong_is_named(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "reporting.yaml").write_text(f"reports: [{wrong}]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        reminders_on(date(2026, 1, 1), home=tmp_path)
    assert "reporting.yaml" in str(caught.value)
    assert "reports.0" in str(caught.value)

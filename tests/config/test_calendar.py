"""The calendar of expected events: lunar days, spans, provinces, and what a home adds."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from config.calendar import CALENDAR_FILE, load_calendar
from config.errors import ConfigError

TET = {2007: (2, 17), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2030: (2, 2)}
"""First days of the Vietnamese lunar year as they were or will be kept; 2007 and 2030 differ from China's."""


@pytest.mark.parametrize("year", TET)
def test_tet_is_the_vietnamese_one(year: int) -> None:
    first = date(year, *TET[year])
    (tet,) = [event for event in load_calendar().on(first) if event.title("en") == "Lunar New Year"]
    assert tet.day == first
    assert (tet.first_day, tet.last_day) == (first - timedelta(days=3), first + timedelta(days=5))
    assert tet.effect == "quiet"


def names(day: date, units: frozenset[str] = frozenset()) -> list[str]:
    return [event.title("vi") for event in load_calendar().on(day, units)]


def test_days_of_both_calendars() -> None:
    assert "Giỗ Tổ Hùng Vương" in names(date(2026, 4, 26))
    assert "Quốc khánh (1945)" in names(date(2025, 9, 2))
    assert "Tết Nguyên đán" in names(date(2026, 2, 22))
    assert "Tết Nguyên đán" not in names(date(2026, 2, 23))


def test_long_periods() -> None:
    council = "Việt Nam là thành viên Hội đồng Nhân quyền Liên hợp quốc (nhiệm kỳ {})"
    assert council.format("2023–2025") in names(date(2025, 12, 31))
    assert council.format("2026–2028") in names(date(2026, 1, 1))
    congress = "Đại hội Đảng bộ tỉnh Cao Bằng lần thứ XX (trong năm 2025)"
    assert congress in names(date(2025, 9, 1), units=frozenset({"cao-bang"}))
    assert congress not in names(date(2025, 9, 1))


def test_an_event_of_a_province_is_its_own_only_and_comes_first() -> None:
    liberation = "Ngày giải phóng Cao Bằng (1950)"
    assert liberation not in names(date(2026, 10, 3))
    assert liberation not in names(date(2026, 10, 3), units=frozenset({"da-nang"}))
    assert names(date(2026, 10, 3), units=frozenset({"cao-bang"}))[0] == liberation


def test_a_home_adds_events_and_a_leap_day_falls_in_leap_years_only(tmp_path: Path) -> None:
    (tmp_path / CALENDAR_FILE).write_text(
        "events:\n"
        "  - {solar: 29/2, name: Ngày nhuận, effect: peak}\n"
        "  - {from: 2026-03-02, until: 2026-03-04, after: 1, units: [da-nang], name: Lễ hội, effect: peak}\n",
        encoding="utf-8",
    )
    calendar = load_calendar(tmp_path)

    def peaks(day: date, units: frozenset[str] = frozenset()) -> list[str]:
        return [event.name for event in calendar.on(day, units) if event.effect == "peak"]

    assert peaks(date(2028, 2, 29)) == ["Ngày nhuận"]
    assert peaks(date(2027, 3, 1)) == []
    festival = [day for day in range(1, 10) if peaks(date(2026, 3, day), frozenset({"quang-nam", "da-nang"}))]
    assert [day for day in festival if day != 8] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("events: [{name: A, solar: 31/2}]", "events.0.solar"),
        ("events: [{name: A, lunar: 31/1}]", "events.0.lunar"),
        ("events: [{name: A, solar: 1/2, lunar: 1/2}]", "one of"),
        ("events: [{name: A, from: 2026-03-02, until: 2026-03-01}]", "until"),
        ("events: [{name: A, solar: 1/2, unit: [x]}]", "did you mean: units"),
        ("events: [{name: A, solar: 1/2, units: [atlantis]}]", "atlantis"),
        ("- a", "key: value"),
    ],
)
def test_what_is_off_names_the_file_and_the_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / CALENDAR_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_calendar(tmp_path)
    assert CALENDAR_FILE in str(caught.value)
    assert says in str(caught.value)
    assert CALENDAR_FILE in caught.value.text("vi")

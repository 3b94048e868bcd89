"""Series in, verdicts out: what a file may hold, and that a day is judged by its past alone."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.errors import InputError
from pipeline.alerts.backtest import BadRow, judge_series, read_series
from pipeline.alerts.days import DayRecord
from pipeline.cli.main import main
from tests.pipeline.alerts.series import CALENDAR, RULES, days

HEADER = "date,unit,negative,total,healthy"


def rows(text: str) -> list[tuple[str, DayRecord] | BadRow]:
    return list(read_series(io.StringIO(text), path="series.csv"))


def test_columns_stand_in_any_order_and_others_are_left_alone() -> None:
    (row,) = rows("unit,healthy,date,note,negative\ncao-bang,0.9,2026-03-05,x,7\n")
    assert not isinstance(row, BadRow)
    assert (row[0], row[1].day.isoformat(), row[1].negative, row[1].coverage) == ("cao-bang", "2026-03-05", 7, 0.9)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-03-05,a,-1,3,1", "bad_count"),
        ("2026-03-05,a,1.5,3,1", "bad_count"),
        ("05/03/2026,a,1,3,1", "bad_day"),
        ("2026-03-05,a,1,3,1.2", "bad_share"),
        ("2026-03-05,a,1,3,nan", "bad_share"),
        ("2026-03-05,a,1", "too_short"),
        ("2026-03-04,a,1,3,1", "twice"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(line: str, reason: str) -> None:
    good, bad, after = rows(f"{HEADER}\n2026-03-04,a,1,3,1\n{line}\n2026-03-06,a,1,3,1\n")
    assert bad == BadRow(number=3, reason=reason)
    assert not isinstance(good, BadRow)
    assert not isinstance(after, BadRow)


def test_a_file_without_a_needed_column_says_which() -> None:
    with pytest.raises(InputError, match="healthy"):
        rows("date,unit,negative\n")


@settings(max_examples=20, deadline=None)
@given(
    counts=st.lists(st.integers(0, 12), min_size=40, max_size=80),
    cut=st.integers(35, 79),
    future=st.integers(0, 300),
)
def test_a_verdict_does_not_change_with_what_comes_after(counts: list[int], cut: int, future: int) -> None:
    whole = [("a", one) for one in days(counts)] + [("b", one) for one in days(counts[::-1])]
    last = whole[min(cut, len(counts) - 1)][1].day
    changed = [
        (unit, one if one.day <= last else DayRecord(day=one.day, negative=future, coverage=1.0)) for unit, one in whole
    ]
    first, second = (
        [pair for pair in judge_series(series, CALENDAR, RULES) if pair[1].day <= last] for series in (whole, changed)
    )
    assert first == second


def test_the_command_writes_a_line_a_day_and_tells_bad_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, output = tmp_path / "series.csv", tmp_path / "alerts.csv"
    calm = [f"{one.day},cao-bang,{one.negative},9,1.00" for one in days([1, 2, 1, 0, 2, 1, 1] * 6 + [9])]
    down = calm[30].replace("1.00", "0.40")
    source.write_text("\n".join([HEADER, *calm[:30], down, *calm[31:], "x"]) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", "backtest", str(source), "--output", str(output)])
    assert ended.value.code == 3
    assert "line 45" in capsys.readouterr().err
    found = list(csv.DictReader(output.read_text(encoding="utf-8").splitlines()))
    assert list(found[0]) == ["date", "unit", "level", "expected", "observed", "p_value", "state"]
    assert [row["state"] for row in found[:28]] == ["learning"] * 28
    assert (found[30]["state"], found[30]["level"], found[30]["expected"]) == ("insufficient_data", "none", "")
    assert (found[-1]["state"], found[-1]["level"], found[-1]["observed"]) == ("alert", "3", "9")
    assert len(found) == len(calm)

"""Which backups are kept, and that nothing else in the folder is touched."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.schedule.backups import kept, rotate

NIGHT = datetime(2026, 3, 4, 19, 30, tzinfo=UTC)
"""02:30 of a Thursday, local."""


def name(at: datetime) -> str:
    return f"diembao-{at:%Y%m%dT%H%M%SZ}.tar"


def test_seven_days_and_four_weeks() -> None:
    nights = [name(NIGHT - timedelta(days=back)) for back in range(40)]
    found = kept(nights, daily=7, weekly=4)
    assert found == {name(NIGHT - timedelta(days=back)) for back in (0, 1, 2, 3, 4, 5, 6, 11, 18)}


def test_the_latest_of_a_day_stands_for_it() -> None:
    evening = NIGHT + timedelta(hours=12)
    assert kept([name(NIGHT), name(evening)], daily=1, weekly=0) == {name(evening)}


@given(st.lists(st.integers(0, 24 * 200), max_size=60), st.integers(1, 10), st.integers(0, 10))
def test_the_newest_is_always_kept_and_never_too_many(hours: list[int], daily: int, weekly: int) -> None:
    names = {name(NIGHT - timedelta(hours=back)) for back in hours}
    found = kept(names, daily=daily, weekly=weekly)
    assert found <= names
    assert len(found) <= daily + weekly
    if names:
        assert max(names) in found
    assert kept(found, daily=daily, weekly=weekly) == found


def test_only_our_own_old_files_go(tmp_path: Path) -> None:
    old, new = tmp_path / name(NIGHT - timedelta(days=90)), tmp_path / name(NIGHT)
    others = [tmp_path / "diembao-before-upgrade.tar", tmp_path / "notes.txt"]
    for path in (old, new, *others):
        path.write_text("x", encoding="utf-8")
    (tmp_path / "diembao-unfinished-abc").mkdir()
    (tmp_path / "tmp-of-somebody").mkdir()
    assert rotate(tmp_path, daily=1, weekly=0) == [old]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [new.name, *(path.name for path in others), "tmp-of-somebody"]
    )

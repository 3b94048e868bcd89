"""The plan: what runs when, what is made up for after a stop, and how long a crawl may take. Nothing here sleeps."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.localtime import LOCAL_ZONE
from config.settings import Settings
from pipeline.schedule.plan import (
    CRAWL_SLICE,
    At,
    Every,
    JobId,
    first_turn,
    is_owed,
    next_turn,
    plan_jobs,
    work_slice,
)

SETTINGS = Settings(province="cao-bang")
PLAN = plan_jobs(SETTINGS)
MORNING = datetime(2026, 3, 5, 7, 0, tzinfo=LOCAL_ZONE)
"""A Thursday."""
instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: MORNING.astimezone(UTC) + timedelta(minutes=minutes))
DIGEST = PLAN["digest"]


def test_every_job_is_planned_once_and_followers_exist() -> None:
    assert set(PLAN) == set(get_args(JobId))
    assert {follower for job in PLAN.values() for follower in job.then} <= set(PLAN)
    assert DIGEST.when == At(7)
    assert PLAN["foreign"].when == At(8, weekday="thursday")


def test_settings_move_the_turns() -> None:
    other = Settings(
        province="cao-bang",
        digest={"hour": 8, "foreign_weekday": "monday", "foreign_hour": 14},  # type: ignore[arg-type]
        store={"url": "postgresql://office@db/diembao"},  # type: ignore[arg-type]
    )
    plan = plan_jobs(other)
    assert plan["digest"].when == At(8)
    assert plan["foreign"].when == At(14, weekday="monday")
    late = plan_jobs(Settings(province="cao-bang", digest={"window_hour": 9}))  # type: ignore[arg-type]
    assert late["foreign"].when == At(9, weekday="thursday"), "its last window closes first"
    assert "backup" not in plan, "a server's database is copied by its own tools"


@pytest.mark.parametrize(
    ("when", "turn"),
    [
        (At(7), MORNING + timedelta(days=1)),
        (At(7, 30), MORNING + timedelta(minutes=30)),
        (At(2, 30), MORNING.replace(hour=2, minute=30) + timedelta(days=1)),
        (At(8, weekday="thursday"), MORNING + timedelta(hours=1)),
        (At(7, weekday="thursday"), MORNING + timedelta(days=7)),
        (At(6, weekday="monday"), MORNING.replace(hour=6) + timedelta(days=4)),
        (Every(timedelta(minutes=2)), MORNING + timedelta(minutes=2)),
    ],
)
def test_the_next_turn(when: At | Every, turn: datetime) -> None:
    assert next_turn(when, MORNING.astimezone(UTC)) == turn


@given(instants, st.integers(0, 23), st.sampled_from([None, "sunday", "wednesday"]))
def test_turns_lie_ahead_and_within_a_cadence(after: datetime, hour: int, weekday: str | None) -> None:
    when = At(hour, weekday=weekday)  # type: ignore[arg-type]
    turn = next_turn(when, after)
    assert after < turn <= after + timedelta(days=7 if weekday else 1)
    assert turn.astimezone(LOCAL_ZONE).hour == hour


# ---- after a stop ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "now", "owed"),
    [
        (MORNING, MORNING + timedelta(hours=23), False),
        (MORNING - timedelta(days=1), MORNING - timedelta(minutes=1), False),
        (MORNING - timedelta(days=1), MORNING, True),
        (MORNING - timedelta(days=1), MORNING + timedelta(hours=19), True),
        (MORNING - timedelta(days=1), MORNING + timedelta(hours=21), False),
        (MORNING - timedelta(days=9), MORNING + timedelta(hours=1), True),
        (None, MORNING + timedelta(hours=1), False),
    ],
)
def test_a_turn_that_was_missed_is_owed_until_it_is_too_late(done: datetime | None, now: datetime, owed: bool) -> None:
    assert is_owed(DIGEST, done, interrupted=False, now=now) is owed


def test_what_was_interrupted_is_owed_whatever_its_cadence() -> None:
    assert is_owed(DIGEST, MORNING, interrupted=True, now=MORNING + timedelta(hours=1))
    assert is_owed(PLAN["process"], None, interrupted=True, now=MORNING)
    assert not is_owed(PLAN["process"], MORNING - timedelta(days=9), interrupted=False, now=MORNING)


@given(instants, st.timedeltas(timedelta(minutes=1), timedelta(days=3)))
def test_no_edition_is_lost_by_a_stop(done_at: datetime, away: timedelta) -> None:
    """Either the job is owed at the start, or no turn passed, or it passed too long ago to be worth anything."""
    now = done_at + away
    turn, last = next_turn(DIGEST.when, done_at), None
    while turn <= now:
        last, turn = turn, next_turn(DIGEST.when, turn)
    assert DIGEST.grace is not None
    assert is_owed(DIGEST, done_at, interrupted=False, now=now) == (last is not None and now - last < DIGEST.grace)


@pytest.mark.parametrize(
    ("job", "kept", "same", "owed", "turn"),
    [
        ("digest", None, False, False, MORNING + timedelta(days=1)),
        ("digest", None, False, True, MORNING),
        ("digest", MORNING - timedelta(hours=2), True, False, MORNING),
        ("digest", MORNING - timedelta(hours=2), False, False, MORNING),
        ("digest", MORNING + timedelta(minutes=5), True, False, MORNING + timedelta(minutes=5)),
        ("digest", MORNING + timedelta(hours=2), False, False, MORNING + timedelta(days=1)),
        ("digest", MORNING + timedelta(days=400), True, False, MORNING + timedelta(days=1)),
        ("crawl", None, False, False, MORNING),
        ("crawl", MORNING + timedelta(minutes=1), True, False, MORNING + timedelta(minutes=1)),
    ],
)
def test_the_first_turn_after_a_start(
    job: JobId, kept: datetime | None, same: bool, owed: bool, turn: datetime
) -> None:
    """Missed turns and retries outlive the process and an upgrade; a clock that was wrong holds nothing up."""
    assert first_turn(PLAN[job], kept, same_cadence=same, owed=owed, now=MORNING) == turn


# ---- a crawl beside the edition -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "slice_"),
    [
        (timedelta(hours=3), CRAWL_SLICE),
        (timedelta(minutes=1), timedelta(minutes=1)),
        (timedelta(seconds=2), timedelta(seconds=20)),
        (timedelta(0), CRAWL_SLICE),
    ],
)
def test_a_crawl_ends_when_the_edition_is_due(before: timedelta, slice_: timedelta) -> None:
    assert work_slice(CRAWL_SLICE, SETTINGS, MORNING - before) == slice_


def test_jobs_of_the_plan_are_bounded() -> None:
    """A job that hangs is ended; a crawl has time to stop by itself first."""
    assert all(job.limit > timedelta() for job in PLAN.values())
    assert PLAN["crawl"].limit > CRAWL_SLICE

"""The verdict over figures, and that each reason can be said in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.messages import LANGS
from pipeline.schedule.health import Reason, examine, stands_still
from pipeline.schedule.vitals import Vitals, share
from pipeline.store import JobRun

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
WELL = Vitals(
    at=NOW,
    jobs={},
    waiting={"pages": 3, "deliveries": 2, "segments": 1},
    since={"pages": NOW - timedelta(hours=1), "segments": NOW - timedelta(minutes=2), "polls": NOW},
    documents=10,
    assessed=4,
    deliveries={("email", "sent"): 5},
    healthy=3,
    failing=1,
    free_gb=50.0,
)


def failed(times: int) -> JobRun:
    return JobRun(
        id="backup",
        started_at=NOW,
        finished_at=NOW,
        done_at=None,
        outcome="failed",
        problem="The disk is full",
        failures=times,
    )


def since(**spans: timedelta) -> dict[str, Any]:
    return {"since": {name: NOW - span for name, span in spans.items()}}


def test_a_service_at_work_is_well() -> None:
    assert examine(WELL).reasons == ()
    assert examine(WELL).ok


@pytest.mark.parametrize(
    ("changes", "code", "severe"),
    [
        (since(polls=timedelta(minutes=61)), "crawl_late", True),
        (since(segments=timedelta(minutes=61)), "process_late", True),
        (since(deliveries=timedelta(minutes=31)), "send_late", True),
        (since(pages=timedelta(hours=13)), "pages_wait", False),
        ({"jobs": {"backup": failed(1)}}, "job_fails", False),
        ({"jobs": {"backup": failed(3)}}, "job_fails", True),
        ({"healthy": 0, "failing": 4}, "outlets_silent", True),
        ({"free_gb": 1.0}, "disk", True),
        ({"deliveries": {("email", "uncertain"): 2}}, "uncertain", False),
    ],
)
def test_each_trouble_is_named(changes: dict[str, Any], code: str, severe: bool) -> None:
    health = examine(replace(WELL, **changes))
    assert [(reason.code, reason.severe) for reason in health.reasons] == [(code, severe)]
    assert health.ok is not severe
    for lang in LANGS:
        (row,) = health.rows(lang)["reasons"]
        assert "{" not in row["text"]


def test_a_clockwork_that_stands_still() -> None:
    assert list(stands_still(None, NOW)) == []
    assert list(stands_still(NOW - timedelta(minutes=9), NOW)) == []
    (reason,) = stands_still(NOW - timedelta(minutes=11), NOW)
    assert reason == Reason(code="clockwork", severe=True, fields={"minutes": 11})
    assert "11" in reason.text("vi")


def test_shares() -> None:
    assert share([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0
    assert share([1.0], 0.9) == 1.0

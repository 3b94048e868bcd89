"""One job in a process of its own: how it went comes back, whatever it died of."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.app import utc_now
from pipeline.locks import work_lock
from pipeline.schedule.plan import JobId
from pipeline.service.child import GRACE_S, Task, run_child
from pipeline.service.steps import StepReport
from tests.press import faults
from tests.press.server import Press
from tests.press.small import small_site


def quiet() -> None:
    """Leave logging as it is."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "diembao.yaml").write_text("province: cao-bang\ncrawl: {allow_loopback: true}\n", encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("replace: true\nsources: []\n", encoding="utf-8")
    return tmp_path


def run(home: Path, job_id: JobId, *, limit_s: float = 60.0, stop: threading.Event | None = None) -> StepReport:
    task = Task(home=home, job_id=job_id, now=utc_now, exclusive=True, prepare=quiet, patience_s=0.1, lang="en")
    return run_child(task, limit_s=limit_s, stopping=stop or threading.Event())


def test_a_job_tells_how_it_went(home: Path) -> None:
    report = run(home, "purge")
    assert (report.outcome, report.counts) == ("done", {"segments": 0, "texts": 0})
    assert (home / "store.sqlite").exists()


def test_an_expected_failure_is_told_in_its_words(home: Path) -> None:
    (home / "diembao.yaml").write_text("province: cao-bag\n", encoding="utf-8")
    report = run(home, "purge")
    assert report.outcome == "failed"
    assert "cao-bag" in report.problem


def test_a_command_that_works_is_left_alone(home: Path) -> None:
    with work_lock(home):
        assert run(home, "purge") == StepReport(outcome="busy")
    assert run(home, "purge").outcome == "done"


def test_a_job_that_takes_too_long_or_is_to_stop_is_ended(home: Path) -> None:
    with Press(small_site(datetime.now(UTC), outlets=1)) as press:
        (home / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
        press.break_("outlet-1", "*", faults.hang())
        began = time.monotonic()
        slow = run(home, "crawl", limit_s=2.0)
        assert slow.outcome == "failed"
        assert "too long" in slow.problem

        stop = threading.Event()
        timer = threading.Timer(2.0, stop.set)
        timer.start()
        assert run(home, "crawl", stop=stop).outcome == "stopped"
        assert time.monotonic() - began < 2 * (2.0 + GRACE_S + 10.0)

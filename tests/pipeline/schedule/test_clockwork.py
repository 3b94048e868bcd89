"""The plan in APScheduler's hands, with a real job store: turns outlive the process and upgrades of the plan."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.schedule.clockwork import Clockwork
from pipeline.schedule.plan import At, Every, Job, JobId, Plan

LIMIT = timedelta(minutes=1)
FAR = timedelta(hours=6)


def plan(**cadences: Every | At) -> Plan:
    ids: dict[str, JobId] = {"crawl": "crawl", "digest": "digest", "purge": "purge"}
    return {ids[name]: Job(id=ids[name], when=when, limit=LIMIT) for name, when in cadences.items()}


class Calls:
    """Counts the turns of each job."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.changed = threading.Condition()

    def __call__(self, job_id: JobId) -> None:
        with self.changed:
            self.seen[job_id] += 1
            self.changed.notify_all()

    def wait_for(self, job_id: str, number: int = 1) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.seen[job_id] >= number, timeout=20), self.seen


def start(path: Path, chosen: Plan, calls: Calls, *owed: JobId) -> Clockwork:
    clockwork = Clockwork(path, chosen, calls)
    clockwork.start(owed=owed, now=datetime.now(UTC))
    return clockwork


def test_jobs_get_their_turns_and_those_that_owe_begin_at_once(tmp_path: Path) -> None:
    calls = Calls()
    clockwork = start(tmp_path / "s.sqlite", plan(crawl=Every(timedelta(seconds=1)), digest=At(3)), calls, "digest")
    calls.wait_for("crawl", 2)
    calls.wait_for("digest")
    assert clockwork.next_turns()["digest"].hour == 3
    clockwork.stop()
    assert calls.seen["digest"] == 1


def test_turns_outlive_the_process_and_other_jobs_go(tmp_path: Path) -> None:
    path, calls = tmp_path / "s.sqlite", Calls()
    first = start(path, plan(crawl=Every(FAR), digest=At(3)), calls)
    calls.wait_for("crawl")  # a new job that comes again and again begins at once
    later = datetime.now(UTC) + timedelta(hours=1)
    first.again("crawl", later)
    first.stop()

    second = start(path, plan(crawl=Every(FAR), purge=At(4)), calls)
    turns = second.next_turns()
    second.stop()
    assert set(turns) == {"crawl", "purge"}
    assert turns["crawl"] == later
    assert calls.seen == {"crawl": 1}


def test_a_turn_missed_while_nobody_ran_is_made_up_for_under_another_cadence(tmp_path: Path) -> None:
    path, calls = tmp_path / "s.sqlite", Calls()
    first = start(path, plan(digest=At(3)), calls)
    first.again("digest", datetime.now(UTC) + timedelta(seconds=1))
    first._scheduler.pause()
    first.stop()
    threading.Event().wait(1.5)
    second = start(path, plan(digest=At(4)), calls)
    calls.wait_for("digest")
    assert second.next_turns()["digest"].hour == 4
    second.stop()


def test_a_damaged_job_store_is_made_anew(tmp_path: Path) -> None:
    path, calls = tmp_path / "s.sqlite", Calls()
    path.write_text("Đây không phải cơ sở dữ liệu.\n" * 100, encoding="utf-8")
    clockwork = start(path, plan(crawl=Every(FAR)), calls)
    calls.wait_for("crawl")
    clockwork.stop()


def test_a_job_that_raises_keeps_its_turns(tmp_path: Path) -> None:
    calls = Calls()

    def broken(job_id: JobId) -> None:
        calls(job_id)
        raise RuntimeError("defect")

    clockwork = Clockwork(tmp_path / "s.sqlite", plan(crawl=Every(timedelta(seconds=1))), broken)
    clockwork.start(owed=(), now=datetime.now(UTC))
    calls.wait_for("crawl", 2)
    clockwork.stop()

"""The plan in the hands of APScheduler, whose job store outlives the process.

The file holds the next turn of every job and nothing that cannot be made anew: a damaged one is thrown away. What was
missed meanwhile is also told from the record of what was done (`plan.is_owed`).
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import DatabaseError

from config.localtime import LOCAL_ZONE
from pipeline.schedule.plan import COALESCE, LANES, MAX_INSTANCES, At, Every, JobId, Plan, first_turn

log = structlog.get_logger()

_runners: dict[str, Callable[[JobId], object]] = {}
"""By the path of the job store: a stored job can name a function of a module, but hold no object."""


def fire(path: str, job_id: JobId) -> None:
    """What a stored job calls. Renaming it would orphan the jobs of older versions."""
    _runners[path](job_id)


class Clockwork:
    """Calls ``run`` with a job's id at each of its turns, one job at a time in each lane."""

    def __init__(self, path: Path, plan: Plan, run: Callable[[JobId], object]) -> None:
        self._path = path
        self._plan = plan
        _runners[str(path)] = run
        self._scheduler = BackgroundScheduler(
            timezone=LOCAL_ZONE,
            jobstores={"default": _open_jobs(path)},
            executors={lane: ThreadPoolExecutor(1) for lane in LANES},
        )
        self._scheduler.add_listener(_log_skipped, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self, *, owed: Collection[JobId], now: datetime) -> None:
        """Bring the stored jobs to the plan, and begin. A turn that an older plan or process left is kept."""
        self._scheduler.start(paused=True)
        kept = {job.id: job for job in self._scheduler.get_jobs()}
        for job in self._plan.values():
            trigger, old = _trigger(job.when), kept.pop(job.id, None)
            turn = first_turn(
                job,
                old.next_run_time if old else None,
                same_cadence=bool(old) and str(old.trigger) == str(trigger),
                owed=job.id in owed,
                now=now,
            )
            self._scheduler.add_job(
                fire,
                trigger,
                args=(str(self._path), job.id),
                id=job.id,
                executor=job.lane,
                coalesce=COALESCE,
                max_instances=MAX_INSTANCES,
                misfire_grace_time=None if job.grace is None else int(job.grace.total_seconds()),
                next_run_time=turn,
                replace_existing=True,
            )
        for gone in kept:
            self._scheduler.remove_job(gone)
        self._scheduler.resume()

    def again(self, job_id: JobId, at: datetime) -> None:
        """Let a job have its next turn at ``at``; its cadence goes on from there."""
        with suppress(JobLookupError):
            self._scheduler.modify_job(job_id, next_run_time=at)

    def next_turns(self) -> dict[str, datetime]:
        """Return the next turn of each job, local."""
        return {job.id: job.next_run_time for job in self._scheduler.get_jobs() if job.next_run_time}

    def stop(self) -> None:
        """Let no job begin any more, and wait for those that run."""
        self._scheduler.shutdown(wait=True)
        _runners.pop(str(self._path), None)


def _trigger(when: Every | At) -> Any:
    if isinstance(when, Every):
        return IntervalTrigger(seconds=int(when.period.total_seconds()), timezone=LOCAL_ZONE)
    weekday = when.weekday and when.weekday[:3]
    return CronTrigger(day_of_week=weekday, hour=when.hour, minute=when.minute, timezone=LOCAL_ZONE)


def _open_jobs(path: Path) -> SQLAlchemyJobStore:
    """Open the job store, in place of one that cannot be read."""
    jobs = SQLAlchemyJobStore(url=f"sqlite:///{path}")
    try:
        with jobs.engine.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    except DatabaseError as problem:
        log.warning("job_store_discarded", path=str(path), problem=str(problem.orig))
        jobs.engine.dispose()
        path.unlink()
        jobs = SQLAlchemyJobStore(url=f"sqlite:///{path}")
    return jobs


def _log_skipped(event: Any) -> None:
    late = event.code == EVENT_JOB_MISSED
    log.info("job_skipped", job=event.job_id, because="too_late" if late else "still_running")

"""One turn of one job: is there anything to do, do it in a child, record how it went, and what follows.

A job that fails is logged, counted and shown, and stops no other.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Literal

import structlog

from config.errors import DiembaoError
from pipeline.app import Installation
from pipeline.schedule.metrics import Metrics
from pipeline.schedule.plan import JobId, Plan
from pipeline.service.child import Task, run_child
from pipeline.service.due import DUE
from pipeline.service.steps import StepReport

log = structlog.get_logger()

Turn = Literal["idle", "done", "partial", "stopped", "busy", "failed"]
"""``idle``: there was nothing to do."""

CAME_TO_ITS_END = ("done", "partial")


class Runner:
    """Runs jobs of the plan; methods may be called by several threads."""

    def __init__(
        self,
        installation: Installation,
        plan: Plan,
        metrics: Metrics,
        *,
        prepare: Callable[[], None],
        again: Callable[[JobId, datetime], None] = lambda *_: None,
    ) -> None:
        self.installation = installation
        self.plan = plan
        self.metrics = metrics
        self.stopping = threading.Event()
        self._seen_at: datetime | None = None
        self._running: Counter[JobId] = Counter()
        self._prepare = prepare
        self.again = again
        self._unasked: set[JobId] = {"process"}
        """Jobs whose next turn asks not whether there is anything to do: after a start models may be new."""

    @property
    def last_turn_at(self) -> datetime | None:
        """When a job last had a turn: now while one has it; None when none had."""
        return self.installation.now() if self._running.total() else self._seen_at

    def run(self, job_id: JobId) -> Turn:
        """Give a job its turn. What goes wrong is recorded, never raised."""
        if self.stopping.is_set():
            return "stopped"
        self._running[job_id] += 1
        try:
            turn = self._run(job_id)
        except Exception as exc:  # the store itself may be away: the next turn may find it again
            log.exception("job_failed", job=job_id)
            turn = self._record(job_id, StepReport(outcome="failed", problem=self._words(exc)), seconds=0.0)
        self._running[job_id] -= 1
        self._seen_at = self.installation.now()
        job = self.plan[job_id]
        if turn in ("failed", "busy") and job.retry is not None:
            self.again(job_id, self.installation.now() + job.retry)
        if turn in CAME_TO_ITS_END:
            for follower in job.then:
                self.run(follower)
        return turn

    def _run(self, job_id: JobId) -> Turn:
        is_due = DUE.get(job_id)
        if job_id not in self._unasked and is_due is not None and not is_due(self.installation):
            return "idle"
        self._unasked.discard(job_id)
        job = self.plan[job_id]
        self.installation.store.start_job(job_id, self.installation.now())
        task = Task(
            home=self.installation.home,
            job_id=job_id,
            now=self.installation.now,
            exclusive=job.lane == "work",
            prepare=self._prepare,
            lang=self.installation.settings.language,
        )
        started = time.monotonic()
        report = run_child(task, limit_s=job.limit.total_seconds(), stopping=self.stopping)
        if report.more:
            self._unasked.add(job_id)
            self.again(job_id, self.installation.now())  # behind what waits for the lane by now
        return self._record(job_id, report, seconds=time.monotonic() - started)

    def _record(self, job_id: JobId, report: StepReport, *, seconds: float) -> Turn:
        level = "error" if report.outcome == "failed" else "info"
        known = {"job": job_id, "outcome": report.outcome, "seconds": round(seconds, 1), **report.counts}
        getattr(log, level)("job_ended", **known, **({"problem": report.problem} if report.problem else {}))
        self.metrics.count_run(job_id, report.outcome, seconds)
        count = self.metrics.count_pages if job_id == "crawl" else self.metrics.count_articles
        for (source, outcome), number in report.by_source.items():
            count(source, outcome, number)
        with suppress(DiembaoError):  # the store is away: the log has said what is to be known
            self.installation.store.finish_job(
                job_id,
                self.installation.now(),
                report.outcome,
                done=report.outcome in CAME_TO_ITS_END,
                problem=report.problem,
            )
        return report.outcome

    def _words(self, exc: Exception) -> str:
        lang = self.installation.settings.language
        return exc.text(lang) if isinstance(exc, DiembaoError) else f"{type(exc).__name__}: {exc}"

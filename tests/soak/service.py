"""The service under a simulated clock: ``python -m tests.soak.service HOME FROM UNTIL`` (instants in ISO 8601).

Before each turn of a job it prints ``{"at": …, "job": …}`` and waits for a line on standard input: what happens to the
world until then is up to whoever reads. At the end it prints ``{"done": true}``.
"""

import json
import logging
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from pipeline.app import VERSION, Installation
from pipeline.schedule.metrics import Metrics
from pipeline.schedule.plan import Every, JobId, first_turn, next_turn, plan_jobs
from pipeline.service.runner import Runner, Turn
from pipeline.service.serve import settle
from tests.soak.clock import SimulatedClock

CRAWL_TURNS = Every(timedelta(minutes=5))
"""Instead of two minutes: the polls of several outlets fall together, and half as many crawls are made. That can only
make the time from publication to alert longer."""


def to_standard_error() -> None:
    """Log as the program does."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.LogfmtRenderer()],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


class TellingRunner(Runner):
    """Asks before each turn, those of followers included."""

    def run(self, job_id: JobId) -> Turn:
        print(json.dumps({"at": self.installation.now().isoformat(), "job": job_id}), flush=True)
        if not sys.stdin.readline():
            sys.exit(1)  # whoever drove us is gone
        return super().run(job_id)


def run_until(home: Path, from_at: datetime, until_at: datetime) -> None:
    clock = SimulatedClock(from_at)
    installation = Installation(home, now=clock)
    plan = dict(plan_jobs(installation.settings))
    plan["crawl"] = replace(plan["crawl"], when=CRAWL_TURNS)
    owed = settle(installation, plan)
    runner = TellingRunner(installation, plan, Metrics(VERSION, installation.vitals), prepare=to_standard_error)
    now = clock()
    turns = {job.id: first_turn(job, None, same_cadence=False, owed=job.id in owed, now=now) for job in plan.values()}
    runner.again = turns.__setitem__
    while (due := min(turns, key=lambda job_id: turns[job_id])) and turns[due] < until_at:
        job, turn = plan[due], turns[due]
        clock.jump(turn)
        turns[due] = next_turn(job.when, clock() if isinstance(job.when, Every) else turn)
        runner.run(due)
    installation.close()
    print(json.dumps({"done": True}), flush=True)


if __name__ == "__main__":
    to_standard_error()
    run_until(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))

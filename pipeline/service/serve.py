"""The service: one a home, until it is asked to stop."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog

from config.errors import DiembaoError
from pipeline.app import VERSION, Installation
from pipeline.deliver.unsubscribe import PATH, answer_link
from pipeline.locks import service_lock, tell_service
from pipeline.schedule.clockwork import Clockwork
from pipeline.schedule.health import Health, Reason, examine, stands_still
from pipeline.schedule.metrics import Metrics
from pipeline.schedule.plan import At, JobId, Plan, is_owed, plan_jobs
from pipeline.schedule.web import answering
from pipeline.service.notify import notify, watchdog_s
from pipeline.service.runner import Runner

log = structlog.get_logger()

SCHEDULE_FILE = "schedule.sqlite"
"""In the home folder: the turns of the jobs."""
SIGN_OF_LIFE_S = 20.0


def serve(
    installation: Installation, *, prepare: Callable[[], None], on_ready: Callable[[str], None] = lambda _: None
) -> None:
    """Run the jobs of the plan until SIGTERM or SIGINT; what runs then ends within ten seconds.

    ``prepare`` sets up logging in the processes of the jobs (it must be picklable); ``on_ready`` is told the address
    of /healthz. Call it in the main thread. Raises UsageError when a service runs here already, or the address is
    taken.
    """
    with service_lock(installation.home), closing(installation), _asked_to_stop() as asked:
        plan = plan_jobs(installation.settings)
        owed = settle(installation, plan)
        metrics = Metrics(VERSION, installation.vitals)
        runner = Runner(installation, plan, metrics, prepare=prepare)
        clockwork = Clockwork(installation.home / SCHEDULE_FILE, plan, runner.run)
        runner.again = clockwork.again
        health = partial(_health, installation, runner)
        pages = {PATH: partial(_unsubscribe, installation)}
        with answering(installation.settings.serve.listen, health=health, metrics=metrics.text, pages=pages) as address:
            tell_service(installation.home, since=installation.now(), listen=address)
            clockwork.start(owed=owed, now=installation.now())
            log.info("service_ready", listen=address, jobs=len(plan))
            notify("READY=1")
            on_ready(address)
            while not asked.wait(min(SIGN_OF_LIFE_S, (watchdog_s() or SIGN_OF_LIFE_S) / 2)):
                if not any(stands_still(runner.last_turn_at, installation.now())):
                    notify("WATCHDOG=1")
            notify("STOPPING=1")
            runner.stopping.set()
            clockwork.stop()
            log.info("service_stopped")


def settle(installation: Installation, plan: Plan) -> frozenset[JobId]:
    """Return the jobs that have something to make up for; one that is new to this installation owes nothing."""
    store, now = installation.store, installation.now()
    known = store.jobs()
    owed = set()
    for job in plan.values():
        last = known.get(job.id)
        if last is None:
            if isinstance(job.when, At):
                store.start_job(job.id, now)
                store.finish_job(job.id, now, "new", done=True)
        elif is_owed(job, last.done_at, interrupted=last.outcome in ("", "stopped"), now=now):
            owed.add(job.id)
    return frozenset(owed)


def _unsubscribe(installation: Installation, method: str, path: str) -> tuple[HTTPStatus, bytes]:
    return answer_link(installation.store, method, path, installation.now(), installation.settings.language)


def _health(installation: Installation, runner: Runner) -> dict[str, Any]:
    now, ages = installation.now(), {}
    try:
        vitals = installation.vitals()
        reasons = examine(vitals).reasons
        ages = {job.id: round((now - job.done_at).total_seconds()) for job in vitals.jobs.values() if job.done_at}
    except DiembaoError as problem:
        reasons = (Reason(code="store", severe=True, fields={"problem": problem}),)
    health = Health(reasons=(*stands_still(runner.last_turn_at, now), *reasons))
    return {"version": VERSION, **health.rows(installation.settings.language), "done_s_ago": ages}


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Yield an event that SIGTERM and SIGINT set."""
    asked = threading.Event()
    before = {signum: signal.signal(signum, lambda *_: asked.set()) for signum in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)

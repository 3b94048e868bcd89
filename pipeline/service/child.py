"""One job in a process of its own.

Twisted's reactor starts once a process, the classifiers take half a gigabyte, and a library that crashes or leaks must
not take the schedule with it. Whatever ends such a process, SIGKILL included, what it stored is whole: that is what
crawl, process loop, sending and sealing are built for.

The child is forked from a small server process (``forkserver``) that has imported the program and runs no threads. It
is asked to stop by SIGTERM, and stops by itself when the service is gone.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import cast

import structlog

from config.errors import DiembaoError
from config.messages import Lang, message
from pipeline.app import Installation
from pipeline.schedule.plan import JobId
from pipeline.service.steps import STEPS, Outcome, StepReport

log = structlog.get_logger()

GRACE_S = 8.0
"""From asking a job to stop to ending it: a step at hand takes less, and the service is to be gone within 10."""
LOOK_EVERY_S = 0.1
PATIENCE_S = 30.0
"""How long a job waits for a command that a person is running; then it leaves it for its next turn."""
PRELOADED = [
    "pipeline.app",
    "pipeline.service.steps",
    "crawlers.crawl",
    "crawlers.recheck",
    # What Scrapy imports by name, when it starts.
    "crawlers.middlewares",
    "crawlers.resolver",
    "crawlers.transfers",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.downloadermiddlewares.cookies",
    "scrapy.extensions.remote_control",
    "scrapy.extensions.throttle",
]
"""Imported once for all children. Not the classifiers: their runtime starts threads, which a fork would lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a child needs to know; it travels to another process."""

    home: Path
    job_id: JobId
    now: Callable[[], datetime]
    exclusive: bool
    """It works on the installation alone."""
    patience_s: float = PATIENCE_S
    """How long it waits for that."""
    prepare: Callable[[], None]
    """Called first, to set up logging."""
    lang: Lang = "vi"
    """Of what it says when it fails."""


def run_child(task: Task, *, limit_s: float, stopping: threading.Event) -> StepReport:
    """Run one job in a child and return how it went; end it when it takes too long or the service is to stop."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(task, sender), name=f"diembao-{task.job_id}")
    process.start()
    sender.close()
    because, report = "", None
    end_at = time.monotonic() + limit_s
    while not wait([process.sentinel], timeout=LOOK_EVERY_S):
        report = report or _received(receiver)
        if not because and (stopping.is_set() or time.monotonic() > end_at):
            because = "stopped" if stopping.is_set() else "too_long"
            process.terminate()
            end_at = time.monotonic() + GRACE_S
        elif because and time.monotonic() > end_at:
            process.kill()
    process.join()
    report = report or _received(receiver)
    if report is None or because == "too_long":
        report = _unreported(because, process.exitcode, task.lang)
    receiver.close()
    process.close()
    return report


def _received(receiver: Connection) -> StepReport | None:
    try:
        return cast(StepReport, receiver.recv()) if receiver.poll() else None
    except (EOFError, OSError):  # it died before, or while it told
        return None


def _unreported(because: str, exitcode: int | None, lang: Lang) -> StepReport:
    if because == "stopped":
        return StepReport(outcome="stopped")
    return StepReport(
        outcome="failed", problem=message("serve.job_too_long" if because else "serve.job_died", lang, code=exitcode)
    )


def _main(task: Task, sender: Connection) -> None:
    """The child's own program."""
    stopping = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service passes on what it means
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threading.Thread(target=_follow_parent, daemon=True).start()
    task.prepare()
    try:
        report = _report(task, stopping)
    except Exception as exc:  # whatever a job dies of, the others go on
        log.exception("job_broke", job=task.job_id)
        report = StepReport(outcome="failed", problem=f"{type(exc).__name__}: {exc}")
    sender.send(report)


def _report(task: Task, stopping: threading.Event) -> StepReport:
    try:
        installation = Installation(task.home, now=task.now)
        with installation.locked(task.patience_s) if task.exclusive else closing(installation):
            return STEPS[task.job_id](installation, stopping.is_set)
    except DiembaoError as exc:
        outcome: Outcome = "busy" if exc.code == "cli.busy" else "failed"
        return StepReport(outcome=outcome, problem="" if outcome == "busy" else exc.text(task.lang))


def _follow_parent() -> None:
    """End with the service when that was killed: its successor is to find the installation free."""
    parent = parent_process()
    assert parent is not None  # noqa: S101 - this runs in a child
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)

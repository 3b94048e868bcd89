"""Who works on an installation: locks that go with their process, also when that is killed.

Three locks, so that people need not wait for the service. ``diembao.lock`` is held by whatever changes the store in
bulk, for as long as that takes: a command, or one job of the service. ``deliver.lock`` is held by whoever sends: mail
goes out while a crawl is at work. ``service.lock`` is held by the service as long as it lives, so that there is one.
Reading takes none of them, and neither does what writes a row or two: SQLite (WAL) and PostgreSQL let that in between
two batches.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from config.errors import UsageError

WORK_LOCK = "diembao.lock"
SEND_LOCK = "deliver.lock"
SERVICE_LOCK = "service.lock"
SERVICE_RECORD = "service.json"
TAKEN_FOR_A_LOOK_S = 2.0
"""`running_service` holds the service's lock for a moment to see whether it is free."""
SEND_PATIENCE_S = 30.0
SERVICE_PATIENCE_S = 300.0
"""How long a command waits for a job of the service that runs beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """The service that holds an installation."""

    pid: int
    since: str
    """ISO 8601, UTC."""
    listen: str
    """Where it answers /healthz; empty: nowhere."""


@contextmanager
def work_lock(home: Path, patience_s: float | None = None) -> Iterator[None]:
    """Hold the installation alone. Raises UsageError when another process holds it for longer than ``patience_s``.

    By default it does not wait, or, while a service runs here, as long as one of its jobs may take.
    """
    if patience_s is None:
        patience_s = SERVICE_PATIENCE_S if running_service(home) else 0.0
    with _held(home / WORK_LOCK, patience_s, UsageError("cli.busy", home=home)):
        yield


@contextmanager
def send_lock(home: Path) -> Iterator[None]:
    """Be the only one who sends: what is found half sent was then interrupted for certain. Raises UsageError."""
    with _held(home / SEND_LOCK, SEND_PATIENCE_S, UsageError("deliver.busy")):
        yield


@contextmanager
def service_lock(home: Path) -> Iterator[None]:
    """Be the one service of a home. Raises UsageError when there is one already."""
    running = running_service(home)
    with _held(
        home / SERVICE_LOCK,
        TAKEN_FOR_A_LOOK_S,
        UsageError("serve.running", home=home, pid=running.pid if running else "?"),
    ):
        try:
            yield
        finally:
            (home / SERVICE_RECORD).unlink(missing_ok=True)


def tell_service(home: Path, *, since: datetime, listen: str) -> None:
    """Let others know of the service of this process, which holds `service_lock`."""
    record = RunningService(pid=os.getpid(), since=since.isoformat(timespec="seconds"), listen=listen)
    (home / SERVICE_RECORD).write_text(json.dumps(asdict(record)), encoding="utf-8")


def running_service(home: Path) -> RunningService | None:
    """Return the service that runs on a home; None when none does, whatever a killed one left behind."""
    try:
        record = RunningService(**json.loads((home / SERVICE_RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    try:
        with FileLock(home / SERVICE_LOCK, timeout=0):
            return None
    except Timeout:
        return record


@contextmanager
def _held(path: Path, patience_s: float, refusal: UsageError) -> Iterator[None]:
    lock = FileLock(path)
    try:
        lock.acquire(timeout=patience_s)
    except Timeout as exc:
        raise refusal from exc
    try:
        yield
    finally:
        lock.release()

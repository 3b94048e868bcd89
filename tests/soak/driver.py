"""Drives the simulated service in lockstep: the world changes between two turns, kills come in the middle of one."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.schedule.plan import JobId
from tests.soak.day import Happening

TURN_S = 240.0
"""No turn takes longer, however busy the machine."""
RESTART_AFTER = timedelta(minutes=2)


@dataclass(slots=True, kw_only=True)
class Kill:
    """One SIGKILL of the whole service, as when the power fails."""

    after: datetime
    job: JobId
    """In whose turn, the first after that."""
    prepare: Callable[[], object] = lambda: None
    """Called once, just before the first such turn."""
    struck: Callable[[], bool]
    """True once the job is in the middle of what the kill is to interrupt."""
    is_prepared: bool = False


@dataclass(slots=True)
class Driver:
    """One simulated day of a home."""

    home: Path
    happenings: list[Happening]
    kills: list[Kill]
    turns: Counter[str] = field(default_factory=Counter)
    killed_in: list[str] = field(default_factory=list)

    def run(self, from_at: datetime, until_at: datetime) -> None:
        """Go through the day, starting the service again after each kill."""
        at: datetime | None = from_at
        while at is not None:
            at = self._one_life(at, until_at)

    def _one_life(self, from_at: datetime, until_at: datetime) -> datetime | None:
        """Return when the service was killed, plus the time until it is back; None when the day is over."""
        command = [
            sys.executable,
            "-m",
            "tests.soak.service",
            str(self.home),
            from_at.isoformat(),
            until_at.isoformat(),
        ]
        with (self.home / "service.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
        assert process.stdin is not None
        assert process.stdout is not None
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=_pass_on, args=(process.stdout, lines), daemon=True)
        reader.start()
        try:
            while True:
                turn = json.loads(lines.get(timeout=TURN_S) or '{"died": true}')
                assert "died" not in turn, (self.home / "service.log").read_text(encoding="utf-8")[-4000:]
                if turn.get("done"):
                    process.wait(timeout=60)
                    return None
                at, job = datetime.fromisoformat(turn["at"]), turn["job"]
                self._let_happen(at)
                self.turns[job] += 1
                kill = self._kill_of(at, job)
                if kill and not kill.is_prepared:
                    kill.prepare()
                    kill.is_prepared = True
                process.stdin.write("\n")
                process.stdin.flush()
                if kill and _strikes(kill, lines):
                    self.kills.remove(kill)
                    self.killed_in.append(job)
                    return at + RESTART_AFTER
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            reader.join()
            process.stdin.close()
            process.stdout.close()

    def _let_happen(self, now: datetime) -> None:
        while self.happenings and self.happenings[0].at <= now:
            self.happenings.pop(0).do()

    def _kill_of(self, at: datetime, job: str) -> Kill | None:
        return next((kill for kill in self.kills if kill.job == job and at >= kill.after), None)


def _strikes(kill: Kill, lines: "queue.Queue[str]") -> bool:
    """Wait for the moment to kill; False when the turn ended before it, as one with nothing to do does."""
    deadline = time.monotonic() + TURN_S
    while lines.empty():
        if kill.struck():
            return True
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return False


def _pass_on(stream: Iterable[str], lines: "queue.Queue[str]") -> None:
    for line in stream:
        lines.put(line)
    lines.put("")

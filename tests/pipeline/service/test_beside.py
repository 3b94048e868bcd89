"""What people do beside a running service: reading and the analysts' commands wait for no job."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.locks import running_service, service_lock, tell_service, work_lock

IMPATIENT_S = 120.0
"""A command that waited for the job would wait for longer."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "diembao.yaml").write_text("province: cao-bang\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def busy_home(home: Path) -> Iterator[Path]:
    """A home whose service is in the middle of a job."""
    with service_lock(home):
        tell_service(home, since=datetime.now(UTC), listen="")
        with work_lock(home, 0):
            yield home


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("status",), 0, "running"),
        (("search", "cao bang"), 0, ""),
        (("doctor",), None, ""),
        (("deliveries", "list"), 0, ""),
        (("alerts", "list"), 0, ""),
        (("alerts", "ack", "cao-bang-20260304", "--by", "Lan"), 2, "cao-bang-20260304"),
        (("sources", "list"), 0, ""),
    ],
)
def test_reading_and_answering_wait_for_no_job(busy_home: Path, args: tuple[str, ...], code: int, said: str) -> None:
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(busy_home), "--lang", "en", *args]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIEMBAO_")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=IMPATIENT_S)
    assert code is None or done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert "Another diembao command" not in done.stderr


def test_a_record_without_a_lock_is_of_the_past(home: Path) -> None:
    assert running_service(home) is None
    with service_lock(home):
        tell_service(home, since=datetime.now(UTC), listen="127.0.0.1:8790")
        found = running_service(home)
        assert found is not None
        assert (found.pid, found.listen) == (os.getpid(), "127.0.0.1:8790")
    assert running_service(home) is None
    (home / "service.json").write_text('{"pid": 1, "since": "", "listen": ""}', encoding="utf-8")
    assert running_service(home) is None
    (home / "service.json").write_text("{", encoding="utf-8")
    assert running_service(home) is None

"""`diembao serve` as a process: it answers monitoring, lets people work beside it, stops when told, survives a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from pipeline.deliver.unsubscribe import link_maker
from pipeline.store import open_store

READY_S = 90.0
STOP_S = 10.0
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("DIEMBAO_")}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "diembao.yaml").write_text("province: cao-bang\nserve: {listen: '127.0.0.1:0'}\n", encoding="utf-8")
    (home / "sources.yaml").write_text("replace: true\nsources: []\n", encoding="utf-8")
    return home


def command(home: Path, *args: str) -> list[str]:
    return [sys.executable, "-m", "pipeline.cli", "--home", str(home), "--lang", "en", *args]


def diembao(home: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(home, *args), env=ENVIRONMENT, capture_output=True, text=True, check=False)


@contextmanager
def serving(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a service, wait until it is ready, and kill it at the end if it is still there."""
    record = home / "service.json"
    process = subprocess.Popen(
        command(home, "serve"), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + READY_S
        while not (record.exists() and json.loads(record.read_text() or "{}").get("pid") == process.pid):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


def get(home: Path, path: str) -> tuple[int, str]:
    return ask(home, "GET", path)


def ask(home: Path, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    listen = json.loads((home / "service.json").read_text(encoding="utf-8"))["listen"]
    connection = HTTPConnection(listen, timeout=30)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_service_from_its_start_to_its_end(home: Path) -> None:
    with serving(home) as service:
        status, body = get(home, "/healthz")
        assert (status, json.loads(body)["ok"]) == (200, True)
        status, body = get(home, "/metrics")
        assert status == 200
        assert 'diembao_waiting{queue="pages"} 0.0' in body
        assert "diembao_disk_free_bytes" in body
        assert get(home, "/store.sqlite")[0] == 404

        second = diembao(home, "serve")
        assert second.returncode == 2
        assert f"process {service.pid}" in second.stderr

        state = json.loads(diembao(home, "status", "--json").stdout)
        assert state["service"]["pid"] == service.pid
        assert {job["id"] for job in state["jobs"]} >= {"digest", "backup"}
        assert state["health"]["ok"]
        assert diembao(home, "purge").returncode == 0, "a command waits for the job at hand, then works"

        service.send_signal(signal.SIGTERM)
        told_at = time.monotonic()
        out, _ = service.communicate(timeout=READY_S)
        assert time.monotonic() - told_at < STOP_S
        assert service.returncode == 0
        assert "has ended" in out
    assert json.loads(diembao(home, "status", "--json").stdout)["service"] is None


def test_a_reader_unsubscribes_with_one_click(home: Path) -> None:
    with serving(home), closing(open_store(f"sqlite:///{home / 'store.sqlite'}")) as store:
        link = link_maker(store, "")("an@tinh.example")
        assert ask(home, "GET", link)[0] == 200
        assert not store.unsubscribed()
        assert ask(home, "POST", link, "List-Unsubscribe=One-Click")[0] == 200
        assert list(store.unsubscribed()) == ["an@tinh.example"]
        assert ask(home, "POST", link[:-1], "List-Unsubscribe=One-Click")[0] == 404
        assert ask(home, "POST", "/healthz")[0] == 404


def test_what_a_killed_service_leaves_behind_is_in_nobodys_way(home: Path) -> None:
    with serving(home) as first:
        first.kill()
        first.communicate()
    assert (home / "service.json").exists()
    assert json.loads(diembao(home, "status", "--json").stdout)["service"] is None
    with serving(home) as second:
        assert get(home, "/healthz")[0] == 200
        second.send_signal(signal.SIGINT)
        second.communicate(timeout=READY_S)
        assert second.returncode == 0


def test_an_address_that_is_taken_is_named(home: Path) -> None:
    with serving(home):
        listen = json.loads((home / "service.json").read_text(encoding="utf-8"))["listen"]
        other = home.parent / "other"
        other.mkdir()
        (other / "diembao.yaml").write_text(f"province: hue\nserve: {{listen: '{listen}'}}\n", encoding="utf-8")
        refused = diembao(other, "serve")
    assert refused.returncode == 2
    assert listen in refused.stderr


def test_a_damaged_store_is_told_to_monitoring(home: Path) -> None:
    with serving(home):
        for path in home.glob("store.sqlite*"):
            with path.open("r+b") as file:  # not cut short, for SQLite maps one of them into memory
                file.write(b"\xff" * path.stat().st_size)  # all of it: a job that writes just now may mend the start
        status, body = get(home, "/healthz")
        assert status == 503
        assert [reason["code"] for reason in json.loads(body)["reasons"]] == ["store"]
        assert get(home, "/metrics")[0] == 503

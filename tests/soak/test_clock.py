"""Some minutes of `diembao serve` by the real clock on the demo press: the edition that is due arrives by mail.

``SOAK_MINUTES`` says how many; 3 unless it does.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config.localtime import LOCAL_ZONE
from pipeline.store import open_store
from tests.press.demo import demo_site
from tests.press.server import Press
from tests.smtp.server import Mailroom

MINUTES = float(os.environ.get("SOAK_MINUTES", "3"))
LAST_ARTICLE_HOUR = 7
"""The demo's day ends then."""
PEOPLE = ("mau@tinh.example", "thu@tinh.example")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("DIEMBAO_")}
STOP_S = 10.0


def command(home: Path, *args: str) -> list[str]:
    return [sys.executable, "-m", "pipeline.cli", "--home", str(home), *args]


def diembao(home: Path, *args: str) -> str:
    done = subprocess.run(command(home, *args), env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


@contextmanager
def serving(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (home / "service.log").open("wb") as log:
        process = subprocess.Popen(command(home, "serve"), env=ENVIRONMENT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def health(home: Path) -> tuple[int, dict[str, object]]:
    listen = json.loads((home / "service.json").read_text(encoding="utf-8"))["listen"]
    connection = HTTPConnection(listen, timeout=60)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def set_up(home: Path, press: Press, *, hour: int, port: int) -> None:
    """Write an installation that collected its first day, and whose service ran yesterday and not since."""
    (home / "diembao.yaml").write_text(
        f"province: cao-bang\ncontact: baochi@tinh.example\ncrawl: {{allow_loopback: true}}\n"
        f"digest: {{window_hour: {hour}}}\nserve: {{listen: '127.0.0.1:0'}}\n"
        f"smtp: {{host: 127.0.0.1, port: {port}, security: none, sender: diembao@tinh.example}}\n",
        encoding="utf-8",
    )
    people = "".join(f"  - {{name: '{address}', to: {address}}}\n" for address in PEOPLE)
    (home / "recipients.yaml").write_text(f"recipients:\n{people}", encoding="utf-8")
    (home / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
    diembao(home, "crawl", "--force")
    diembao(home, "process")
    store, yesterday = open_store(f"sqlite:///{home / 'store.sqlite'}"), datetime.now(UTC) - timedelta(days=1)
    store.start_job("digest", yesterday)
    store.finish_job("digest", yesterday, "done", done=True)
    store.close()


@pytest.mark.long
@pytest.mark.timeout(60 * MINUTES + 600)
def test_the_edition_that_is_due_arrives(tmp_path: Path) -> None:
    now = datetime.now(LOCAL_ZONE)
    day = now.date() if now.hour >= LAST_ARTICLE_HOUR else now.date() - timedelta(days=1)
    with Press(demo_site(day)) as press, Mailroom() as mailroom:
        set_up(tmp_path, press, hour=now.hour, port=mailroom.port)
        began = time.monotonic()
        with serving(tmp_path) as service:
            mailroom.wait(lambda: len(mailroom.messages) == len(PEOPLE), 60 * MINUTES)
            arrived_s = time.monotonic() - began
            press.advance()
            answers: Counter[int] = Counter()
            while time.monotonic() - began < 60 * MINUTES:
                assert service.poll() is None, (tmp_path / "service.log").read_text(encoding="utf-8")[-2000:]
                answers[health(tmp_path)[0]] += 1
                time.sleep(5)
            told_at = time.monotonic()
            service.send_signal(signal.SIGTERM)
            assert service.wait(timeout=60) == 0
            stopped_s = time.monotonic() - told_at
    state = json.loads(diembao(tmp_path, "status", "--json"))
    print(
        f"\n{MINUTES:g} min: mails after {arrived_s:.0f} s, stopped in {stopped_s:.1f} s, /healthz {dict(answers)}, "
        f"{state['documents']} articles, jobs {[(job['id'], job['outcome']) for job in state['jobs']]}"
    )
    assert stopped_s < STOP_S
    assert set(answers) == {200}
    assert sorted(mail.recipients[0] for mail in mailroom.messages) == sorted(PEOPLE)
    assert all(f" {now.day}/{now.month}/{now.year}:" in mail.mail["Subject"] for mail in mailroom.messages)
    assert not [job for job in state["jobs"] if job["failures"]]
    assert state["deliveries"] == [{"channel": "email", "state": "sent", "count": len(PEOPLE)}]

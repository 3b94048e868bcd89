"""A sender that is killed: nothing is lost, nothing is sent twice unless a person says so."""

import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.store import Store
from tests.pipeline.deliver.messages import NOW, outgoing
from tests.smtp.server import Mailroom


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


@contextmanager
def sending(url: str, mailroom: Mailroom) -> Iterator[subprocess.Popen[str]]:
    """Run a process that sends what is due; whatever is left of it at the end is killed."""
    command = [sys.executable, "-m", "tests.pipeline.deliver.send_due", url, str(mailroom.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def send(url: str, mailroom: Mailroom) -> tuple[int, int]:
    """Send what is due to the end; returns how many were sent and how many are newly uncertain."""
    with sending(url, mailroom) as process:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    sent, uncertain = out.split()[-2:]
    return int(sent), int(uncertain)


def states(store: Store) -> dict[str, str]:
    return {one.key: one.state for one in store.deliveries()}


def test_killed_while_the_server_takes_the_mail_in(store: Store, url: str, mailroom: Mailroom) -> None:
    store.plan_deliveries([outgoing("a"), outgoing("b")], NOW)
    mailroom.fail("DOT", hang_s=60, keep=True)
    with sending(url, mailroom) as process:
        mailroom.wait(lambda: len(mailroom.messages) == 1)
        process.kill()
    assert states(store) == {"a": "sending", "b": "planned"}
    assert send(url, mailroom) == (1, 1), "the next one goes out, the interrupted one is told"
    assert states(store) == {"a": "uncertain", "b": "sent"}
    assert send(url, mailroom) == (0, 0)
    assert [one.mail["Subject"] for one in mailroom.messages] == ["a", "b"]
    (doubted,) = store.deliveries(("uncertain",))
    assert doubted.reason == "interrupted"
    assert store.settle_delivery(doubted.id, "sent", "Lan", NOW)
    assert send(url, mailroom) == (0, 0)


def test_killed_between_the_reply_and_the_record(store: Store, url: str, mailroom: Mailroom, tmp_path: Path) -> None:
    store.plan_deliveries([outgoing("a")], NOW)
    mailroom.fail("DOT", hang_s=2, keep=True)
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None, timeout=30)
    with sending(url, mailroom) as process:
        mailroom.wait(lambda: len(mailroom.messages) == 1)
        other.execute("BEGIN IMMEDIATE")  # the record must wait, and the reply comes meanwhile
        time.sleep(3)
        assert process.poll() is None
        process.kill()
    other.close()
    assert states(store) == {"a": "sending"}
    assert send(url, mailroom) == (0, 1)
    assert (states(store), len(mailroom.messages)) == ({"a": "uncertain"}, 1)


def test_killed_before_the_content_is_no_doubt(store: Store, url: str, mailroom: Mailroom) -> None:
    store.plan_deliveries([outgoing("a")], NOW)
    mailroom.fail("RCPT", hang_s=60)
    with sending(url, mailroom) as process:
        mailroom.wait(lambda: "EHLO" in mailroom.commands)
        time.sleep(0.5)
        process.kill()
    assert states(store) == {"a": "planned"}
    assert send(url, mailroom) == (1, 0)
    assert len(mailroom.messages) == 1


@pytest.mark.long
def test_killed_at_random_moments(store: Store, url: str, mailroom: Mailroom) -> None:
    """Sixty mails, killed twelve times: each arrived once, or is uncertain and arrived once at most."""
    chance = random.Random(7)
    store.plan_deliveries([outgoing(f"m{n:02}") for n in range(60)], NOW)
    kills = 0
    while kills < 12 and "planned" in states(store).values():
        before = len(mailroom.commands)
        with sending(url, mailroom) as process:
            mailroom.wait(lambda: len(mailroom.commands) > before)  # noqa: B023 - waited for here
            time.sleep(chance.uniform(0, 0.15))
            kills += process.poll() is None
            process.kill()
    send(url, mailroom)
    received = Counter(one.mail["Subject"] for one in mailroom.messages)
    print(f"killed {kills} times:", Counter(states(store).values()), "received", received.total())
    for key, state in states(store).items():
        assert state in ("sent", "uncertain")
        assert received[key] == 1 if state == "sent" else received[key] <= 1
    assert kills >= 5

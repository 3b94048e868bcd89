"""deliver, deliveries: as a person uses them, against a real mail server."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.app import Installation
from pipeline.digest.window import last_closed, window
from pipeline.service.due import messages_are_due
from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import ITEMS
from tests.smtp.server import Mailroom

RECIPIENTS = """\
recipients:
  - {name: Mẫu, to: mau@tinh.example, groups: [vp]}
  - {name: Economy, to: kinhte@tinh.example, language: vi, topics: [economy], groups: [vp]}
groups: {vp: {editions: [daily]}}
"""


@pytest.fixture
def mailroom() -> Iterator[Mailroom]:
    with Mailroom() as server:
        yield server


@pytest.fixture
def office(diembao: Diembao, home: Path, mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> Diembao:
    """A home with two recipients and a mail server."""
    assert diembao("init", "--province", "cao-bang").code == 0
    (home / "recipients.yaml").write_text(RECIPIENTS, encoding="utf-8")
    for key, value in {
        "HOST": "127.0.0.1",
        "PORT": mailroom.port,
        "SECURITY": "none",
        "SENDER": "db@tinh.example",
    }.items():
        monkeypatch.setenv(f"DIEMBAO_SMTP__{key}", str(value))
    monkeypatch.setenv("DIEMBAO_CRAWL__ALLOW_LOOPBACK", "true")
    return diembao


def deliver_is_due(home: Path) -> bool:
    with closing(Installation(home)) as installation:
        return messages_are_due(installation)


def test_a_revision_sealed_beside_the_service_is_due_at_once(
    office: Diembao, home: Path, mailroom: Mailroom, tmp_path: Path
) -> None:
    issue_edition(office, tmp_path)
    assert office("deliver").code == 0
    assert not deliver_is_due(home)
    assert "sealed" in office("digest", "--revise").out
    assert deliver_is_due(home)
    assert office("deliver").code == 0
    assert not deliver_is_due(home)
    assert len(mailroom.messages) == 4


def test_init_brings_a_file_of_recipients_that_names_nobody(diembao: Diembao, home: Path) -> None:
    assert diembao("init", "--province", "cao-bang").code == 0
    assert "# recipients:" in (home / "recipients.yaml").read_text(encoding="utf-8")
    assert "Nothing is due" in diembao("deliver").out
    assert "no messages" in diembao("deliveries", "list").out


def test_a_trial_reaches_a_recipient_an_address_or_a_group(office: Diembao, mailroom: Mailroom) -> None:
    assert office("deliver", "--test", "Mẫu").code == 0
    assert office("deliver", "--test", "kinhte@tinh.example").code == 0
    assert office("deliver", "--test", "vp").code == 0
    assert [one.recipients[0] for one in mailroom.messages] == [
        f"{name}@tinh.example" for name in ("mau", "kinhte", "mau", "kinhte")
    ]
    assert not any(b"\n" in one.content.replace(b"\r\n", b"") for one in mailroom.messages)
    ran = office("deliver", "--test", "nobody")
    assert ran.code == 2
    assert "Economy, Mẫu" in ran.err


def test_a_trial_that_fails_says_why_and_is_not_sent_later(office: Diembao, mailroom: Mailroom) -> None:
    mailroom.fail("RCPT", reply="450 4.2.1 mailbox busy")
    ran = office("deliver", "--test", "Mẫu")
    assert ran.code == 1
    assert "450 4.2.1 mailbox busy" in ran.out
    assert office("deliver").code == 0
    assert mailroom.messages == []


def test_without_a_mail_server_a_trial_says_what_to_set(diembao: Diembao, home: Path) -> None:
    diembao("init", "--province", "cao-bang")
    (home / "recipients.yaml").write_text(RECIPIENTS, encoding="utf-8")
    ran = diembao("deliver", "--test", "Mẫu")
    assert (ran.code, "smtp.host" in ran.err) == (2, True)
    assert "no mail server" in diembao("doctor").out


def issue_edition(office: Diembao, folder: Path) -> None:
    """Import items of the window that closed last, and seal its edition."""
    from_at, _ = window(last_closed(datetime.now(UTC), 7), 7)
    fresh = {"published_at": (from_at + timedelta(hours=1)).isoformat()}
    lines = (json.dumps(item | fresh, ensure_ascii=False) for item in ITEMS)
    (folder / "items.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert office("import", str(folder / "items.jsonl")).code == 0
    assert "sealed" in office("digest").out


def test_a_sealed_edition_is_sent_once(office: Diembao, mailroom: Mailroom, tmp_path: Path) -> None:
    assert office("deliver").code == 0
    issue_edition(office, tmp_path)
    first = office("deliver")
    assert (first.code, "Sent: 2" in first.out) == (0, True), first
    assert "Nothing is due" in office("deliver").out
    whole, excerpt = (one.mail for one in mailroom.messages)
    assert whole["To"] == "Mẫu <mau@tinh.example>"
    assert whole["Subject"].startswith("[Press review] Cao Bằng Province")
    assert excerpt["Subject"].startswith("[Điểm báo] Tỉnh Cao Bằng")
    body = excerpt.get_body(("plain",))
    assert body
    assert "Bản trích theo lựa chọn của người nhận" in " ".join(body.get_content().split())
    rows = json.loads(office("deliveries", "list", "--json").out)
    assert {row["state"] for row in rows} == {"sent"}
    assert all(re.fullmatch(r"digest/cao-bang/\d{4}-\d\d-\d\d/1/\w+@tinh.example", row["key"]) for row in rows)

    assert "sealed" in office("digest", "--revise").out
    assert "Sent: 2" in office("deliver").out, "a revision is sent as well"
    assert mailroom.messages[2].mail["Message-ID"] != whole["Message-ID"]


def test_a_person_decides_on_an_uncertain_one(office: Diembao, mailroom: Mailroom, tmp_path: Path) -> None:
    issue_edition(office, tmp_path)
    mailroom.fail("DOT", drop=True, keep=True)
    ran = office("deliver")
    assert (ran.code, "uncertain" in ran.out) == (3, True)
    assert "may or may not have arrived" in office("doctor").out
    counts = {row["state"]: row["count"] for row in json.loads(office("status", "--json").out)["deliveries"]}
    assert counts == {"sent": 1, "uncertain": 1}
    assert "uncertain 1" in office("status").out
    (row,) = json.loads(office("deliveries", "list", "--state", "uncertain", "--json").out)
    assert office("deliveries", "settle", str(row["id"]), "--as", "sent").code == 2, "somebody must decide"
    assert office("deliveries", "settle", str(row["id"]), "--as", "sent", "--by", "Lan").code == 0
    again = office("deliveries", "resend", str(row["id"]), "--by", "Lan")
    assert (again.code, "“sent”" in again.err) == (2, True)
    assert "decided by Lan" in office("deliveries", "list").out
    assert office("deliveries", "resend", "999", "--by", "Lan").code == 2
    assert office("deliveries", "list", "--state", "lost").code == 2
    assert len(mailroom.messages) == 2


def test_a_refused_one_is_told_and_sent_again_when_a_person_says_so(
    office: Diembao, mailroom: Mailroom, tmp_path: Path
) -> None:
    issue_edition(office, tmp_path)
    mailroom.fail("RCPT", reply="550 5.1.1 no such user", recipient="kinhte@tinh.example")
    assert office("deliver").code == 3
    assert "550 5.1.1 no such user" in office("doctor").out
    (row,) = json.loads(office("deliveries", "list", "--state", "refused", "--json").out)
    assert office("deliveries", "resend", str(row["id"]), "--by", "Lan").code == 0
    assert "Sent: 1" in office("deliver").out
    assert [one.recipients for one in mailroom.messages] == [["mau@tinh.example"], ["kinhte@tinh.example"]]


def test_a_mistake_among_the_recipients_stops_the_start_and_is_told(office: Diembao, home: Path) -> None:
    (home / "recipients.yaml").write_text("recipients:\n  - {name: A, too: a@b.example}\n", encoding="utf-8")
    ran = office("deliver")
    assert (ran.code, "line 2" in ran.err) == (2, True)
    assert "line 2" in office("doctor").out


def test_an_address_that_never_unsubscribed(office: Diembao) -> None:
    assert office("deliveries", "subscribe", "mau@tinh.example").code == 2

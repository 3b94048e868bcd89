"""Senders from settings and recipients: what is set up wrong stops its own channel and waits to be put right."""

import base64
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import SmtpSettings
from pipeline.deliver.due import DeliveryReport, deliver_due
from pipeline.deliver.recipients import Recipient
from pipeline.deliver.senders import build_senders
from pipeline.deliver.webhook import WebhookTarget
from pipeline.store import Store
from tests.pipeline.deliver.http_server import HookServer
from tests.pipeline.deliver.messages import NOW, outgoing
from tests.smtp.server import Mailroom

LATER = NOW + timedelta(minutes=5)


def deliver(
    store: Store, home: Path, smtp: SmtpSettings, recipients: tuple[Recipient, ...] = (), *, now: datetime = NOW
) -> DeliveryReport:
    senders = build_senders(smtp, recipients, home, {}, lambda: now)
    return deliver_due(store, senders, lambda: now)


def test_a_missing_secret_stops_one_channel_until_it_is_there(store: Store, tmp_path: Path) -> None:
    with HookServer() as hooks, HookServer() as others:
        recipients = tuple(
            Recipient(
                name=name,
                channel="webhook",
                address=name,
                webhook=WebhookTarget(url=server.url, secret_file=Path(f"{name}.secret")),
            )
            for name, server in (("ioc", hooks), ("khac", others))
        )
        (tmp_path / "khac.secret").write_bytes(base64.b64encode(os.urandom(32)))
        store.plan_deliveries([outgoing(one.name, channel="webhook", recipient=one.name) for one in recipients], NOW)
        report = deliver(store, tmp_path, SmtpSettings(), recipients)
        assert (report.sent, report.retried) == (1, 1)
        waiting = next(one for one in store.deliveries() if one.key == "ioc")
        assert (waiting.state, waiting.reason) == ("planned", "misconfigured")
        assert "ioc.secret" in waiting.detail
        (tmp_path / "ioc.secret").write_bytes(base64.b64encode(os.urandom(32)))
        assert deliver(store, tmp_path, SmtpSettings(), recipients, now=LATER).sent == 1


@pytest.mark.parametrize("missing", ["password_file", "ca_file"])
def test_mail_waits_for_its_files(store: Store, mailroom: Mailroom, tmp_path: Path, missing: str) -> None:
    smtp = SmtpSettings(host="127.0.0.1", port=mailroom.port, security="none", sender="db@tinh.example")
    wrong = smtp.model_copy(update={missing: Path("thieu")})
    store.plan_deliveries([outgoing("a"), outgoing("b")], NOW)
    report = deliver(store, tmp_path, wrong)
    assert (report.retried, report.waiting) == (1, 1), "the whole channel waits"
    assert deliver(store, tmp_path, smtp, now=LATER).sent == 2


def test_without_a_mail_server_mail_waits(store: Store, tmp_path: Path) -> None:
    store.plan_deliveries([outgoing("a")], NOW)
    assert deliver(store, tmp_path, SmtpSettings()).waiting == 1
    assert [one.attempts for one in store.deliveries()] == [0]


def test_the_secrets_are_nowhere_in_words(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("hush-hush", encoding="utf-8")
    smtp = SmtpSettings(host="h", sender="a@b.example", user="u", password_file=Path("p"))
    senders = build_senders(smtp, (), tmp_path, {}, lambda: datetime.now(UTC))
    assert "hush" not in repr(vars(senders["email"]))

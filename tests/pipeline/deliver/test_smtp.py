"""Every fault of a mail server, met for real.

What was certainly not delivered is tried again, what may have been delivered is not.
"""

import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deliver.due import DeliveryReport, deliver_due
from pipeline.deliver.outcome import FIRST_WAIT, GIVE_UP_AFTER, JITTER, LONGEST_WAIT, retry_wait
from pipeline.deliver.smtp import SmtpSender, SmtpServer
from pipeline.store import Store
from pipeline.store.deliveries import Delivery
from tests.pipeline.deliver.messages import NOW, outgoing
from tests.smtp.server import Mailroom

SHORT_S = 1.0
"""As long as these tests wait for a server that hangs."""


def server(mailroom: Mailroom, **options: Any) -> SmtpServer:
    plain = SmtpServer(
        host="127.0.0.1",
        port=mailroom.port,
        security="none",
        sender="diembao@tinh.example",
        timeout_s=SHORT_S,
        final_timeout_s=SHORT_S,
    )
    return replace(plain, **options)


def deliver(store: Store, at: SmtpServer, now: datetime = NOW) -> DeliveryReport:
    return deliver_due(store, {"email": SmtpSender(at)}, lambda: now, jitter=lambda: 0)


def state(store: Store, key: str = "a") -> Delivery:
    return next(one for one in store.deliveries() if one.key == key)


def test_mails_arrive_over_one_connection_byte_by_byte(store: Store, mailroom: Mailroom) -> None:
    content = "Subject: a\r\n\r\n.một dấu chấm\r\n..hai\r\n.\r\nhết".encode()
    messages = [outgoing(key, payload=content, recipient=f"{key}@tinh.example") for key in "abc"]
    store.plan_deliveries(messages, NOW)
    report = deliver(store, server(mailroom))
    assert (report.sent, report.troubled) == (3, False)
    assert [one.recipients for one in mailroom.messages] == [[f"{key}@tinh.example"] for key in "abc"]
    assert {one.sender for one in mailroom.messages} == {"diembao@tinh.example"}
    assert {one.content for one in mailroom.messages} == {content + b"\r\n"}
    assert mailroom.commands.count("EHLO") == 1
    assert (state(store).state, state(store).sent_at) == ("sent", NOW)
    assert deliver(store, server(mailroom)).sent == 0


PASSING: dict[str, Callable[[Mailroom], None]] = {
    "421 on arrival": lambda room: room.fail("EHLO", reply="421 4.3.2 đang bảo trì"),
    "421 at the sender": lambda room: room.fail("MAIL", reply="421 4.3.2 closing"),
    "451 at the sender": lambda room: room.fail("MAIL", reply="451 4.3.0 later"),
    "450 at the recipient": lambda room: room.fail("RCPT", reply="450 4.2.1 greylisted"),
    "421 at the recipient": lambda room: room.fail("RCPT", reply="421 4.3.2 closing"),
    "451 at the content": lambda room: room.fail("DATA", reply="451 4.3.0 later"),
    "452 after the content": lambda room: room.fail("DOT", reply="452 4.3.1 disk full"),
    "hangs before the recipient": lambda room: room.fail("RCPT", hang_s=SHORT_S * 2),
    "hangs at the greeting": lambda room: room.fail("EHLO", hang_s=SHORT_S * 2),
    "cut at the sender": lambda room: room.fail("MAIL", drop=True),
    "cut at the content": lambda room: room.fail("DATA", drop=True),
    "account wanted": lambda room: room.fail("MAIL", reply="530 5.7.0 Authentication required"),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_sent_once_by_the_next_attempt(store: Store, mailroom: Mailroom, name: str) -> None:
    store.plan_deliveries([outgoing("a")], NOW)
    PASSING[name](mailroom)
    report = deliver(store, server(mailroom))
    assert (report.sent, report.retried, report.uncertain) == (0, 1, 0)
    waiting = state(store)
    assert (waiting.state, waiting.attempts, waiting.next_at) == ("planned", 1, NOW + timedelta(minutes=1))
    assert waiting.reason
    assert mailroom.messages == []
    assert deliver(store, server(mailroom)).sent == 0, "not before its time"
    assert deliver(store, server(mailroom), waiting.next_at).sent == 1
    assert len(mailroom.messages) == 1


@pytest.mark.parametrize(
    ("stage", "reply", "reason"),
    [
        ("MAIL", "553 5.1.8 not your address", "sender_refused"),
        ("RCPT", "550 5.1.1 không có hộp thư này", "recipient_refused"),
        ("DATA", "554 5.7.1 no", "content_refused"),
        ("DOT", "554 5.7.1 spam", "content_refused"),
    ],
)
def test_a_refusal_is_set_aside_and_told(store: Store, mailroom: Mailroom, stage: Any, reply: str, reason: str) -> None:
    store.plan_deliveries([outgoing("a"), outgoing("b")], NOW)
    mailroom.fail(stage, reply=reply)
    report = deliver(store, server(mailroom))
    assert (report.refused, report.sent) == (1, 1), "one refused mail stops no other"
    assert mailroom.commands.count("EHLO") == 1
    assert (state(store).state, state(store).reason, state(store).detail) == ("refused", reason, reply)
    assert deliver(store, server(mailroom), NOW + timedelta(days=1)).sent == 0


DOUBTFUL: dict[str, Callable[[Mailroom], None]] = {
    "cut after the last dot, taken in": lambda room: room.fail("DOT", drop=True, keep=True),
    "cut after the last dot, lost": lambda room: room.fail("DOT", drop=True),
    "hangs after the last dot": lambda room: room.fail("DOT", hang_s=SHORT_S * 2, keep=True),
    "nonsense after the last dot": lambda room: room.fail("DOT", reply="xin chào", keep=True),
    "cut where only the server knows it was before the dot": lambda room: room.fail("BODY", drop=True),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_may_have_arrived_is_left_to_a_person(store: Store, mailroom: Mailroom, name: str) -> None:
    store.plan_deliveries([outgoing("a")], NOW)
    DOUBTFUL[name](mailroom)
    report = deliver(store, server(mailroom))
    assert (report.uncertain, report.sent, report.retried) == (1, 0, 0)
    taken_in = len(mailroom.messages)
    assert deliver(store, server(mailroom), NOW + timedelta(days=1)).sent == 0
    assert len(mailroom.messages) == taken_in, "never twice by itself"
    doubted = state(store)
    assert doubted.state == "uncertain"
    assert store.resend_delivery(doubted.id, "Lan", NOW)
    assert deliver(store, server(mailroom)).sent == 1
    assert mailroom.messages[-1].content == outgoing("a").payload


def test_a_connection_cut_before_all_was_sent_is_no_doubt(store: Store, mailroom: Mailroom) -> None:
    large = b"Subject: a\r\n\r\n" + b"x" * 900 + b"\r\n" + (b"y" * 900 + b"\r\n") * 10_000
    store.plan_deliveries([outgoing("a", payload=large)], NOW)
    mailroom.fail("BODY", drop=True)
    assert deliver(store, server(mailroom)).retried == 1
    assert (state(store).state, state(store).reason) == ("planned", "lost_midway")


def test_a_server_that_is_away_is_asked_once_a_round(store: Store, mailroom: Mailroom) -> None:
    store.plan_deliveries([outgoing(key) for key in "abcd"], NOW)
    mailroom.fail("EHLO", reply="421 4.3.2 closing", times=2)
    report = deliver(store, server(mailroom))
    assert (report.retried, report.waiting) == (1, 3)
    assert [state(store, key).attempts for key in "abcd"] == [1, 0, 0, 0]
    nobody = replace(server(mailroom), port=1)
    assert deliver(store, nobody, NOW + timedelta(hours=1)).retried == 1
    assert "unreachable" in {one.reason for one in store.deliveries()}


def test_a_kept_connection_that_the_server_ended_is_renewed(store: Store, mailroom: Mailroom) -> None:
    sender = SmtpSender(server(mailroom))
    store.plan_deliveries([outgoing("a"), outgoing("b")], NOW)
    first, second = (store.delivery(one.id) for one in store.due_deliveries(NOW))
    assert first
    assert second
    assert sender.send(first, lambda: None).verdict == "sent"
    mailroom.fail("MAIL", reply="421 4.7.0 too many messages on this connection")
    assert sender.send(second, lambda: None).verdict == "sent"
    sender.close()
    assert mailroom.commands.count("EHLO") == 2


def test_waits_grow_and_end(store: Store, mailroom: Mailroom) -> None:
    store.plan_deliveries([outgoing("a")], NOW)
    mailroom.fail("RCPT", reply="450 4.2.1 busy", times=9)
    now, waits = NOW, []
    for _ in range(8):
        deliver(store, server(mailroom), now)
        waits.append(state(store).next_at - now)
        now = state(store).next_at
    assert waits == [timedelta(minutes=m) for m in (1, 2, 4, 8, 16, 32, 60, 60)]
    assert deliver(store, server(mailroom), NOW + GIVE_UP_AFTER + timedelta(minutes=1)).refused == 1
    assert (state(store).state, state(store).reason, state(store).detail) == ("refused", "gave_up", "450 4.2.1 busy")


@given(attempts=st.integers(1, 10_000), jitter=st.floats(-1, 1))
def test_no_wait_is_shorter_or_longer_than_meant(attempts: int, jitter: float) -> None:
    wait = retry_wait(attempts, jitter)
    assert FIRST_WAIT * (1 - JITTER) <= wait <= LONGEST_WAIT * (1 + JITTER)


# ---- TLS and signing in ---------------------------------------------------------------------------------------------


def planned(store: Store) -> Store:
    store.plan_deliveries([outgoing("a")], NOW)
    return store


@pytest.mark.parametrize("password", ["hoa sen", "mật khẩu"])
def test_starttls_and_an_account(
    store: Store, certified: ssl.SSLContext, trusted: ssl.SSLContext, password: str
) -> None:
    with Mailroom(tls=certified, require_starttls=True, accounts={"vp": password}) as room:
        at = server(room, security="starttls", trust=trusted, user="vp", password="mat-khau-sai")
        assert deliver(planned(store), at).retried == 1
        assert state(store).reason == "sign_in"
        assert "mat-khau-sai" not in state(store).detail + repr(at)
        right = replace(at, password=password)
        assert deliver(store, right, state(store).next_at).sent == 1


def test_tls_from_the_first_byte(store: Store, certified: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    with Mailroom(tls=certified, implicit_tls=True) as room:
        assert deliver(planned(store), server(room, security="tls", trust=trusted)).sent == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouched_for(store: Store, certified: ssl.SSLContext, security: Any) -> None:
    with Mailroom(tls=certified, implicit_tls=security == "tls") as room:
        assert deliver(planned(store), server(room, security=security)).retried == 1
        assert state(store).reason == "untrusted"
        assert room.messages == []


def test_a_server_without_starttls_gets_nothing_in_clear(store: Store, mailroom: Mailroom) -> None:
    assert deliver(planned(store), server(mailroom, security="starttls", user="vp", password="x")).retried == 1
    assert state(store).reason == "no_starttls"
    assert mailroom.messages == []


def test_a_server_that_takes_no_account(store: Store, mailroom: Mailroom) -> None:
    assert deliver(planned(store), server(mailroom, user="vp", password="x")).retried == 1
    assert state(store).reason == "no_sign_in"

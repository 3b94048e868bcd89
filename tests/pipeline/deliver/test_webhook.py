"""Signed posts to a real server; the standard's own library checks the signatures."""

import base64
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import urllib3
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from config.errors import ConfigError
from pipeline.deliver.due import deliver_due
from pipeline.deliver.senders import ByName
from pipeline.deliver.webhook import WebhookSender, parse_secret
from pipeline.store import Store
from tests.pipeline.deliver.http_server import HookServer
from tests.pipeline.deliver.messages import outgoing

SECRET = b"mot khoa chung dai hon hai muoi bon byte"
NOW = datetime.now(UTC)
BODY = '{"tin":"Thác Bản Giốc"}'.encode()


def sender(server: HookServer, now: datetime = NOW, **options: Any) -> ByName:
    hook = WebhookSender(server.url, SECRET, lambda: now, timeout=urllib3.Timeout(total=1), **options)
    return ByName({"ioc": hook})


def planned(store: Store, recipient: str = "ioc") -> Store:
    message = outgoing("alert/1/ioc", channel="webhook", recipient=recipient, payload=BODY, not_before_at=NOW)
    store.plan_deliveries([message], NOW)
    return store


def verified(request: Any) -> Any:
    return Webhook(base64.b64encode(SECRET).decode()).verify(request.body, request.headers)


def test_a_receiver_can_check_who_sent_it(store: Store) -> None:
    now = datetime.now(UTC)  # the library that checks goes by the clock of the day
    with HookServer() as server:
        report = deliver_due(planned(store), {"webhook": sender(server, now)}, lambda: now)
    assert report.sent == 1
    (request,) = server.requests
    assert (request.path, request.body) == ("/nhan", BODY)
    assert verified(request) == {"tin": "Thác Bản Giốc"}
    request.headers["webhook-timestamp"] = str(int(now.timestamp()) + 1)
    with pytest.raises(WebhookVerificationError):
        verified(request)


def test_an_old_request_is_no_good(store: Store) -> None:
    with HookServer() as server:
        deliver_due(planned(store), {"webhook": sender(server, NOW - timedelta(minutes=6))}, lambda: NOW)
    with pytest.raises(WebhookVerificationError, match="too old"):
        verified(server.requests[0])


@pytest.mark.parametrize("answer", [500, 503, 429, "drop", "hang"])
def test_what_fails_is_sent_again_under_the_same_id(store: Store, answer: int | str) -> None:
    now = datetime.now(UTC)  # the library that checks goes by the clock of the day
    with HookServer(answers=[answer]) as server:
        assert deliver_due(planned(store), {"webhook": sender(server, now)}, lambda: now).retried == 1
        later = now + timedelta(minutes=2)
        assert deliver_due(store, {"webhook": sender(server, later)}, lambda: later).sent == 1
    first, second = server.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    verified(second)


@pytest.mark.parametrize("answer", [400, 401, 404, 410, 302, 307])
def test_a_refusal_is_set_aside_and_no_redirect_is_followed(store: Store, answer: int) -> None:
    with HookServer(answers=[answer]) as server:
        assert deliver_due(planned(store), {"webhook": sender(server)}, lambda: NOW).refused == 1
    assert len(server.requests) == 1
    (refused,) = store.deliveries()
    assert (refused.state, refused.reason, refused.detail) == ("refused", "hook_refused", str(answer))


def test_one_that_was_interrupted_is_sent_again(store: Store) -> None:
    (one,) = planned(store).deliveries()
    store.begin_sending(one.id, NOW)
    with HookServer() as server:
        assert deliver_due(store, {"webhook": sender(server)}, lambda: NOW).sent == 1


def test_tls_is_verified(store: Store, certified: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    with HookServer(tls=certified) as server:
        assert deliver_due(planned(store), {"webhook": sender(server)}, lambda: NOW).retried == 1
        assert [one.reason for one in store.deliveries()] == ["untrusted"]
        later = NOW + timedelta(minutes=2)
        assert deliver_due(store, {"webhook": sender(server, trust=trusted)}, lambda: later).sent == 1


def test_an_address_is_never_told(store: Store) -> None:
    server = HookServer()
    with server:
        away = ByName({"ioc": WebhookSender("http://127.0.0.1:1/bi-mat", SECRET, lambda: NOW)})
        with structlog.testing.capture_logs() as events:
            deliver_due(planned(store), {"webhook": away}, lambda: NOW)
    assert [one.reason for one in store.deliveries()] == ["unreachable"]
    assert "bi-mat" not in repr(events) + repr(store.deliveries())


def test_a_receiver_that_is_gone_from_the_file(store: Store) -> None:
    with HookServer() as server:
        assert deliver_due(planned(store, "cu"), {"webhook": sender(server)}, lambda: NOW).refused == 1
    assert [one.reason for one in store.deliveries()] == ["no_channel"]


def test_a_shared_secret(tmp_path: Path) -> None:
    encoded = base64.b64encode(SECRET).decode()
    assert parse_secret(encoded, tmp_path) == parse_secret(f"whsec_{encoded}", tmp_path) == SECRET
    for bad in ("khóa chung", "bmdhbg==", "whsec_"):
        with pytest.raises(ConfigError, match="openssl") as caught:
            parse_secret(bad, tmp_path)
        assert bad not in str(caught.value)

"""Short messages through Apprise, to a real server on loopback."""

import json
from datetime import timedelta

import pytest
import structlog

from pipeline.deliver.chat import ChatSender
from pipeline.deliver.due import deliver_due
from pipeline.deliver.senders import ByName
from pipeline.store import Store
from tests.pipeline.deliver.http_server import HookServer
from tests.pipeline.deliver.messages import NOW, outgoing

PAYLOAD = json.dumps({"title": "Cảnh báo mức 2", "body": "Dòng một\nDòng hai", "again": "[Gửi lại] "}).encode()


def channel(server: HookServer) -> ByName:
    return ByName({"nhom-truc": ChatSender(server.url.replace("http://", "json://nguoi:bi-mat@"))})


def planned(store: Store) -> Store:
    store.plan_deliveries([outgoing("alert/1/nhom", channel="apprise", recipient="nhom-truc", payload=PAYLOAD)], NOW)
    return store


def test_title_and_lines_arrive(store: Store) -> None:
    with HookServer() as server:
        assert deliver_due(planned(store), {"apprise": channel(server)}, lambda: NOW).sent == 1
    (request,) = server.requests
    told = json.loads(request.body)
    assert (told["title"], told["message"].splitlines()) == ("Cảnh báo mức 2", ["Dòng một", "Dòng hai"])


def test_a_message_that_may_have_come_before_says_so(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with HookServer(answers=[500]) as server, structlog.testing.capture_logs() as events:
        assert deliver_due(planned(store), {"apprise": channel(server)}, lambda: NOW).retried == 1
        later = NOW + timedelta(minutes=2)
        assert deliver_due(store, {"apprise": channel(server)}, lambda: later).sent == 1
    assert [json.loads(one.body)["title"] for one in server.requests] == [
        "Cảnh báo mức 2",
        "[Gửi lại] Cảnh báo mức 2",
    ]
    assert "bi-mat" not in repr(events) + caplog.text, "addresses are secrets"


def test_one_that_was_interrupted_says_so_too(store: Store) -> None:
    (one,) = planned(store).deliveries()
    store.begin_sending(one.id, NOW)
    with HookServer() as server:
        assert deliver_due(store, {"apprise": channel(server)}, lambda: NOW).sent == 1
    assert json.loads(server.requests[0].body)["title"].startswith("[Gửi lại]")


def several(server: HookServer, scheme: str) -> ByName:
    host = server.url.removeprefix("http://").removesuffix("/nhan")
    address = {"one address": f"ntfy://{host}/mot/hai", "two addresses": f"json://{host}/mot, json://{host}/hai"}
    return ByName({"nhom-truc": ChatSender(address[scheme])})


@pytest.mark.parametrize(("scheme", "tries"), [("one address", 3), ("two addresses", 1)])
def test_a_room_that_fails_does_not_repeat_it_for_days_in_those_that_work(
    store: Store, scheme: str, tries: int
) -> None:
    planned(store)
    with HookServer(answers=[200, 500] * tries) as server:
        hours = iter(NOW + timedelta(hours=hour) for hour in range(100))
        for _ in range(5):
            deliver_due(store, {"apprise": several(server, scheme)}, lambda: next(hours))
    (message,) = store.deliveries()
    assert (message.state, message.reason, len(server.requests)) == ("uncertain", "chat_failed", 2 * tries)


def test_an_address_that_means_nothing_waits_for_a_better_one(store: Store) -> None:
    odd = ByName({"nhom-truc": ChatSender("khong-phai-dia-chi-bi-mat")})
    assert deliver_due(planned(store), {"apprise": odd}, lambda: NOW).retried == 1
    (waiting,) = store.deliveries()
    assert (waiting.reason, waiting.detail) == ("bad_channel", "nhom-truc")

"""An edition becomes one message a recipient, once."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from dashboards.digest.mail import compose_mail
from dashboards.digest.note import note_of
from pipeline.deliver.addressing import Letterhead
from pipeline.deliver.planning import DigestDesk, plan_digest
from pipeline.deliver.recipients import Recipient
from pipeline.records import Channel, Digest
from pipeline.store import Store
from tests.dashboards.specimen import specimen
from tests.pipeline.deliver.messages import NOW

DESK = DigestDesk(head=Letterhead(sender="diembao@tinh.example"), hour=8, compose=compose_mail, note=note_of)


def recipient(name: str, channel: Channel = "email", **wishes: object) -> Recipient:
    address = f"{name}@tinh.example" if channel == "email" else name
    return Recipient(**{"name": name, "channel": channel, "address": address} | wishes)  # type: ignore[arg-type]


def plan(store: Store, recipients: Sequence[Recipient], digest: Digest | None = None) -> int:
    return plan_digest(store, digest or specimen(), recipients, DESK, NOW)


def payload(store: Store, key: str) -> bytes:
    (found,) = [one for one in store.deliveries() if one.key == key]
    whole = store.delivery(found.id)
    assert whole
    return whole.payload


EVERYONE = (
    recipient("an"),
    recipient("binh", hour=9, language="en", format="text"),
    recipient("chi", editions=("alerts",)),
    recipient("ioc", "webhook"),
    recipient("nhom", "apprise", min_tone="negative"),
)


def test_everyone_who_wants_it_gets_one_message_at_their_hour(store: Store) -> None:
    assert plan(store, EVERYONE) == 4
    assert plan(store, EVERYONE) == 0
    due = {one.recipient: one.due_at for one in store.deliveries()}
    at_eight, at_nine = (datetime(2026, 3, 5, hour, tzinfo=UTC) for hour in (1, 2))
    assert due == {"an@tinh.example": at_eight, "binh@tinh.example": at_nine, "ioc": at_eight, "nhom": at_eight}
    assert {one.key for one in store.deliveries()} == {
        f"digest/cao-bang/2026-03-05/1/{one}" for one in ("an@tinh.example", "binh@tinh.example", "ioc", "nhom")
    }


def test_each_channel_gets_its_form(store: Store) -> None:
    plan(store, EVERYONE)
    own = message_from_bytes(payload(store, "digest/cao-bang/2026-03-05/1/binh@tinh.example"), policy=default)
    assert (own.get_content_type(), own["Content-Language"]) == ("text/plain", "en")
    hook = json.loads(payload(store, "digest/cao-bang/2026-03-05/1/ioc"))
    assert (hook["type"], hook["timestamp"]) == ("digest.issued", "2026-03-05T08:00:00+07:00")
    assert hook["data"]["counts"]["total"] == 25
    chat = json.loads(payload(store, "digest/cao-bang/2026-03-05/1/nhom"))
    assert chat["title"].startswith("[Điểm báo] Tỉnh Cao Bằng")
    assert "tiêu cực" in chat["body"].lower()


def test_someone_added_later_still_gets_todays_edition(store: Store) -> None:
    assert plan(store, EVERYONE[:1]) == 1
    assert plan(store, EVERYONE[:2]) == 1


def test_a_revision_replaces_what_was_not_sent(store: Store) -> None:
    plan(store, EVERYONE[:2])
    sent = next(one for one in store.deliveries() if one.recipient == "an@tinh.example")
    store.note_sent(sent.id, NOW)
    assert plan(store, EVERYONE[:2], replace(specimen(), revision=2)) == 2
    states = {one.key.removeprefix("digest/cao-bang/2026-03-05/"): one.state for one in store.deliveries()}
    assert states == {
        "1/an@tinh.example": "sent",
        "1/binh@tinh.example": "withdrawn",
        "2/an@tinh.example": "planned",
        "2/binh@tinh.example": "planned",
    }


@pytest.mark.parametrize("waiting", [True, False])
def test_who_unsubscribed_gets_nothing_more(store: Store, waiting: bool) -> None:
    if waiting:
        plan(store, EVERYONE[:1])
    store.unsubscribe("an@tinh.example", NOW)
    store.unsubscribe("an@tinh.example", NOW)
    assert plan(store, EVERYONE[:1], replace(specimen(), revision=2)) == 0
    assert {one.state for one in store.deliveries()} <= {"withdrawn"}
    assert list(store.unsubscribed()) == ["an@tinh.example"]
    assert store.subscribe("an@tinh.example")
    assert not store.subscribe("an@tinh.example")
    assert plan(store, EVERYONE[:1], replace(specimen(), revision=3)) == 1

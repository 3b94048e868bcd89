"""What is planned is sent once: the states that a delivery goes through."""

from datetime import timedelta

import pytest

from pipeline.records import Outgoing
from pipeline.store import Store
from pipeline.store.deliveries import Delivery
from tests.pipeline.deliver.messages import NOW, outgoing

LATER = NOW + timedelta(hours=1)


def planned(store: Store, *messages: Outgoing) -> list[Delivery]:
    store.plan_deliveries(messages, NOW)
    return sorted(store.deliveries(), key=lambda one: one.id)


def test_a_key_planned_twice_is_one_delivery(store: Store) -> None:
    assert store.plan_deliveries([outgoing("a"), outgoing("b"), outgoing("a")], NOW) == 2
    assert store.plan_deliveries([outgoing("a", payload=b"another")], LATER) == 0
    kept = store.delivery(planned(store)[0].id)
    assert kept
    assert (kept.key, kept.payload, kept.state, kept.planned_at) == ("a", b"Subject: a\r\n\r\nXin.\r\n", "planned", NOW)


def test_nothing_is_due_before_its_time_and_the_oldest_goes_first(store: Store) -> None:
    planned(
        store, outgoing("late", not_before_at=LATER), outgoing("now"), outgoing("old", not_before_at=NOW - timedelta(1))
    )
    assert [one.key for one in store.due_deliveries(NOW)] == ["old", "now"]
    assert [one.key for one in store.due_deliveries(LATER)] == ["old", "now", "late"]
    assert all(not one.payload for one in store.due_deliveries(LATER)), "lists do not load what is sent"


def test_a_later_revision_withdraws_what_was_not_sent(store: Store) -> None:
    first, second = planned(store, outgoing("d/1/a"), outgoing("d/1/b"))
    assert store.begin_sending(first.id, NOW)
    store.note_sent(first.id, NOW)
    store.plan_deliveries([outgoing("d/2/a", replaces=("d/1/a",)), outgoing("d/2/b", replaces=("d/1/b",))], NOW)
    states = {one.key: one.state for one in store.deliveries()}
    assert states == {"d/1/a": "sent", "d/1/b": "withdrawn", "d/2/a": "planned", "d/2/b": "planned"}
    assert not store.begin_sending(second.id, NOW)


def test_only_one_sender_begins(store: Store) -> None:
    (one,) = planned(store, outgoing("a"))
    assert store.begin_sending(one.id, NOW)
    assert not store.begin_sending(one.id, NOW)
    assert [found.key for found in store.interrupted_deliveries()] == ["a"]
    assert store.due_deliveries(LATER) == ()


def test_a_failed_attempt_comes_back_at_its_time_with_its_reason(store: Store) -> None:
    (one,) = planned(store, outgoing("a"))
    store.note_retry(one.id, NOW, next_at=LATER, reason="server_busy", detail="450 \x00bận")
    assert store.due_deliveries(NOW) == ()
    (again,) = store.due_deliveries(LATER)
    assert (again.attempts, again.reason, again.detail, again.due_at) == (1, "server_busy", "450 bận", NOW)


def test_a_person_decides_on_an_uncertain_one(store: Store) -> None:
    resent, arrived, sent = planned(store, outgoing("a"), outgoing("b"), outgoing("c"))
    for one in (resent, arrived):
        store.begin_sending(one.id, NOW)
        store.note_uncertain(one.id, NOW, reason="lost_reply", detail="")
    store.note_sent(sent.id, NOW)
    assert store.resend_delivery(resent.id, "Lan", LATER)
    assert store.settle_delivery(arrived.id, "sent", "Lan", LATER)
    assert not store.resend_delivery(sent.id, "Lan", LATER), "what was sent is not sent again"
    assert not store.settle_delivery(sent.id, "refused", "Lan", LATER)
    assert not store.settle_delivery(resent.id, "refused", "Lan", LATER)
    again, settled, _ = planned(store)
    assert (again.state, again.attempts, again.next_at, again.decided_by) == ("planned", 0, LATER, "Lan")
    assert (settled.state, settled.sent_at, settled.decided_by) == ("sent", LATER, "Lan")


def test_counts_and_lists(store: Store) -> None:
    first, *_ = planned(store, outgoing("a"), outgoing("b", kind="alert", channel="webhook"), outgoing("c"))
    store.note_refused(first.id, NOW, reason="refused", detail="550 không có hộp thư này")
    assert store.delivery_counts() == {
        ("email", "refused"): 1,
        ("email", "planned"): 1,
        ("webhook", "planned"): 1,
    }
    assert [one.key for one in store.deliveries(("planned",), kind="alert")] == ["b"]
    assert len(store.deliveries(limit=2)) == 2


@pytest.mark.parametrize(("state", "emptied"), [("sent", 1), ("refused", 1), ("uncertain", 0), ("planned", 0)])
def test_payloads_go_in_time_but_never_what_may_still_be_sent(store: Store, state: str, emptied: int) -> None:
    (one,) = planned(store, outgoing("a"))
    if state == "sent":
        store.note_sent(one.id, NOW)
    elif state == "refused":
        store.note_refused(one.id, NOW, reason="refused", detail="")
    elif state == "uncertain":
        store.note_uncertain(one.id, NOW, reason="lost_reply", detail="")
    assert store.purge_payloads(NOW) == 0
    assert store.purge_payloads(LATER) == emptied
    assert store.purge_payloads(LATER) == 0
    assert store.plan_deliveries([outgoing("a")], LATER) == 0, "the key stays"

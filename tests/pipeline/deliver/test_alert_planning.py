"""Who is told of an alert: by level, unit and language; once, also after a crash between two steps."""

import email
import json
from email.message import EmailMessage

import pytest

from config.messages import Lang
from pipeline.deliver.addressing import Letterhead
from pipeline.deliver.alert_planning import plan_alerts
from pipeline.deliver.planning import Rendered
from pipeline.deliver.recipients import Recipient
from pipeline.records import Alert, AlertEvent, AlertEventKind
from pipeline.store import Store
from tests.dashboards.alerts.specimen import DAY, SPIKE, at

HEAD = Letterhead(sender="diembao@tinh.example")


def render(alert: Alert, event: AlertEvent, lang: Lang) -> Rendered:
    mail = EmailMessage()
    mail["Subject"] = f"{event.kind} {alert.id} {lang}"
    mail["From"] = HEAD.sender
    mail.set_content(alert.stories[0].title)
    return Rendered(mail=mail, title=alert.id, body="", data={"id": alert.id}, language=lang)


def mailbox(name: str, **wishes: object) -> Recipient:
    return Recipient(
        name=name,
        channel="email",
        address=f"{name}@tinh.example",
        editions=("alerts",),
        **wishes,  # type: ignore[arg-type]
    )


def happened(store: Store, *kinds: AlertEventKind) -> None:
    events = [AlertEvent(alert_id=SPIKE.id, kind=kind, level=SPIKE.level, at=at(14)) for kind in kinds]
    store.change_alerts(SPIKE.unit, DAY, lambda _: [(SPIKE, event) for event in events])


def told(store: Store) -> list[tuple[str, str]]:
    return sorted((one.recipient, one.key.split("/")[2]) for one in store.deliveries())


def test_level_unit_and_edition_decide(store: Store) -> None:
    happened(store, "opened")
    everyone = [
        mailbox("all"),
        mailbox("top", alert_level=3),
        mailbox("own", units=("cao-bang",)),
        mailbox("other", units=("da-nang",)),
        Recipient(name="digest", channel="email", address="digest@tinh.example", editions=("daily",)),
        Recipient(name="ioc", channel="webhook", address="ioc", editions=("alerts",)),
    ]
    assert plan_alerts(store, everyone, HEAD, "vi", render, at(14)) == 3
    assert told(store) == [("all@tinh.example", "opened"), ("ioc", "opened"), ("own@tinh.example", "opened")]
    (hook,) = [one for one in store.deliveries() if one.channel == "webhook"]
    found = store.delivery(hook.id)
    assert found and json.loads(found.payload)["type"] == "alert.opened"


def test_each_step_is_told_once_and_small_ones_are_not(store: Store) -> None:
    happened(store, "opened", "updated", "raised", "acknowledged", "escalated")
    assert plan_alerts(store, [mailbox("all")], HEAD, "vi", render, at(14)) == 3
    assert plan_alerts(store, [mailbox("all")], HEAD, "vi", render, at(15)) == 0
    assert [kind for _, kind in told(store)] == ["escalated", "opened", "raised"]


def test_a_crash_before_it_was_noted_plans_nothing_twice(store: Store) -> None:
    happened(store, "opened")
    untold = store.untold_events()
    plan_alerts(store, [mailbox("all")], HEAD, "vi", render, at(14))
    with store._db.write() as connection:
        connection.exec_driver_sql("UPDATE alert_event SET told_at = NULL")
    assert store.untold_events() == untold
    assert plan_alerts(store, [mailbox("all")], HEAD, "vi", render, at(15)) == 0
    assert len(store.deliveries()) == 1


def test_what_ended_before_it_was_told_is_one_message(store: Store) -> None:
    happened(store, "opened", "raised", "closed")
    assert plan_alerts(store, [mailbox("all")], HEAD, "vi", render, at(14)) == 1
    assert told(store) == [("all@tinh.example", "closed")]


@pytest.mark.parametrize(
    ("kinds", "news"),
    [
        (("closed", "raised"), ["raised"]),
        (("closed", "reopened"), ["reopened"]),
        (("closed", "reopened", "escalated"), ["escalated", "reopened"]),
        (("opened", "closed", "raised", "closed", "reopened", "updated"), ["reopened"]),
        (("opened", "closed", "reopened", "closed"), ["closed"]),
        (("reopened", "escalated"), ["escalated"]),
    ],
)
def test_what_closed_and_went_on_is_not_told_as_closed(
    store: Store, kinds: tuple[AlertEventKind, ...], news: list[str]
) -> None:
    happened(store, *kinds)
    assert plan_alerts(store, [mailbox("all")], HEAD, "vi", render, at(14)) == len(news)
    assert [kind for _, kind in told(store)] == news
    assert plan_alerts(store, [mailbox("all")], HEAD, "vi", render, at(15)) == 0


def test_each_reads_their_own_language(store: Store) -> None:
    happened(store, "opened")
    plan_alerts(store, [mailbox("vi"), mailbox("en", language="en")], HEAD, "vi", render, at(14))
    payloads = [store.delivery(one.id) for one in store.deliveries()]
    subjects = [email.message_from_bytes(one.payload)["Subject"] for one in payloads if one]
    assert sorted(subjects) == ["opened cao-bang-20260305 en", "opened cao-bang-20260305 vi"]

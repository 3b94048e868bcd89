"""From a step in the life of an alert to messages for those who want to know."""

from collections.abc import Callable, Iterable
from datetime import datetime

from config.messages import Lang
from config.units import members
from pipeline.deliver.addressing import Letterhead
from pipeline.deliver.planning import Envelope, Rendered, outgoing, wanted_by
from pipeline.deliver.recipients import Recipient
from pipeline.records import Alert, AlertEvent, AlertEventKind, Outgoing
from pipeline.store import Store
from pipeline.store.alerts import UntoldEvent

KIND = "alert"
TOLD: frozenset[AlertEventKind] = frozenset({"opened", "raised", "escalated", "closed"})
"""Others are on the record, and in the next message."""

Render = Callable[[Alert, AlertEvent, Lang], Rendered]


def plan_alerts(
    store: Store, recipients: Iterable[Recipient], head: Letterhead, lang: Lang, render: Render, now: datetime
) -> int:
    """Plan what nobody was told of yet, for everyone who wants it; returns how many messages are new.

    An event is marked as told after its messages are planned; a pause between the two plans them again under the same
    keys, which is once. What is overtaken is not told: an alert that opened and closed while the program stood still
    is told in one message.
    """
    untold = store.untold_events()
    wanting = wanted_by(store, recipients, "alerts")
    closed = {one.alert.id for one in untold if one.event.kind == "closed"}
    messages: list[Outgoing] = []
    for one in untold:
        if one.event.kind in TOLD and (one.event.kind == "closed" or one.alert.id not in closed):
            messages += _messages(one, wanting, head, lang, render, now)
    planned = store.plan_deliveries(messages, now) if messages else 0
    store.mark_told([one.seq for one in untold], now)
    return planned


def _messages(
    one: UntoldEvent, recipients: Iterable[Recipient], head: Letterhead, lang: Lang, render: Render, now: datetime
) -> list[Outgoing]:
    envelope = Envelope(
        kind=KIND,
        subject_key=f"{one.alert.id}/{one.event.kind}/{one.seq}",
        event=f"alert.{one.event.kind}",
        list_name=f"alert.{one.alert.unit}",
    )
    rendered: dict[Lang, Rendered] = {}
    found = []
    for recipient in recipients:
        if not _wants(recipient, one):
            continue
        language = recipient.language or lang
        if language not in rendered:
            rendered[language] = render(one.alert, one.event, language)
        found.append(outgoing(recipient, rendered[language], envelope, head, now))
    return found


def _wants(recipient: Recipient, one: UntoldEvent) -> bool:
    if one.event.level < recipient.alert_level:
        return False
    chosen = frozenset().union(*(members(unit) for unit in recipient.units))
    return not chosen or not chosen.isdisjoint(members(one.alert.unit))

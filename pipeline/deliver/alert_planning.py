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
    is told in one message, and one that closed and went on is not told as closed.
    """
    untold = store.untold_events()
    wanting = wanted_by(store, recipients, "alerts")
    messages = [
        message for one in _worth_telling(untold) for message in _messages(one, wanting, head, lang, render, now)
    ]
    planned = store.plan_deliveries(messages, now) if messages else 0
    store.mark_told([one.seq for one in untold], now)
    return planned


def _worth_telling(untold: Iterable[UntoldEvent]) -> list[UntoldEvent]:
    """Return the steps to tell, oldest first.

    Behind an alert's last closing that nobody was told of, a reopening stands for all before it.
    """
    steps: dict[str, list[UntoldEvent]] = {}
    for one in untold:
        known = steps.setdefault(one.alert.id, [])
        if one.event.kind == "closed":
            known.clear()
        known.append(one)
    told = []
    for known in steps.values():
        closed = known[0].event.kind == "closed"
        if closed and len(known) > 1:
            told += [one for one in known[1:] if one.event.kind in TOLD or one.event.kind == "reopened"]
        else:
            told += [one for one in known if one.event.kind in TOLD]
    return sorted(told, key=lambda one: one.seq)


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

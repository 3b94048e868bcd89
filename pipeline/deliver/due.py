"""Send what is due: the visible loop between the store's list and the senders."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from pipeline.deliver.outcome import Outcome, judged, retry_wait
from pipeline.records import Channel
from pipeline.store import Store
from pipeline.store.deliveries import Delivery

log = structlog.get_logger()


class TakenElsewhereError(Exception):
    """Another process is sending this one, or it was withdrawn meanwhile."""


class Sender(Protocol):
    """One way out of the system."""

    repeatable: bool
    """True when the receiver can tell a repeated message from a new one (an idempotency key), or the message says that
    it is repeated: what was interrupted is then tried again. False: a person decides."""

    def send(self, delivery: Delivery, commit: Callable[[], None]) -> Outcome:
        """Send one delivery and say how that ended.

        ``commit`` must be called before the first byte that cannot be taken back; what it raises must pass through.
        """

    def close(self) -> None:
        """End what was kept open between deliveries."""


@dataclass(slots=True)
class DeliveryReport:
    """What one round did."""

    sent: int = 0
    retried: int = 0
    """Failed for now, planned again."""
    waiting: int = 0
    """Due, but not tried: the channel is down or not set up."""
    refused: int = 0
    uncertain: int = 0

    @property
    def troubled(self) -> bool:
        return bool(self.retried or self.waiting or self.refused or self.uncertain)


def deliver_due(
    store: Store,
    senders: Mapping[Channel, Sender],
    now: Callable[[], datetime],
    *,
    kind: str = "",
    should_stop: Callable[[], bool] = lambda: False,
    jitter: Callable[[], float] = lambda: random.uniform(-1, 1),
) -> DeliveryReport:
    """Send everything that is due, of one kind when it is named. One caller at a time: the caller holds a lock.

    What an earlier round was killed in becomes uncertain, or is tried again where its sender is repeatable. One
    message's failure stops no other; a channel that is down is not asked again in this round.
    """
    report = DeliveryReport()
    for found in store.interrupted_deliveries():
        _recover(store, found, senders.get(found.channel), now(), report)
    down: set[Channel] = set()
    try:
        for due in store.due_deliveries(now(), kind=kind):
            if should_stop():
                break
            sender = senders.get(due.channel)
            if sender is None or due.channel in down:
                report.waiting += 1
                continue
            outcome = _attempt(store, sender, due.id, now)
            if outcome is None:
                continue
            outcome = judged(outcome, due_at=due.due_at, now=now())
            _note(store, due, outcome, now(), jitter())
            _count(report, outcome)
            if outcome.channel_down:
                down.add(due.channel)
    finally:
        for sender in senders.values():
            sender.close()
    return report


def _recover(store: Store, found: Delivery, sender: Sender | None, now: datetime, report: DeliveryReport) -> None:
    log.warning("delivery_interrupted", id=found.id, kind=found.kind, channel=found.channel)
    if sender is not None and sender.repeatable:
        store.note_retry(found.id, now, next_at=now, reason="interrupted", detail="")
    else:
        store.note_uncertain(found.id, now, reason="interrupted", detail="")
        report.uncertain += 1


def _attempt(store: Store, sender: Sender, delivery_id: int, now: Callable[[], datetime]) -> Outcome | None:
    """Try one delivery; None when it is no longer ours to send."""
    delivery = store.delivery(delivery_id)
    if delivery is None or delivery.state != "planned":
        return None
    committed = False

    def commit() -> None:
        nonlocal committed
        if not store.begin_sending(delivery_id, now()):
            raise TakenElsewhereError
        committed = True

    try:
        return sender.send(delivery, commit)
    except TakenElsewhereError:
        return None
    except Exception as exc:  # a defect of ours must not stop the messages behind it
        log.exception("delivery_broken", id=delivery_id, channel=delivery.channel)
        return Outcome(verdict="uncertain" if committed else "retry", reason="broken", detail=type(exc).__name__)


def _note(store: Store, due: Delivery, outcome: Outcome, now: datetime, jitter: float) -> None:
    words = {"reason": outcome.reason or "", "detail": outcome.detail}
    event = {"id": due.id, "kind": due.kind, "channel": due.channel, "attempt": due.attempts + 1}
    match outcome.verdict:
        case "sent":
            store.note_sent(due.id, now)
            log.info("delivery_sent", **event)
        case "retry":
            next_at = now + retry_wait(due.attempts + 1, jitter)
            store.note_retry(due.id, now, next_at=next_at, **words)
            log.warning("delivery_retried", **event, **words)
        case "refused":
            store.note_refused(due.id, now, **words)
            log.error("delivery_refused", **event, **words)
        case "uncertain":
            store.note_uncertain(due.id, now, **words)
            log.error("delivery_uncertain", **event, **words)


def _count(report: DeliveryReport, outcome: Outcome) -> None:
    match outcome.verdict:
        case "sent":
            report.sent += 1
        case "retry":
            report.retried += 1
        case "refused":
            report.refused += 1
        case "uncertain":
            report.uncertain += 1

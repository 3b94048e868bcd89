"""What leaves the system: planned once by its key, and what became of it.

    planned ──► sending ──► sent
       ▲           │  ├────► refused      the receiver will not have it, or it was tried for too long
       │ (retry)   │  └────► uncertain    nobody knows whether it arrived: a person decides
       └───────────┘
    planned ──► withdrawn                 another message made it needless

``sending`` is written before the first byte that cannot be taken back. What is found in it by the next sender was
interrupted there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, delete, func, literal, select, update

from pipeline.records import Channel, Outgoing
from pipeline.store.delivery_schema import delivery, unsubscription
from pipeline.store.engine import Tables, in_chunks
from pipeline.store.rows import storable

DeliveryState = Literal["planned", "sending", "sent", "uncertain", "refused", "withdrawn"]

FINAL_STATES: tuple[DeliveryState, ...] = ("sent", "refused", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one recipient, and where it stands."""

    id: int
    key: str
    kind: str
    channel: Channel
    recipient: str
    state: DeliveryState
    planned_at: datetime
    due_at: datetime
    """Not to be sent before."""
    next_at: datetime
    """Of the next attempt."""
    attempts: int
    reason: str
    """Named reason of the last failure; empty: none, or a person has settled it."""
    detail: str
    """What the receiver said, in its words."""
    changed_at: datetime
    """When it came into its state."""
    sent_at: datetime | None
    decided_by: str
    """Who decided on it when it was uncertain or refused; empty: nobody."""
    payload: bytes = b""
    """Exactly what is sent; empty in lists, and once retention has emptied it."""


_LISTED = tuple(column for column in delivery.c if column.name != "payload")


class DeliveryTables(Tables):
    """The part of the store that holds what is to be sent and what was."""

    def plan_deliveries(self, outgoing: Sequence[Outgoing], now: datetime) -> int:
        """Take messages in, once each by its key, and withdraw what they replace; returns how many are new."""
        rows = [
            {
                "key": one.key,
                "kind": one.kind,
                "channel": one.channel,
                "recipient": one.recipient,
                "payload": one.payload,
                "state": "planned",
                "planned_at": now,
                "due_at": one.not_before_at,
                "next_at": one.not_before_at,
                "attempts": 0,
                "reason": "",
                "detail": "",
                "changed_at": now,
                "decided_by": "",
            }
            for one in outgoing
        ]
        statement = self._db.insert(delivery).on_conflict_do_nothing(index_elements=["key"]).returning(delivery.c.id)
        replaced = [key for one in outgoing for key in one.replaces]
        with self._db.write() as connection:
            new = sum(connection.execute(statement, [row]).first() is not None for row in rows)
            for some in in_chunks(replaced):
                values = {"state": "withdrawn", "changed_at": now, "payload": b""}
                condition = delivery.c.key.in_(some) & (delivery.c.state == "planned")
                connection.execute(update(delivery).where(condition).values(**values))
        return new

    def known_keys(self, keys: Sequence[str]) -> set[str]:
        """Return which of some keys were planned, whatever became of them."""
        found: set[str] = set()
        with self._db.read() as connection:
            for some in in_chunks(keys):
                found.update(connection.execute(select(delivery.c.key).where(delivery.c.key.in_(some))).scalars())
        return found

    def due_deliveries(self, now: datetime, *, kind: str = "") -> tuple[Delivery, ...]:
        """Return what is to be sent now, without payloads, in the order in which it fell due."""
        condition = (delivery.c.state == "planned") & (delivery.c.next_at <= now)
        if kind:
            condition &= delivery.c.kind == kind
        return self._deliveries(condition, delivery.c.next_at)

    def deliveries(
        self, states: Sequence[DeliveryState] = (), *, kind: str = "", limit: int | None = None
    ) -> tuple[Delivery, ...]:
        """Return deliveries in some states (all when none is named), the latest first, without payloads."""
        condition: ColumnElement[bool] = literal(True)
        if states:
            condition &= delivery.c.state.in_(states)
        if kind:
            condition &= delivery.c.kind == kind
        return self._deliveries(condition, delivery.c.due_at.desc(), limit=limit)

    def delivery(self, delivery_id: int) -> Delivery | None:
        """Return one delivery with its payload."""
        with self._db.read() as connection:
            row = connection.execute(select(delivery).where(delivery.c.id == delivery_id)).mappings().first()
        return None if row is None else Delivery(**row)

    def delivery_counts(self) -> Mapping[tuple[Channel, DeliveryState], int]:
        """Return how many deliveries of each channel are in each state."""
        query = select(delivery.c.channel, delivery.c.state, func.count())
        with self._db.read() as connection:
            rows = connection.execute(query.group_by(delivery.c.channel, delivery.c.state)).all()
        return {(channel, state): count for channel, state, count in rows}

    def begin_sending(self, delivery_id: int, now: datetime) -> bool:
        """Say that it is being sent from now on; False when it is no longer planned: another process has it."""
        return self._change(delivery_id, ("planned",), state="sending", changed_at=now)

    def note_sent(self, delivery_id: int, now: datetime) -> None:
        self._note_attempt(delivery_id, now, state="sent", sent_at=now, reason="", detail="")

    def note_retry(self, delivery_id: int, now: datetime, *, next_at: datetime, reason: str, detail: str) -> None:
        """Try again at ``next_at``: it certainly did not arrive."""
        self._note_attempt(delivery_id, now, state="planned", next_at=next_at, reason=reason, detail=detail)

    def note_refused(self, delivery_id: int, now: datetime, *, reason: str, detail: str) -> None:
        """Set it aside: it did not arrive, and another attempt would not help."""
        self._note_attempt(delivery_id, now, state="refused", reason=reason, detail=detail)

    def note_uncertain(self, delivery_id: int, now: datetime, *, reason: str, detail: str) -> None:
        """Nobody knows whether it arrived; a person decides."""
        self._note_attempt(delivery_id, now, state="uncertain", reason=reason, detail=detail)

    def interrupted_deliveries(self) -> tuple[Delivery, ...]:
        """Return what is being sent; without a sender at work, what the last one was interrupted in."""
        return self._deliveries(delivery.c.state == "sending", delivery.c.id)

    def resend_delivery(self, delivery_id: int, by: str, now: datetime) -> bool:
        """Plan an uncertain or refused delivery anew, as a person decided; False when it is in another state."""
        fresh = {"state": "planned", "due_at": now, "next_at": now, "attempts": 0}
        return self._change(delivery_id, ("uncertain", "refused"), **fresh, changed_at=now, decided_by=storable(by))

    def settle_delivery(self, delivery_id: int, state: Literal["sent", "refused"], by: str, now: datetime) -> bool:
        """Say what became of an uncertain or refused delivery, as a person found; False when it is in another state."""
        values: dict[str, Any] = {"state": state, "changed_at": now, "decided_by": storable(by), "reason": ""}
        if state == "sent":
            values["sent_at"] = now
        return self._change(delivery_id, ("uncertain", "refused"), **values)

    def withdraw_delivery(self, delivery_id: int, now: datetime) -> bool:
        """Give up a delivery that was not sent; False when it is in another state."""
        return self._change(delivery_id, ("planned",), state="withdrawn", changed_at=now, payload=b"")

    def purge_payloads(self, before: datetime) -> int:
        """Empty the payloads of what came into a final state before; the rows stay, so that nothing is sent again."""
        condition = delivery.c.state.in_(FINAL_STATES) & (delivery.c.changed_at < before)
        statement = update(delivery).where(condition, func.length(delivery.c.payload) > 0).values(payload=b"")
        with self._db.write() as connection:
            return connection.execute(statement).rowcount

    # ---- who does not want to be sent anything ----------------------------------------------------------------------

    def unsubscribe(self, address: str, now: datetime) -> None:
        """Send nothing more to an address; what was planned for it and not sent is withdrawn."""
        statement = self._db.insert(unsubscription).values(address=address, at=now)
        waiting = (delivery.c.recipient == address) & (delivery.c.state == "planned")
        with self._db.write() as connection:
            connection.execute(statement.on_conflict_do_nothing(index_elements=["address"]))
            connection.execute(update(delivery).where(waiting).values(state="withdrawn", changed_at=now, payload=b""))

    def subscribe(self, address: str) -> bool:
        """Let an address be sent to again; False when it never unsubscribed."""
        with self._db.write() as connection:
            return connection.execute(delete(unsubscription).where(unsubscription.c.address == address)).rowcount == 1

    def unsubscribed(self) -> Mapping[str, datetime]:
        """Return the addresses that unsubscribed, and when."""
        with self._db.read() as connection:
            rows = connection.execute(select(unsubscription).order_by(unsubscription.c.at)).mappings().all()
        return {row["address"]: row["at"] for row in rows}

    # ---- changing a row ---------------------------------------------------------------------------------------------

    def _note_attempt(self, delivery_id: int, now: datetime, **values: Any) -> None:
        for name in ("reason", "detail"):
            values[name] = storable(values[name])
        attempts = delivery.c.attempts + 1
        self._change(delivery_id, ("planned", "sending"), changed_at=now, attempts=attempts, **values)

    def _change(self, delivery_id: int, states: Sequence[DeliveryState], **values: Any) -> bool:
        condition = (delivery.c.id == delivery_id) & delivery.c.state.in_(states)
        with self._db.write() as connection:
            return connection.execute(update(delivery).where(condition).values(**values)).rowcount == 1

    def _deliveries(
        self, condition: ColumnElement[bool], order: ColumnElement[Any], *, limit: int | None = None
    ) -> tuple[Delivery, ...]:
        query = select(*_LISTED).where(condition).order_by(order, delivery.c.id).limit(limit)
        with self._db.read() as connection:
            return tuple(Delivery(**row) for row in connection.execute(query).mappings())

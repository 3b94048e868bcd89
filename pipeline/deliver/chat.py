"""Short messages to whatever the library Apprise knows: chat rooms, phones, other mail. Their addresses are secrets."""

import json
import logging
from collections.abc import Callable

from pipeline.deliver.outcome import SENT, Outcome, Reason, Verdict
from pipeline.store.deliveries import Delivery

TIMEOUT_S = 60
TRIES_OF_SEVERAL = 3
"""Of a message to several rooms at one address: who reads along in one that works gets it with each of them."""
MAY_HAVE_ARRIVED: frozenset[Reason] = frozenset({"chat_failed", "interrupted", "broken"})


class ChatSender:
    """Sends to one address of Apprise, which stays in here."""

    repeatable = True
    """A message that may have been sent before says so in its title: services do not tell a lost from a refused one."""

    def __init__(self, address: str) -> None:
        self._address = address

    def send(self, delivery: Delivery, commit: Callable[[], None]) -> Outcome:
        """Send one message and say how that ended; one whose address Apprise cannot read waits for a better one."""
        # Imported here: it takes a second to load, and few installations have such a channel.
        from apprise import Apprise, AppriseAsset, AppriseResultStatus  # noqa: PLC0415

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its warnings name addresses
        service = Apprise(asset=AppriseAsset(storage_mode="memory", secure_logging=True))
        if not service.add(self._address):
            return Outcome(verdict="retry", reason="bad_channel", detail=delivery.recipient)
        message = json.loads(delivery.payload)
        again = delivery.reason in MAY_HAVE_ARRIVED or delivery.decided_by
        title = message["again"] + message["title"] if again else message["title"]
        commit()
        result = service.notify(title=title, body=message["body"], body_format="text", timeout=TIMEOUT_S)
        if result.status == AppriseResultStatus.SUCCESS:
            return SENT
        in_part = result.status in (AppriseResultStatus.PARTIAL, AppriseResultStatus.TIMEOUT)
        tried_enough = sum(map(len, service)) > 1 and delivery.attempts + 1 >= TRIES_OF_SEVERAL
        verdict: Verdict = "uncertain" if in_part or tried_enough else "retry"
        return Outcome(verdict=verdict, reason="chat_failed", detail=result.status.name.lower())

    def close(self) -> None:
        """Keep nothing open: each message has a connection of its own."""

"""One installation's sending: what settings, recipients and store come to together. Wired by `pipeline.app`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from config.errors import UsageError
from config.messages import Words
from config.reporting import Reminder
from config.settings import Settings
from pipeline.deliver.addressing import Letterhead
from pipeline.deliver.alert_planning import Render, plan_alerts
from pipeline.deliver.due import DeliveryReport, deliver_due
from pipeline.deliver.planning import DigestDesk, plan_digest, trial_message, wanted_by
from pipeline.deliver.recipients import Recipient, load_recipients, named
from pipeline.deliver.reminding import remind
from pipeline.deliver.senders import build_senders
from pipeline.deliver.unsubscribe import link_maker
from pipeline.locks import send_lock
from pipeline.records import Digest
from pipeline.store import Store
from pipeline.store.deliveries import Delivery


class SendingOffice:
    """Plans and sends for one home folder."""

    def __init__(
        self, home: Path, settings: Settings, store: Store, environment: Mapping[str, str], now: Callable[[], datetime]
    ) -> None:
        self._home, self._settings, self._store = home, settings, store
        self._environment, self._now = environment, now

    @cached_property
    def recipients(self) -> tuple[Recipient, ...]:
        """Everyone in ``recipients.yaml``. Raises ConfigError."""
        return load_recipients(self._home, earliest_hour=self._settings.digest.window_hour)

    @property
    def reachable(self) -> Sequence[Recipient]:
        """Those that there is a way to; for the others nothing is planned, so that nothing old goes out later."""
        mails = bool(self._settings.smtp.host)
        return [one for one in self.recipients if mails or one.channel != "email"]

    @cached_property
    def head(self) -> Letterhead:
        """What all mails have in common."""
        url = self._settings.public_url
        return Letterhead(
            sender=self._settings.smtp.sender,
            contact=self._settings.contact,
            unsubscribe_url=link_maker(self._store, url) if url else None,
        )

    def plan_digest(
        self,
        digest: Digest,
        compose: Callable[[Digest, str], EmailMessage],
        note: Callable[[Digest], tuple[str, str]],
    ) -> int:
        """Plan a sealed edition for everyone who wants it and can be reached; returns how many messages are new."""
        desk = DigestDesk(head=self.head, hour=self._settings.digest.sending_hour, compose=compose, note=note)
        return plan_digest(self._store, digest, self.reachable, desk, self._now())

    def plan_reminders(self, reminders: Sequence[Reminder], day: date) -> int:
        """Plan the reminders of a local day for everyone who wants them; returns how many messages are new."""
        now, lang = self._now(), self._settings.language
        messages = remind(reminders, wanted_by(self._store, self.reachable, "reminders"), self.head, day, lang, now)
        return self._store.plan_deliveries(messages, now)

    def plan_alerts(self, render: Render) -> int:
        """Plan what happened to alerts for everyone who wants it and can be reached; returns how many are new."""
        return plan_alerts(self._store, self.reachable, self.head, self._settings.language, render, self._now())

    def deliver(self, *, kind: str = "", should_stop: Callable[[], bool] = lambda: False) -> DeliveryReport:
        """Send what is due. Raises UsageError when another process goes on sending for too long."""
        senders = build_senders(self._settings.smtp, self.recipients, self._home, self._environment, self._now)
        with send_lock(self._home):
            return deliver_due(self._store, senders, self._now, kind=kind, should_stop=should_stop)

    def send_trial(self, name: str) -> list[Delivery]:
        """Send a trial to a recipient, an address or a group, and say what became of each; one that failed is not
        tried again. Raises UsageError for a name that nobody has, and where there is no way out."""
        wanted = named(self.recipients, name)
        if lost := [one for one in wanted if one not in self.reachable]:
            raise UsageError("deliver.no_way", name=lost[0].name)
        trials = [trial_message(one, self.head, self._settings.language, self._now()) for one in wanted]
        self._store.plan_deliveries(trials, self._now())
        self.deliver(kind="test")
        keys = {trial.key for trial in trials}
        done = [one for one in self._store.deliveries(kind="test") if one.key in keys]
        for one in done:
            if one.state == "planned":
                self._store.withdraw_delivery(one.id, self._now())
        return done

    def resend(self, delivery_id: int, by: str) -> None:
        """Send an uncertain or refused message again, as a person decided. Raises UsageError."""
        found = self._found(delivery_id)
        if not found.payload:
            raise UsageError("deliver.emptied", id=delivery_id)
        if not self._store.resend_delivery(delivery_id, by, self._now()):
            raise self._not_undecided(found)

    def settle(self, delivery_id: int, *, sent: bool, by: str) -> None:
        """Say whether an uncertain or refused message arrived, as a person found. Raises UsageError."""
        found = self._found(delivery_id)
        if not self._store.settle_delivery(delivery_id, "sent" if sent else "refused", by, self._now()):
            raise self._not_undecided(found)

    def _found(self, delivery_id: int) -> Delivery:
        found = self._store.delivery(delivery_id)
        if found is None:
            raise UsageError("deliver.no_such", id=delivery_id)
        return found

    def _not_undecided(self, found: Delivery) -> UsageError:
        return UsageError("deliver.not_undecided", id=found.id, state=Words(f"deliver.state_{found.state}"))

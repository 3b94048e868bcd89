"""From something to tell and those who want it to messages in the store."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from config.localtime import LOCAL_ZONE, local_hour
from config.messages import Lang, message
from pipeline.deliver.addressing import Letterhead, addressed, plain_mail, text_only
from pipeline.deliver.recipients import Recipient, Subscription
from pipeline.deliver.tailoring import tailor
from pipeline.digest.facts import facts_of
from pipeline.records import Digest, EditionKind, Outgoing
from pipeline.store import Store

SUBSCRIPTIONS: dict[EditionKind, Subscription] = {"daily": "daily", "foreign-weekly": "weekly"}
"""Who gets an edition; one of any days in a row is made for a meeting and sent to nobody."""
KINDS: dict[EditionKind, str] = {"daily": "digest", "foreign-weekly": "weekly"}
"""What an edition's deliveries are called in keys and lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One thing to tell, in every form that a channel takes and in one language."""

    mail: EmailMessage
    """With subject and sender, for nobody yet."""
    title: str
    body: str
    """A few lines of plain text, for chat rooms and phones."""
    data: Mapping[str, Any]
    """Plain JSON, for other programs."""
    language: Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a message is, apart from its content."""

    kind: str
    subject_key: str
    """What it tells of, as part of its key: ``cao-bang/2026-03-05/1``."""
    event: str
    """For programs: ``digest.issued``."""
    list_name: str
    """For mail programs: ``digest.cao-bang``."""
    replaces: tuple[str, ...] = ()
    """Subject keys of what it makes needless where that was not sent yet."""


def outgoing(
    recipient: Recipient, rendered: Rendered, envelope: Envelope, head: Letterhead, not_before_at: datetime
) -> Outgoing:
    """Return the message of one recipient; the same bytes for the same arguments."""
    key = key_of(envelope.kind, envelope.subject_key, recipient)
    if recipient.channel == "email":
        payload = addressed(
            rendered.mail if recipient.format == "html" else text_only(rendered.mail),
            head,
            name=recipient.name,
            address=recipient.address,
            key=key,
            list_name=envelope.list_name,
            at=not_before_at,
        )
    elif recipient.channel == "webhook":
        at = not_before_at.astimezone(LOCAL_ZONE).isoformat()
        payload = _json({"type": envelope.event, "timestamp": at, "data": rendered.data})
    else:
        again = message("deliver.again", rendered.language)
        payload = _json({"title": rendered.title, "body": rendered.body, "again": again})
    return Outgoing(
        key=key,
        kind=envelope.kind,
        channel=recipient.channel,
        recipient=recipient.address,
        payload=payload,
        not_before_at=not_before_at,
        replaces=tuple(key_of(envelope.kind, replaced, recipient) for replaced in envelope.replaces),
    )


def key_of(kind: str, subject_key: str, recipient: Recipient) -> str:
    """Return the idempotency key of a message."""
    return f"{kind}/{subject_key}/{recipient.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDesk:
    """How editions become messages here."""

    head: Letterhead
    hour: int
    """Local hour from which an edition is sent, where a recipient says none."""
    compose: Callable[[Digest, str], EmailMessage]
    """Edition and sender to a mail for nobody yet."""
    note: Callable[[Digest], tuple[str, str]]
    """Edition to title and a few lines."""


def plan_digest(
    store: Store,
    digest: Digest,
    recipients: Iterable[Recipient],
    desk: DigestDesk,
    now: datetime,
) -> int:
    """Plan a sealed edition for everyone who wants it; returns how many messages are new.

    Who was planned for before is left alone, so that this costs nothing when repeated; a later revision withdraws what
    was not sent of the earlier ones.
    """
    if digest.kind not in SUBSCRIPTIONS:
        return 0
    envelope = _digest_envelope(digest, KINDS[digest.kind])
    wanting = wanted_by(store, recipients, SUBSCRIPTIONS[digest.kind])
    known = store.known_keys([key_of(envelope.kind, envelope.subject_key, one) for one in wanting])
    rendered: dict[Digest, Rendered] = {}
    messages: list[Outgoing] = []
    for one in wanting:
        if key_of(envelope.kind, envelope.subject_key, one) in known:
            continue
        own = tailor(digest, one)
        if own not in rendered:
            rendered[own] = _rendered(own, desk)
        hour = desk.hour if one.hour is None else one.hour
        messages.append(outgoing(one, rendered[own], envelope, desk.head, local_hour(digest.date, hour)))
    return store.plan_deliveries(messages, now)


def wanted_by(store: Store, recipients: Iterable[Recipient], subscription: Subscription) -> list[Recipient]:
    """Return those who subscribed to something and have not unsubscribed from all."""
    stopped = store.unsubscribed()
    return [one for one in recipients if subscription in one.editions and one.address not in stopped]


def _digest_envelope(digest: Digest, kind: str) -> Envelope:
    edition = f"{digest.province}/{digest.date.isoformat()}"
    return Envelope(
        kind=kind,
        subject_key=f"{edition}/{digest.revision}",
        event=f"{kind}.issued",
        list_name=f"{kind}.{digest.province}",
        replaces=tuple(f"{edition}/{revision}" for revision in range(1, digest.revision)),
    )


def _rendered(digest: Digest, desk: DigestDesk) -> Rendered:
    title, body = desk.note(digest)
    mail = desk.compose(digest, desk.head.sender)
    return Rendered(mail=mail, title=title, body=body, data=facts_of(digest), language=digest.language)


def trial_message(recipient: Recipient, head: Letterhead, lang: Lang, now: datetime) -> Outgoing:
    """Return a message that says that it is a trial; each call makes another one."""
    language = recipient.language or lang
    title = message("deliver.trial_title", language)
    body = message("deliver.trial_body", language, name=recipient.name)
    mail = plain_mail(title, body, head.sender)
    envelope = Envelope(kind="test", subject_key=now.isoformat(), event="test", list_name="test")
    rendered = Rendered(mail=mail, title=title, body=body, data={"text": body}, language=language)
    return outgoing(recipient, rendered, envelope, head, now)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

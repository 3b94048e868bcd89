"""Reminders of the reports that an office owes, as messages."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from config.messages import Lang, message
from config.reporting import Reminder
from pipeline.deliver.addressing import Letterhead, plain_mail
from pipeline.deliver.planning import Envelope, Rendered, outgoing
from pipeline.deliver.recipients import Recipient
from pipeline.records import Outgoing

KIND = "reminder"
DAY = "%d/%m/%Y"


def remind(
    reminders: Sequence[Reminder],
    recipients: Iterable[Recipient],
    head: Letterhead,
    day: date,
    lang: Lang,
    now: datetime,
) -> list[Outgoing]:
    """Return a message for each reminder and recipient; on the same day the same key."""
    return [
        outgoing(recipient, rendered(reminder, head, recipient.language or lang), _envelope(reminder, day), head, now)
        for reminder in reminders
        for recipient in recipients
    ]


def rendered(reminder: Reminder, head: Letterhead, lang: Lang) -> Rendered:
    """Return a reminder in every form that a channel takes."""
    words = {
        "title": reminder.title(lang),
        "before": reminder.before.strftime(DAY),
        "first": reminder.first.strftime(DAY),
        "last": reminder.last.strftime(DAY),
    }
    title = message(f"deliver.remind_{reminder.stage}_title", lang, **words)
    body = message(f"deliver.remind_{reminder.stage}_body", lang, **words)
    mail = plain_mail(title, body, head.sender)
    data = {"report": reminder.id, "stage": reminder.stage, "before": reminder.before.isoformat(), "text": body}
    return Rendered(mail=mail, title=title, body=body, data=data, language=lang)


def _envelope(reminder: Reminder, day: date) -> Envelope:
    return Envelope(
        kind=KIND,
        subject_key=f"{reminder.id}/{reminder.stage}/{day.isoformat()}",
        event=f"{KIND}.{reminder.stage}",
        list_name=KIND,
    )

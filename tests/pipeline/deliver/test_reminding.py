"""Reminders as messages: in the recipient's language, once a day, with what is due and until when."""

from datetime import date
from email import message_from_bytes
from email.policy import default

from config.reporting import reminders_on
from pipeline.deliver.addressing import Letterhead
from pipeline.deliver.recipients import Recipient
from pipeline.deliver.reminding import remind
from tests.pipeline.deliver.messages import NOW

HEAD = Letterhead(sender="diembao@tinh.example")
PEOPLE = (
    Recipient(name="Lan", channel="email", address="lan@tinh.example"),
    Recipient(name="An", channel="email", address="an@tinh.example", language="en"),
    Recipient(name="ioc", channel="webhook", address="ioc"),
)
DRAFT_DAY = date(2026, 3, 10)


def test_everybody_is_reminded_in_their_language() -> None:
    messages = remind(reminders_on(DRAFT_DAY), PEOPLE, HEAD, DRAFT_DAY, "vi", NOW)
    assert [one.kind for one in messages] == ["reminder"] * 3
    lan, an = (message_from_bytes(one.payload, policy=default) for one in messages[:2])
    assert lan["Subject"] == "Hôm nay cần xong bản thảo: Báo cáo quý I"
    assert an["Subject"] == "Draft due today: First-quarter report"
    body = lan.get_content()
    assert all(day in body for day in ("15/12/2025", "14/03/2026", "20/03/2026"))
    assert b'"report":"first-quarter"' in messages[2].payload


def test_the_same_day_gives_the_same_keys() -> None:
    first = remind(reminders_on(DRAFT_DAY), PEOPLE, HEAD, DRAFT_DAY, "vi", NOW)
    assert first == remind(reminders_on(DRAFT_DAY), PEOPLE, HEAD, DRAFT_DAY, "vi", NOW)
    last_call = date(2026, 3, 18)
    again = remind(reminders_on(last_call), PEOPLE, HEAD, last_call, "vi", NOW)
    assert not {one.key for one in first} & {one.key for one in again}
    assert remind(reminders_on(date(2026, 4, 2)), PEOPLE, HEAD, date(2026, 4, 2), "vi", NOW) == []

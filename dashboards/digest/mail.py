"""The digest as a mail: text and HTML alternatives with the charts inside, the same bytes every time."""

from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b

from config.localtime import LOCAL_ZONE
from config.messages import message
from dashboards.digest.overview import subject_of
from dashboards.digest.pictures import pictures_of
from dashboards.digest.render import ChartTag, fitted, html_page, render_text
from pipeline.deliver.mail_policy import MAIL_POLICY
from pipeline.digest.period import period_of
from pipeline.records import Digest

DEFAULT_SENDER = "diembao@diembao.invalid"
"""For a mail that is a file: a domain that can belong to nobody (RFC 2606)."""


def render_eml(digest: Digest, *, sender: str = DEFAULT_SENDER) -> bytes:
    """Return the mail as a file (RFC 5322, CRLF). ``sender`` is a bare address; ValueError when it is none."""
    return compose_mail(digest, sender).as_bytes()


def compose_mail(digest: Digest, sender: str) -> EmailMessage:
    """Return the mail for nobody yet: who receives it is for the delivery to add.

    Date, Message-ID and boundaries derive from unit, day and revision. Raises ValueError for a sender that is no
    address.
    """
    if "@" not in sender:
        raise ValueError(f"not a mail address: {sender!r}")
    printed = fitted(digest)
    pictures = pictures_of(printed)
    mark = _mark(digest)
    address = Address(display_name=message("digest.sender", digest.language), addr_spec=sender)
    domain = address.domain
    charts = [
        ChartTag(title=picture.title, alt=picture.alt, source=f"cid:{_content_id(mark, picture.name, domain)}")
        for picture in pictures
    ]
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["Subject"] = subject_of(digest)
    mail["From"] = address
    mail["Date"] = format_datetime((digest.window_to_at + _minutes(digest.revision)).astimezone(LOCAL_ZONE))
    mail["Message-ID"] = f"<{mark}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(render_text(digest), cte="quoted-printable")
    mail.add_alternative(html_page(printed, charts), subtype="html", cte="quoted-printable")
    page = mail.get_payload(1)
    assert isinstance(page, EmailMessage)  # noqa: S101 - what add_alternative just put there
    for picture in pictures:
        page.add_related(
            picture.png,
            maintype="image",
            subtype="png",
            cid=f"<{_content_id(mark, picture.name, domain)}>",
            filename=f"{picture.name}.png",
            disposition="inline",
        )
    mail["Content-Language"] = digest.language
    for depth, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{blake2b(f'{mark}.{depth}'.encode(), digest_size=12).hexdigest()}")
    return mail


def _mark(digest: Digest) -> str:
    """Return what tells this edition and revision from every other one, as it may stand in a Message-ID."""
    kind = "" if digest.kind == "daily" else f"{period_of(digest).name}."
    return f"digest.{digest.province}.{kind}{digest.date:%Y%m%d}.{digest.revision}"


def _content_id(mark: str, name: str, domain: str) -> str:
    return f"{name}.{mark}@{domain}"


def _minutes(revision: int) -> timedelta:
    """A later revision has a later date, so that mail programs list it after the earlier one."""
    return timedelta(minutes=max(revision - 1, 0))

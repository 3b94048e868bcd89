"""Make one recipient's mail of a rendered one: who it is for, an identity of its own, how to stop it.

Every value goes through the mail's policy, which refuses line breaks: nothing that an outlet or a person wrote can add
a header. DKIM is left to the relay, which knows the domain's key.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b

from config.addresses import is_mail_address
from config.localtime import LOCAL_ZONE
from pipeline.deliver.mail_policy import MAIL_POLICY


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What all mails of an installation have in common."""

    sender: str
    """Bare address in From."""
    contact: str = ""
    """Whom readers turn to; an address is used for replies and unsubscribing, anything else is not."""
    unsubscribe_url: Callable[[str], str] | None = None
    """Address to its one-click link (https); None: the installation cannot be reached from outside."""

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @property
    def answers_to(self) -> str:
        return self.contact if is_mail_address(self.contact) else self.sender


def addressed(
    mail: EmailMessage, head: Letterhead, *, name: str, address: str, key: str, list_name: str, at: datetime
) -> bytes:
    """Return the mail for one recipient (RFC 5322, CRLF); the same bytes for the same arguments.

    ``key`` is the delivery's: the Message-ID derives from it, so that a mail sent again is known to be the same one.
    ``list_name`` tells mail programs what belongs together (RFC 2919), such as ``daily.cao-bang``.
    """
    copy = deepcopy(mail)
    for header in ("To", "Message-ID", "Date"):
        del copy[header]
    copy["To"] = Address(display_name=printable(name), addr_spec=address)
    copy["Message-ID"] = f"<{blake2b(key.encode(), digest_size=16).hexdigest()}@{head.domain}>"
    copy["Date"] = format_datetime(at.astimezone(LOCAL_ZONE).replace(microsecond=0))
    if head.answers_to != head.sender:
        copy["Reply-To"] = head.answers_to
    copy["List-Id"] = f"<{list_name}.diembao.{head.domain}>"
    by_mail = f"<mailto:{head.answers_to}?subject=unsubscribe>"
    if head.unsubscribe_url:
        copy["List-Unsubscribe"] = f"<{head.unsubscribe_url(address)}>, {by_mail}"
        copy["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    else:
        copy["List-Unsubscribe"] = by_mail
    copy["Precedence"] = "bulk"
    copy["X-Auto-Response-Suppress"] = "All"  # Exchange does not go by Auto-Submitted
    if "Auto-Submitted" not in copy:
        copy["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes in return
    return copy.as_bytes()


def plain_mail(title: str, body: str, sender: str) -> EmailMessage:
    """Return a mail of a few lines of text, for nobody yet."""
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["Subject"] = title
    mail["From"] = sender
    mail.set_content(body + "\n", cte="quoted-printable")
    return mail


def text_only(mail: EmailMessage) -> EmailMessage:
    """Return the mail with its plain text alone."""
    plain = mail.get_body(("plain",))
    if plain is None or not mail.is_multipart():
        return mail
    copy = deepcopy(mail)
    language = copy["Content-Language"]
    copy.clear_content()
    copy.set_content(plain.get_content(), cte="quoted-printable")
    if language:
        copy["Content-Language"] = str(language)
    return copy


def printable(name: str) -> str:
    """Return a name without what no header may hold."""
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())

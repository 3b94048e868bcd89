"""The one way in which mails become bytes: CRLF, and headers that stay what they are when their lines are long."""

from email.header import Header
from email.policy import SMTP, EmailPolicy

MACHINE_READ = frozenset({"Content-ID", "List-Id", "List-Unsubscribe", "Message-ID"})
"""Identifiers and addresses for programs, which know no encoded words in them (RFC 2047, 5; RFC 2369; RFC 2919)."""


class MailPolicy(EmailPolicy):
    """SMTP lines, without what `EmailPolicy` does to long headers.

    It loses blanks between the encoded words of a subject, which the older code folds; and it makes encoded words of
    any word of more than a line, also of a link.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == "Subject":
            folded = Header(value, "utf-8", header_name=name).encode(linesep=self.linesep)
        elif name in MACHINE_READ and value.isascii():
            folded = value.replace(">, <", f">,{self.linesep} <")
        else:
            return super().fold_binary(name, value)
        return f"{name}: {folded}{self.linesep}".encode("ascii")


MAIL_POLICY = MailPolicy(linesep=SMTP.linesep, max_line_length=SMTP.max_line_length)

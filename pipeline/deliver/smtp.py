"""Mail by SMTP (RFC 5321), one message and one recipient a transaction.

A connection that breaks before the last dot has delivered nothing (RFC 5321, 4.1.1.4), so all of that is tried again.
Once the dot is out, only the server knows: without its reply the message is uncertain, and a person decides.
"""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from pipeline.deliver.outcome import SENT, Outcome, Reason
from pipeline.store.deliveries import Delivery

PORTS = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT_S = 30.0
FINAL_TIMEOUT_S = 600.0
"""How long the reply to the last dot may take (RFC 5321, 4.5.3.2.6): who waits less is left in doubt."""
DETAIL_CHARS = 300

GO_AHEAD = 354
SIGNED_IN = 235
SHUTTING_DOWN = 421
SIGN_IN_CODES = frozenset({530, 534, 535, 538})
"""The server wants another sign-in (RFC 4954, 6): no fault of the message."""
ANSWERED: frozenset[Reason] = frozenset({"server_later", "sender_refused", "recipient_refused", "content_refused"})
"""What a server said in so many words, as against what happened to the connection."""
_UNSTUFFED_DOT = re.compile(rb"^\.", re.MULTILINE)

# What a broken connection raises, in all its forms.
_BROKEN = (OSError, smtplib.SMTPServerDisconnected)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The server that mail is handed to. The password is not part of its text form."""

    host: str
    port: int | None = None
    """None: the usual one for the security."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    sender: str
    """Bare address of the envelope, to which other servers report what they could not deliver."""
    timeout_s: float = TIMEOUT_S
    final_timeout_s: float = FINAL_TIMEOUT_S


class _RefusedError(Exception):
    """The server said no, or is away; carries the outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class SmtpSender:
    """Hands mails to one server over one connection, which is opened when it is needed."""

    repeatable = False

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, delivery: Delivery, commit: Callable[[], None]) -> Outcome:
        """Hand over one mail and say how that ended."""
        try:
            smtp = self._announced(delivery)
            return self._handed_over(smtp, delivery.payload, commit)
        except _RefusedError as exc:
            self._settle(exc.outcome)
            return exc.outcome
        except BaseException:
            self._drop()  # in the middle of a transaction
            raise

    def close(self) -> None:
        """Take leave of the server; every transaction is over."""
        if self._smtp is not None:
            with suppress(*_BROKEN):
                self._smtp.quit()
        self._drop()

    def _settle(self, outcome: Outcome) -> None:
        """Make the connection ready for the next message, where the server is still there to talk to."""
        try:
            if outcome.channel_down or outcome.reason not in ANSWERED or self._smtp is None:
                self._drop()
            else:
                self._smtp.rset()
        except _BROKEN:
            self._drop()

    def _drop(self) -> None:
        """End the connection without a word: who does not answer would let us wait for an answer to that as well."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _announced(self, delivery: Delivery) -> smtplib.SMTP:
        """Open a transaction for one recipient; a connection kept from the message before may have to be renewed."""
        kept = self._smtp is not None
        try:
            smtp = self._smtp or self._connected()
            self._say_sender(smtp, len(delivery.payload))
        except _RefusedError as exc:
            if not (kept and exc.outcome.channel_down):
                raise
            self._drop()
            smtp = self._connected()
            self._say_sender(smtp, len(delivery.payload))
        with _before_data():
            code, words = smtp.rcpt(delivery.recipient)
        if code not in (250, 251):
            raise _RefusedError(self._refusal(code, words, "recipient_refused"))
        return smtp

    def _say_sender(self, smtp: smtplib.SMTP, size: int) -> None:
        options = [f"size={size}"] if smtp.has_extn("size") else []
        with _before_data():
            code, words = smtp.mail(self._server.sender, options)
        if code in SIGN_IN_CODES:
            raise _RefusedError(_down("sign_in", self._words(code, words)))
        if code != 250:
            raise _RefusedError(self._refusal(code, words, "sender_refused", channel_down=code < 500))

    def _handed_over(self, smtp: smtplib.SMTP, payload: bytes, commit: Callable[[], None]) -> Outcome:
        commit()
        with _before_data():
            code, words = smtp.docmd("DATA")
        if code != GO_AHEAD:
            raise _RefusedError(self._refusal(code, words, "content_refused"))
        try:
            smtp.send(_stuffed(payload))
        except _BROKEN as exc:
            raise _RefusedError(_retry("lost_midway", str(exc))) from exc
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.final_timeout_s)
            smtp.send(b".\r\n")
            code, words = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.timeout_s)
        except _BROKEN as exc:
            raise _RefusedError(_doubt("lost_reply", str(exc))) from exc
        if 200 <= code < 300:
            return SENT
        if not 400 <= code < 600:
            raise _RefusedError(_doubt("odd_reply", self._words(code, words)))
        raise _RefusedError(self._refusal(code, words, "content_refused"))

    # ---- connecting ---------------------------------------------------------------------------------------------

    def _connected(self) -> smtplib.SMTP:
        """Connect, secure the connection and sign in; whatever fails there concerns every message."""
        server = self._server
        port = server.port or PORTS[server.security]
        try:
            if server.security == "tls":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, port, timeout=server.timeout_s, context=server.trust)
            else:
                smtp = smtplib.SMTP(server.host, port, timeout=server.timeout_s)
        except ssl.SSLError as exc:
            raise _RefusedError(_down("untrusted", _tls_words(exc))) from exc
        except smtplib.SMTPResponseException as exc:
            raise _RefusedError(_down("server_later", self._words(exc.smtp_code, exc.smtp_error))) from exc
        except _BROKEN as exc:
            raise _RefusedError(_down("unreachable", str(exc))) from exc
        self._smtp = smtp  # from here on closed with the rest
        self._prepare(smtp)
        return smtp

    def _prepare(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                smtp.starttls(context=server.trust)
                smtp.ehlo_or_helo_if_needed()
            if server.user:
                self._sign_in(smtp)
        except smtplib.SMTPNotSupportedError as exc:
            secured = server.security != "starttls" or "TLS" not in str(exc)
            raise _RefusedError(_down("no_sign_in" if secured else "no_starttls", str(exc))) from exc
        except smtplib.SMTPAuthenticationError as exc:
            raise _RefusedError(_down("sign_in", self._words(exc.smtp_code, exc.smtp_error))) from exc
        except smtplib.SMTPResponseException as exc:
            raise _RefusedError(_down("server_later", self._words(exc.smtp_code, exc.smtp_error))) from exc
        except ssl.SSLError as exc:
            raise _RefusedError(_down("untrusted", _tls_words(exc))) from exc
        except (*_BROKEN, smtplib.SMTPException) as exc:
            raise _RefusedError(_down("unreachable", str(exc))) from exc

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        """Sign in; the library cannot with a password that is not ASCII, which is UTF-8 in PLAIN (RFC 4616)."""
        user, password = self._server.user, self._server.password
        if (user + password).isascii():
            smtp.login(user, password)
            return
        if "PLAIN" not in smtp.esmtp_features.get("auth", "").split():
            raise smtplib.SMTPNotSupportedError("AUTH PLAIN")
        code, words = smtp.docmd("AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode())
        if code != SIGNED_IN:
            raise smtplib.SMTPAuthenticationError(code, words)

    # ---- what the server said -----------------------------------------------------------------------------------

    def _refusal(self, code: int, words: bytes, reason: Reason, *, channel_down: bool = False) -> Outcome:
        """Return what a reply means: 4xx passes, 5xx stays (RFC 5321, 4.2.1)."""
        detail = self._words(code, words)
        if 500 <= code < 600:
            return Outcome(verdict="refused", reason=reason, detail=detail)
        down = channel_down or code == SHUTTING_DOWN
        return Outcome(verdict="retry", reason="server_later", detail=detail, channel_down=down)

    def _words(self, code: int, words: bytes | str) -> str:
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        if self._server.password:
            text = text.replace(self._server.password, "***")
        return f"{code} {' '.join(text.split())}"[:DETAIL_CHARS]


@contextmanager
def _before_data() -> Iterator[None]:
    """A connection that breaks in here has delivered nothing, and will do no better for the next message."""
    try:
        yield
    except _BROKEN as exc:
        raise _RefusedError(_down("unreachable", str(exc))) from exc


def _stuffed(payload: bytes) -> bytes:
    """Return the lines with leading dots doubled (RFC 5321, 4.5.2), the last one ended."""
    lines = _UNSTUFFED_DOT.sub(b"..", payload)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _down(reason: Reason, detail: str) -> Outcome:
    return Outcome(verdict="retry", reason=reason, detail=detail[:DETAIL_CHARS], channel_down=True)


def _retry(reason: Reason, detail: str) -> Outcome:
    return Outcome(verdict="retry", reason=reason, detail=detail[:DETAIL_CHARS])


def _doubt(reason: Reason, detail: str) -> Outcome:
    return Outcome(verdict="uncertain", reason=reason, detail=detail[:DETAIL_CHARS])


def _tls_words(exc: ssl.SSLError) -> str:
    return getattr(exc, "verify_message", "") or str(exc)

"""A real SMTP server on loopback (aiosmtpd) that keeps what it accepts and fails on demand.

    with Mailroom() as mailroom:
        mailroom.fail("RCPT", reply="450 4.2.1 hộp thư bận")
        …  # send to 127.0.0.1, port mailroom.port
        mailroom.messages

Each fault befalls the next command it names, once (or ``times``); what is not failed is accepted.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = Literal["EHLO", "MAIL", "RCPT", "DATA", "BODY", "DOT"]
"""Where a fault strikes; BODY: in the middle of the content; DOT: after all of it was received."""

ACCEPTED = "250 2.0.0 OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What the server does instead of accepting."""

    reply: str = ""
    """Sent as it is; empty: nothing is sent."""
    hang_s: float = 0.0
    drop: bool = False
    """Cut the connection without a word."""
    keep: bool = False
    """At DOT: the message was taken in before that."""
    recipient: str = ""
    """At RCPT: strikes this recipient only."""


@dataclass(slots=True)
class Received:
    """One message that the server took in."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)


@dataclass(slots=True)
class _Plan:
    faults: dict[Stage, list[Fault]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, stage: Stage, recipient: str = "") -> Fault | None:
        with self.lock:
            for fault in self.faults.get(stage, []):
                if fault.recipient in ("", recipient):
                    self.faults[stage].remove(fault)
                    return fault
        return None


class _Server(SMTP):
    """aiosmtpd's server with faults; everything else is the library's."""

    plan: _Plan
    counted: Callable[[str], None]

    async def push(self, status: str | bytes) -> None:
        """Reply in UTF-8; the library knows ASCII only, real servers write what they like."""
        self._writer.write((status if isinstance(status, bytes) else status.encode()) + b"\r\n")
        await self._writer.drain()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - the library's name
        self.counted("EHLO")
        if not await self._failed("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        if not await self._failed("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        address = arg.partition("<")[2].partition(">")[0]
        if not await self._failed("RCPT", address):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self.counted("DATA")
        if await self._failed("DATA"):
            return
        if fault := self.plan.next("BODY"):
            await self.push("354 go ahead")
            await self._reader.readline()
            await self._act(fault)
            return
        await super().smtp_DATA(arg)

    async def _failed(self, stage: Stage, recipient: str = "") -> bool:
        fault = self.plan.next(stage, recipient)
        if fault is not None:
            await self._act(fault)
        return fault is not None

    async def _act(self, fault: Fault) -> None:
        if fault.hang_s:
            await asyncio.sleep(fault.hang_s)
        if fault.reply:
            await self.push(fault.reply)
        if fault.drop:
            self.cut()
        elif fault.reply.startswith("421"):
            self._writer.close()

    def cut(self) -> None:
        """End the connection without a word."""
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.abort()


class Mailroom:
    """The server: a context manager that listens on a free port of 127.0.0.1."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        require_starttls: bool = False,
        accounts: dict[str, str] | None = None,
        port: int = 0,
    ) -> None:
        self.messages: list[Received] = []
        self.commands: list[str] = []
        self._plan = _Plan()
        self._arrived = threading.Condition()
        self._accounts = accounts
        self._options: dict[str, Any] = {"require_starttls": require_starttls}
        if tls is not None and not implicit_tls:
            self._options["tls_context"] = tls
        if accounts is not None:
            self._options |= {"auth_required": True, "authenticator": self._authenticate}
            self._options["auth_require_tls"] = tls is not None
        self._tls = tls if implicit_tls else None
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = self._loop.create_server(self.make_server, "127.0.0.1", self.port, ssl=self._tls)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(30)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def fail(self, stage: Stage, *, times: int = 1, **fault: Any) -> None:
        """Let the next command of a stage fail."""
        with self._plan.lock:
            self._plan.faults.setdefault(stage, []).extend([Fault(**fault)] * times)

    def wait(self, condition: Callable[[], bool], timeout_s: float = 30) -> None:
        """Wait until something happened at the server."""
        with self._arrived:
            assert self._arrived.wait_for(condition, timeout_s), "the server saw nothing of that"

    def count(self, command: str) -> None:
        with self._arrived:
            self.commands.append(command)
            self._arrived.notify_all()

    def make_server(self) -> SMTP:
        server = _Server(self, hostname="mailroom.example", enable_SMTPUTF8=False, **self._options)
        server.plan, server.counted = self._plan, self.count
        return server

    async def handle_DATA(self, server: _Server, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take one message in; the library calls this by its name."""
        fault = self._plan.next("DOT")
        if fault is None or fault.keep:
            content = envelope.content
            assert isinstance(content, bytes)
            with self._arrived:
                self.messages.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), content))
                self._arrived.notify_all()
        if fault is None:
            return ACCEPTED
        if fault.hang_s:
            await asyncio.sleep(fault.hang_s)
        if fault.drop:
            server.cut()
        return fault.reply or ACCEPTED

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = self._accounts or {}
        fine = known.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=fine, handled=False)

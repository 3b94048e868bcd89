"""One sender a channel, made from the settings and the recipients; what cannot be made stops that channel alone."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from config.errors import ConfigError
from config.secrets import read_secret
from config.settings import SmtpSettings
from pipeline.deliver.chat import ChatSender
from pipeline.deliver.due import Sender
from pipeline.deliver.outcome import Outcome
from pipeline.deliver.recipients import Recipient
from pipeline.deliver.smtp import SmtpSender, SmtpServer
from pipeline.deliver.trust import trusting
from pipeline.deliver.webhook import WebhookSender, parse_secret
from pipeline.records import Channel
from pipeline.store.deliveries import Delivery

PASSWORD_VARIABLE = "DIEMBAO_SMTP_PASSWORD"  # noqa: S105 - its name, not its value


class Misconfigured:
    """Stands for a sender that could not be made; its messages wait until somebody has put that right."""

    repeatable = False

    def __init__(self, problem: ConfigError, *, channel_down: bool) -> None:
        self._problem = problem
        self._channel_down = channel_down

    def send(self, delivery: Delivery, commit: Callable[[], None]) -> Outcome:  # noqa: ARG002 - a sender takes both
        return Outcome(
            verdict="retry", reason="misconfigured", detail=str(self._problem), channel_down=self._channel_down
        )

    def close(self) -> None: ...


class ByName:
    """One sender a receiver: those of webhooks and chats differ in address and secret."""

    repeatable = True

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders

    def send(self, delivery: Delivery, commit: Callable[[], None]) -> Outcome:
        sender = self._senders.get(delivery.recipient)
        if sender is None:
            return Outcome(verdict="refused", reason="no_channel", detail=delivery.recipient)
        return sender.send(delivery, commit)

    def close(self) -> None:
        for sender in self._senders.values():
            sender.close()


def build_senders(
    smtp: SmtpSettings,
    recipients: Iterable[Recipient],
    home: Path,
    environment: Mapping[str, str],
    now: Callable[[], datetime],
) -> dict[Channel, Sender]:
    """Return a sender for each channel that is set up; nothing connects yet."""
    hooks: dict[str, Sender] = {}
    chats: dict[str, Sender] = {}
    for one in recipients:
        if one.webhook is not None:
            hooks[one.name] = _made(partial(_webhook, one, home, now))
        elif one.apprise_file is not None:
            chats[one.name] = _made(partial(_chat, one, home))
    senders: dict[Channel, Sender] = {}
    if smtp.host:
        senders["email"] = _made(partial(_mail, smtp, home, environment), channel_down=True)
    if hooks:
        senders["webhook"] = ByName(hooks)
    if chats:
        senders["apprise"] = ByName(chats)
    return senders


def _made(make: Callable[[], Sender], *, channel_down: bool = False) -> Sender:
    try:
        return make()
    except ConfigError as exc:
        return Misconfigured(exc, channel_down=channel_down)


def _mail(smtp: SmtpSettings, home: Path, environment: Mapping[str, str]) -> Sender:
    password_file = home / smtp.password_file.expanduser() if smtp.password_file else None
    server = SmtpServer(
        host=smtp.host,
        port=smtp.port,
        security=smtp.security,
        user=smtp.user,
        password=read_secret("smtp.password_file", password_file, variable=PASSWORD_VARIABLE, environment=environment),
        trust=trusting(home, smtp.ca_file),
        sender=smtp.sender,
    )
    return SmtpSender(server)


def _webhook(one: Recipient, home: Path, now: Callable[[], datetime]) -> Sender:
    assert one.webhook is not None  # noqa: S101 - the caller looked
    secret_file = home / one.webhook.secret_file.expanduser()
    text = read_secret("secret_file", secret_file, variable="", environment={})
    trust = trusting(home, one.webhook.ca_file)
    return WebhookSender(one.webhook.url, parse_secret(text, secret_file), now, trust=trust)


def _chat(one: Recipient, home: Path) -> Sender:
    assert one.apprise_file is not None  # noqa: S101 - the caller looked
    path = home / one.apprise_file.expanduser()
    return ChatSender(read_secret("apprise_file", path, variable="", environment={}))

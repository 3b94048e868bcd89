"""Who gets what: ``HOME/recipients.yaml``, people with a mail address and channels with a name.

    groups:
      lanh-dao: {editions: [daily, alerts], alert_level: 2}
    recipients:
      - {name: Nguyễn Thị Mẫu, to: mau@tinh.example, groups: [lanh-dao]}
      - {name: ioc, webhook: https://ioc.tinh.example/diembao, secret_file: ioc.secret, editions: [alerts]}

What a recipient does not say is said by the first of its groups that does. A mistake is an error that names the line
and the key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from classifiers.topics import topic_ids
from config.addresses import is_mail_address
from config.errors import ConfigError
from config.marked_yaml import MarkedYaml, read_marked
from config.messages import Lang
from config.settings import UnitSlug
from config.validation import Section
from pipeline.deliver.webhook import WebhookTarget, webhook_url
from pipeline.records import Channel, Tone

RECIPIENTS_FILE = "recipients.yaml"

Subscription = Literal["daily", "weekly", "alerts", "reminders"]
DEFAULT_EDITIONS: tuple[Subscription, ...] = ("daily",)
DEFAULT_ALERT_LEVEL = 1
"""«Mức 1»; 0 is «theo dõi»."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person or channel, with everything its groups say filled in."""

    name: str
    channel: Channel
    address: str
    """What identifies it in the store: a mail address, else the name; the address of a channel may be a secret."""
    groups: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    """Slugs; only what names one of them. Empty: everything."""
    topics: tuple[str, ...] = ()
    """Ids of topics or subtopics; only what is about one of them. Empty: everything."""
    min_tone: Tone = "positive"
    """The mildest tone that is wanted: ``negative`` is negative only, ``neutral`` leaves out the positive."""
    language: Lang | None = None
    """None: the installation's."""
    hour: int | None = None
    """Local hour from which editions are sent; None: the installation's."""
    editions: tuple[Subscription, ...] = DEFAULT_EDITIONS
    alert_level: int = DEFAULT_ALERT_LEVEL
    """The lowest level of alerts that is wanted, 0 («theo dõi») to 3."""
    format: Literal["html", "text"] = "html"
    webhook: WebhookTarget | None = None
    apprise_file: Path | None = None
    """File that holds the address of a channel of `apprise`; as written, to be read from the home folder."""

    @property
    def filtered(self) -> bool:
        """True when it does not want everything."""
        return bool(self.units or self.topics) or self.min_tone != "positive"


# ---- what the file may hold -----------------------------------------------------------------------------------------


def _address(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError(ConfigError("recipients.bad_address", value=text))
    return text


def _topic(text: str) -> str:
    if text not in topic_ids():
        near = get_close_matches(text, topic_ids(), n=3)
        raise ValueError(ConfigError("recipients.unknown_topic", value=text, near=", ".join(near) or "security"))
    return text


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError(ConfigError("recipients.bad_name", value=repr(text)))
    return text.strip()


class _Wishes(Section):
    """What groups and recipients can both say; None: not said."""

    units: tuple[UnitSlug, ...] | None = None
    topics: tuple[Annotated[str, AfterValidator(_topic)], ...] | None = None
    min_tone: Tone | None = None
    language: Lang | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    editions: tuple[Subscription, ...] | None = None
    alert_level: Annotated[int, Field(ge=0, le=3)] | None = None
    format: Literal["html", "text"] | None = None

    def said(self) -> dict[str, Any]:
        return {key: value for key in _Wishes.model_fields if (value := getattr(self, key)) is not None}


class _Entry(_Wishes):
    name: Annotated[str, AfterValidator(_name)]
    groups: tuple[str, ...] = ()
    to: Annotated[str, AfterValidator(_address)] | None = None
    webhook: Annotated[str, AfterValidator(webhook_url)] | None = None
    secret_file: Path | None = None
    ca_file: Path | None = None
    apprise_file: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [key for key in ("to", "webhook", "apprise_file") if getattr(self, key) is not None]
        if len(ways) != 1:
            raise ValueError(ConfigError("recipients.one_way", name=self.name))
        if self.webhook and not self.secret_file:
            raise ValueError(ConfigError("recipients.no_secret", name=self.name))
        return self


class _File(Section):
    groups: Mapping[str, _Wishes] = {}
    recipients: tuple[_Entry, ...] = ()


# ---- reading --------------------------------------------------------------------------------------------------------


def load_recipients(home: Path, *, earliest_hour: int = 0) -> tuple[Recipient, ...]:
    """Return all recipients of an installation; none when it has no file of them.

    ``earliest_hour`` is the one at which an edition closes. Raises ConfigError naming the file, the line and the key.
    """
    path = home / RECIPIENTS_FILE
    if not path.is_file():
        return ()
    content = read_marked(path)
    if content.value is None:
        return ()
    try:
        file = _File.model_validate(content.value)
    except ValidationError as exc:
        raise _first_problem(path, content, exc) from exc
    _check(path, content, file, earliest_hour)
    return tuple(_recipient(entry, file.groups) for entry in file.recipients)


def named(recipients: Sequence[Recipient], name: str) -> tuple[Recipient, ...]:
    """Return the recipient of a name or address, or the members of a group. Raises ConfigError when there is none."""
    if not recipients:
        raise ConfigError("recipients.nobody")
    found = tuple(one for one in recipients if name in (one.name, one.address, *one.groups))
    if not found:
        known = ", ".join(sorted({one.name for one in recipients}))
        raise ConfigError("recipients.unknown", name=name, known=known)
    return found


def _recipient(entry: _Entry, groups: Mapping[str, _Wishes]) -> Recipient:
    wishes: dict[str, Any] = {}
    for wish in (entry, *(groups[group] for group in entry.groups)):
        wishes = wish.said() | wishes
    channel: Channel = "email" if entry.to else "webhook" if entry.webhook else "apprise"
    webhook = None
    if entry.webhook and entry.secret_file:
        webhook = WebhookTarget(url=entry.webhook, secret_file=entry.secret_file, ca_file=entry.ca_file)
    return Recipient(
        name=entry.name,
        channel=channel,
        address=entry.to or entry.name,
        groups=entry.groups,
        webhook=webhook,
        apprise_file=entry.apprise_file,
        **wishes,
    )


def _check(path: Path, content: MarkedYaml, file: _File, earliest_hour: int) -> None:
    """Check what concerns several entries."""
    seen: dict[str, int] = {}
    for number, entry in enumerate(file.recipients):
        at: tuple[str, int] = ("recipients", number)
        for key, value in (("name", entry.name), ("to", entry.to)):
            if value is not None and seen.setdefault(f"{key}:{value.casefold()}", number) != number:
                raise _problem("recipients.twice", path, content, (*at, key), value=value)
        for group in entry.groups:
            if group not in file.groups:
                near = ", ".join(file.groups) or "–"
                raise _problem("recipients.unknown_group", path, content, (*at, "groups"), value=group, near=near)
    hours: Iterable[tuple[tuple[str, int | str], int | None]] = (
        *((("groups", name), wishes.hour) for name, wishes in file.groups.items()),
        *((("recipients", number), entry.hour) for number, entry in enumerate(file.recipients)),
    )
    for at_hour, hour in hours:
        if hour is not None and hour < earliest_hour:
            raise _problem("recipients.too_early", path, content, (*at_hour, "hour"), hour=hour, closes=earliest_hour)


def _first_problem(path: Path, content: MarkedYaml, exc: ValidationError) -> ConfigError:
    problem = exc.errors()[0]
    location = problem["loc"]
    if problem["type"] == "extra_forbidden":
        model = _File if len(location) == 1 else _Wishes if location[0] == "groups" else _Entry
        near = get_close_matches(str(location[-1]), model.model_fields, n=1) or sorted(model.model_fields)
        return _problem("recipients.unknown_key", path, content, location, near=", ".join(near))
    if problem["type"] == "missing":
        return _problem("recipients.missing_key", path, content, location)
    cause = next(iter(getattr(problem.get("ctx", {}).get("error"), "args", ())), None)
    detail = cause if isinstance(cause, ConfigError) else problem["msg"]
    return _problem("recipients.bad_value", path, content, location, detail=detail)


def _problem(
    code: str, path: Path, content: MarkedYaml, location: Sequence[int | str], **fields: object
) -> ConfigError:
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in location) or "recipients"
    return ConfigError(code, path=path, line=content.line_of(location), key=key, **fields)

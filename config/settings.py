"""The typed settings of one installation: ``HOME/diembao.yaml``, overridden by ``DIEMBAO_…`` environment variables.

``__`` stands between levels: ``DIEMBAO_CRAWL__PER_HOST=2``. A wrong key or value stops the start and names itself.
"""

import shlex
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from config.addresses import is_mail_address
from config.errors import ConfigError
from config.messages import Lang
from config.units import find_unit, members
from config.validation import Section, first_problem, read_mapping, without_password

SETTINGS_FILE = "diembao.yaml"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = 1 << 16
FOREIGN_HOUR = 8
"""When the weekly foreign-press edition is issued, where nothing else is said: after the daily one."""

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _known_unit(text: str) -> str:
    try:
        return find_unit(text)
    except ConfigError as exc:
        raise ValueError(exc) from exc


UnitSlug = Annotated[str, AfterValidator(_known_unit)]


def kibana_url(text: str) -> str:
    """Return an http(s) address with a path at most; a password has its place in a file. Raises ConfigError."""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:  # half an IPv6 address
        fine = False
    if not fine or "@" in parts.netloc:
        raise ConfigError("kibana.bad_url", url=without_password(text))
    return text


def _kibana_url(text: str) -> str:
    try:
        return text and kibana_url(text)
    except ConfigError as exc:
        raise ValueError(exc) from exc


KibanaUrl = Annotated[str, AfterValidator(_kibana_url)]


def _public_url(text: str) -> str:
    """One-click unsubscribing is for https alone (RFC 8058); an international host is written in its ASCII form."""
    parts = urlsplit(text)
    plain = text.isascii() and not ("@" in parts.netloc or parts.query or parts.fragment)
    if text and not (plain and parts.scheme == "https" and parts.hostname):
        raise ValueError(ConfigError("settings.bad_public_url", url=without_password(text)))
    return text.rstrip("/")


PublicUrl = Annotated[str, AfterValidator(_public_url)]


class StoreSettings(Section):
    url: str = ""
    """SQLAlchemy URL; empty: SQLite at ``HOME/store.sqlite``."""


def _server_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.port
    except ValueError:
        fine = None
    if not fine or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(ConfigError("settings.bad_server", url=without_password(text)))
    return text.rstrip("/")


ServerUrl = Annotated[str, AfterValidator(_server_url)]


class IndexSettings(Section):
    """What people search, and where Elasticsearch is; how to sign in is in files or in the environment."""

    kind: Literal["embedded", "elastic"] = "embedded"
    """``embedded``: a file in the home folder alone; ``elastic``: Elasticsearch, with that file to fall back on."""
    urls: tuple[ServerUrl, ...] = ()
    """Of the nodes, such as ``https://es1.example:9200``; in the environment a JSON list."""
    api_key_file: Path | None = None
    """Relative paths start in the home folder, here and below."""
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    """Certificates (PEM) to trust instead of the system's."""
    verify: bool = True
    """False: take any certificate; for a trial only."""
    scope: Literal["assessed", "all"] = "assessed"
    """``assessed``: only documents that name an own or watched unit; ``all``: every collected article."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "elastic" and not self.urls:
            raise ValueError(ConfigError("settings.no_server"))
        if self.api_key_file and self.user:
            raise ValueError(ConfigError("settings.two_sign_ins"))
        return self


class KibanaSettings(Section):
    """Where analysts open Kibana, and how ``diembao kibana install`` signs in."""

    url: KibanaUrl = ""
    """With its base path and space, as people open it: digests link there. Empty: no links."""
    api_key_file: Path | None = None
    """Relative paths start in the home folder, here and below."""
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    """Certificates (PEM) to trust instead of the system's."""


class CrawlSettings(Section):
    allow_loopback: bool = False
    """Permit loopback and private addresses: for a press that runs on this machine only."""
    proxy: str = ""
    """HTTP proxy for every fetch, such as ``http://proxy.local:3128``."""
    per_host: Annotated[int, Field(ge=1, le=8)] = 1
    """Requests at a time to one host."""
    max_page_mb: Annotated[float, Field(gt=0, le=16)] = 8


class DigestSettings(Section):
    window_hour: Annotated[int, Field(ge=0, le=23)] = 7
    """The edition of day D covers [D-1 at this hour, D at this hour), Asia/Ho_Chi_Minh."""
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """When it is sent, on day D; None: as soon as its window has closed."""
    foreign_weekday: Weekday = "thursday"
    """On which the weekly foreign-press edition is issued."""
    foreign_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Of that day, Asia/Ho_Chi_Minh; None: 8, or as soon as its last window has closed where that is later."""
    internal: bool = False
    """Print «LƯU HÀNH NỘI BỘ»."""

    @model_validator(mode="after")
    def _sent_after_it_closes(self) -> Self:
        for key, hour in {"hour": self.hour, "foreign_hour": self.foreign_hour}.items():
            if hour is not None and hour < self.window_hour:
                raise ValueError(ConfigError("settings.sent_too_early", key=key, hour=hour, closes=self.window_hour))
        return self

    @property
    def sending_hour(self) -> int:
        """The local hour from which an edition is sent."""
        return self.window_hour if self.hour is None else self.hour

    @property
    def foreign_sending_hour(self) -> int:
        """The local hour at which the weekly foreign-press edition is issued."""
        return max(FOREIGN_HOUR, self.window_hour) if self.foreign_hour is None else self.foreign_hour


class SmtpSettings(Section):
    """The mail server that everything is handed to, and who the mails are from."""

    host: str = ""
    """Empty: no mail is sent."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """None: 587 with STARTTLS, 465 with TLS, 25 with none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """``starttls`` and ``tls`` are demanded, never given up for plain text."""
    user: str = ""
    password_file: Path | None = None
    """Relative paths start in the home folder, here and below."""
    ca_file: Path | None = None
    """Certificates (PEM) to trust instead of the system's."""
    sender: str = ""
    """Address in From and of the envelope."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.host and not self.sender:
            raise ValueError(ConfigError("settings.no_sender"))
        if self.sender and not is_mail_address(self.sender):
            raise ValueError(ConfigError("settings.bad_sender", value=self.sender))
        if self.user and self.security == "none" and self.host not in LOOPBACK_NAMES:
            raise ValueError(ConfigError("settings.password_in_clear"))
        return self


class RetentionSettings(Section):
    inbox_days: Annotated[int, Field(ge=1)] = 30
    text_days: Annotated[int, Field(ge=1)] = 365
    """Full texts older than this are emptied; ids, titles and labels stay."""


class BackupSettings(Section):
    """The copies that the service makes every night; a store on PostgreSQL is its server's to copy."""

    folder: Path = Path("backups")
    """A relative path starts in the home folder; another disk is the better place."""
    keep_daily: Annotated[int, Field(ge=1)] = 7
    keep_weekly: Annotated[int, Field(ge=0)] = 4
    whole_inbox: bool = False
    """Copy original pages too that lie in the store already: many gigabytes a copy."""


def _listen_address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if text and not (host and port.isascii() and port.isdigit() and int(port) < PORTS):
        raise ValueError(ConfigError("settings.bad_listen", listen=text))
    return text


class ServeSettings(Section):
    listen: Annotated[str, AfterValidator(_listen_address)] = "127.0.0.1:8790"
    """Where ``diembao serve`` answers /healthz and /metrics; port 0: any free one; empty: nowhere."""


class MuteSettings(Section):
    """What must not enter a digest; it stays stored and searchable."""

    sources: tuple[str, ...] = ()
    url_patterns: tuple[str, ...] = ()
    """Shell patterns, such as ``https://bao.example/quang-cao/*``; what fits is not fetched either."""
    phrases: tuple[str, ...] = ()
    """Words in title or lead, case-insensitive."""


class Settings(BaseSettings):
    """Everything one installation is told. Frozen."""

    model_config = SettingsConfigDict(
        env_prefix="DIEMBAO_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )
    yaml_file: ClassVar[Path | None] = None

    province: UnitSlug
    watch: tuple[UnitSlug, ...] = ()
    language: Lang = "vi"
    contact: str = ""
    """Address or URL shown to outlets in the User-Agent."""
    store: StoreSettings = StoreSettings()
    index: IndexSettings = IndexSettings()
    kibana: KibanaSettings = KibanaSettings()
    crawl: CrawlSettings = CrawlSettings()
    digest: DigestSettings = DigestSettings()
    smtp: SmtpSettings = SmtpSettings()
    public_url: PublicUrl = ""
    """Where people reach this installation from outside, such as ``https://diembao.tinh.example``; empty: nowhere."""
    retention: RetentionSettings = RetentionSettings()
    backup: BackupSettings = BackupSettings()
    serve: ServeSettings = ServeSettings()
    mute: MuteSettings = MuteSettings()

    @property
    def units(self) -> frozenset[str]:
        """The historic units that language processing runs for: own and watched."""
        return frozenset().union(*(members(slug) for slug in (self.province, *self.watch)))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load_settings(home: Path) -> Settings:
    """Read ``home/diembao.yaml`` and the environment. Raises ConfigError naming the file and the key."""
    path = home / SETTINGS_FILE
    if not path.is_file():
        raise ConfigError("settings.no_file", path=path, home=shlex.quote(str(home)))
    values = read_mapping(path, domain="settings")
    try:
        return Settings(**values)
    except SettingsError as exc:  # a value of the environment that is no JSON where a list is due
        raise ConfigError("settings.bad_environment", detail=exc) from exc
    except ValidationError as exc:
        raise first_problem(path, exc, Settings, domain="settings") from exc

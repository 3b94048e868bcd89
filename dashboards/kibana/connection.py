"""Kibana's HTTP API: how to sign in, how long to wait, and what its answers mean in one sentence."""

import json
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from config.errors import KibanaError, UsageError
from config.secrets import read_secret
from config.settings import KibanaSettings

KEY_VARIABLE = "DIEMBAO_KIBANA_API_KEY"
PASSWORD_VARIABLE = "DIEMBAO_KIBANA_PASSWORD"  # noqa: S105 - its name, not its value
TIMEOUT = urllib3.Timeout(connect=10, read=60)
TRIES = 6
"""How often a Kibana that is still starting, or a busy one, is asked again: for half a minute."""
LONGEST_WAIT_S = 30
"""However long it asks us to stay away."""
BUSY = frozenset({429, 502, 503, 504})
REFUSALS = {401: "refused", 403: "forbidden", 404: "not_kibana", 413: "too_large"} | dict.fromkeys(BUSY, "not_ready")
"""Status to the key of its sentence."""
DETAIL_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where Kibana is and how to sign in. Secrets are not part of its text form."""

    url: str
    """With its base path and space: ``https://kibana.example/s/press``."""
    api_key: str = field(default="", repr=False)
    """``id:key``, or encoded as Kibana shows it."""
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    """PEM; None: the certificates that Python trusts."""

    def __post_init__(self) -> None:
        """Raise UsageError for two ways to sign in, and for what cannot be a key."""
        if self.api_key and self.user:
            raise UsageError("kibana.both_ways")
        if not (self.api_key.isascii() and self.api_key.isprintable()):
            raise UsageError("kibana.odd_key")

    @classmethod
    def of(cls, settings: KibanaSettings, environment: Mapping[str, str]) -> Self:
        """Return what settings and environment say; a secret in the environment wins over a file.

        Raises UsageError when the address is missing or a file cannot be read.
        """
        if not settings.url:
            raise UsageError("kibana.no_url")
        return cls(
            url=settings.url,
            api_key=read_secret(
                "kibana.api_key_file", settings.api_key_file, variable=KEY_VARIABLE, environment=environment
            ),
            user=settings.user,
            password=read_secret(
                "kibana.password_file", settings.password_file, variable=PASSWORD_VARIABLE, environment=environment
            ),
            ca_file=settings.ca_file,
        )

    @property
    def headers(self) -> dict[str, str]:
        """Return what signs a request in; nothing for a Kibana without security."""
        if self.api_key:
            encoded = b64encode(self.api_key.encode()).decode() if ":" in self.api_key else self.api_key
            return {"Authorization": f"ApiKey {encoded}"}
        if self.user:
            pair = b64encode(f"{self.user}:{self.password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {}

    def without_secrets(self, text: str) -> str:
        """Return a text that came from outside, cut, with anything secret in it replaced."""
        secrets = (self.api_key, self.password, *(value.partition(" ")[2] for value in self.headers.values()))
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return " ".join(text.split())[:DETAIL_CHARS]


class Connection:
    """One Kibana. Every failure is a KibanaError that names the address, or the CA file, and nothing secret."""

    def __init__(self, access: Access, *, tries: int = TRIES) -> None:
        self._access = access
        self._base = access.url.rstrip("/")
        self._pool = urllib3.PoolManager(
            ssl_context=_trust(access.ca_file),
            timeout=TIMEOUT,
            # All that is sent may be sent twice: objects have fixed ids, a setting has one value.
            retries=urllib3.Retry(
                total=tries,
                connect=1,
                read=1,
                other=0,  # a certificate is not trusted the next time either
                redirect=0,
                status_forcelist=BUSY,
                allowed_methods=None,
                backoff_factor=0.5,
                retry_after_max=LONGEST_WAIT_S,
                raise_on_redirect=False,
                raise_on_status=False,
            ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def get(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path)

    def send_json(self, path: str, body: object) -> dict[str, Any]:
        return self._ask("POST", path, body=json.dumps(body), headers={"Content-Type": "application/json"})

    def send_file(self, path: str, name: str, content: str) -> dict[str, Any]:
        return self._ask("POST", path, fields={"file": (name, content, "application/ndjson")})

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, **request: Any) -> dict[str, Any]:
        all_headers = {"kbn-xsrf": "diembao", **self._access.headers, **(headers or {})}
        try:
            response = self._pool.request(method, self._base + path, headers=all_headers, **request)
        except HTTPError as exc:
            cause = exc.reason if isinstance(exc, MaxRetryError) and exc.reason else exc
            if isinstance(cause, SSLError):
                detail = getattr(cause.args[0], "verify_message", "") or str(cause)
                raise KibanaError("kibana.untrusted", url=self._base, detail=detail) from exc
            detail = self._access.without_secrets(str(cause).rpartition("): ")[2])
            raise KibanaError("kibana.unreachable", url=self._base, detail=detail) from exc
        return self._answer(response)

    def _answer(self, response: urllib3.BaseHTTPResponse) -> dict[str, Any]:
        status = response.status
        if key := REFUSALS.get(status):
            raise KibanaError(f"kibana.{key}", url=self._base, status=status)
        try:
            answer = response.json()
        except ValueError as exc:
            raise KibanaError("kibana.not_kibana", url=self._base, status=status) from exc
        if not isinstance(answer, dict) or response.get_redirect_location():
            raise KibanaError("kibana.not_kibana", url=self._base, status=status)
        if status != 200:
            detail = self._access.without_secrets(str(answer.get("message", answer)))
            raise KibanaError("kibana.failed", url=self._base, status=status, detail=detail)
        return cast(dict[str, Any], answer)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as exc:  # also what ssl raises for a file without a certificate
        raise KibanaError("kibana.no_ca_file", path=ca_file, detail=exc.strerror) from exc

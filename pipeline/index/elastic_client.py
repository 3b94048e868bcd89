"""The connection to Elasticsearch, and its errors as sentences. Keys and passwords show in neither."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    UnsupportedProductError,
)

from config.errors import ConfigError, IndexUnavailableError

WRITE_TIMEOUT_S = 60.0
"""For one bulk request: a server that is busy merging may be slow for a while."""
SEARCH_TIMEOUT_S = 10.0
"""A person waits; after this the embedded index answers."""
NOT_FOUND = 404
PRODUCT = "x-elastic-product"
"""Header of every answer of the server itself."""
PROBE_TIMEOUT_S = 30.0
"""For the first, small request of a feeding: a server that is away should be noticed before its documents are made."""
BUSY = (429, 502, 503, 504)
"""Statuses of a server, or of what stands before it, that may answer a later try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticServer:
    """Where the server is and how to be let in."""

    urls: tuple[str, ...]
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    """Certificates to trust instead of the system's."""
    verify: bool = True


def connect(server: ElasticServer) -> Elasticsearch:
    """Return a client; nothing is sent before the first request. Raises ConfigError for a bad file of certificates."""
    options: dict[str, Any] = {}
    if server.api_key:
        options["api_key"] = server.api_key
    elif server.user:
        options["basic_auth"] = (server.user, server.password)
    if any(url.startswith("https:") for url in server.urls):
        options["verify_certs"] = server.verify
        if not server.verify:
            options["ssl_show_warn"] = False  # `doctor` says it
        elif server.ca_file:
            try:
                ssl.create_default_context(cafile=server.ca_file)  # the client would tell it with its first request
            except OSError as exc:
                detail = exc.strerror or exc
                raise ConfigError("settings.bad_ca", path=server.ca_file, detail=detail) from exc
            options["ca_certs"] = str(server.ca_file)
    return Elasticsearch(
        list(server.urls),
        request_timeout=WRITE_TIMEOUT_S,
        max_retries=len(server.urls) - 1,  # each other node once; waiting is the feeder's part
        retry_on_status=(),
        retry_on_timeout=False,
        **options,
    )


@contextmanager
def errors_translated(urls: tuple[str, ...] | str) -> Iterator[None]:
    """Raise IndexUnavailableError with advice for whatever the client reports."""
    try:
        yield
    except (ApiError, TransportError, UnsupportedProductError) as exc:
        raise translated(exc, urls) from exc


def translated(error: Exception, urls: tuple[str, ...] | str) -> IndexUnavailableError:
    """Return the sentence for an error of the client."""
    code, fields = _explained(error)
    return IndexUnavailableError(f"index.{code}", url=urls if isinstance(urls, str) else ", ".join(urls), **fields)


def _explained(error: Exception) -> tuple[str, dict[str, object]]:
    match error:
        case TlsError():
            return "elastic_certificate", {"detail": _short(error.message)}
        case ConnectionTimeout():
            return "elastic_slow", {}
        case TransportError():
            return "elastic_unreachable", {"detail": _short(error.message)}
        case AuthenticationException() | AuthorizationException() if not is_blocked(error):
            return "elastic_refused", {"status": error.status_code}
        case ApiError() if PRODUCT in error.meta.headers or error.status_code in BUSY:
            code = "elastic_missing" if error.status_code == NOT_FOUND else "elastic_failed"
            return code, {"status": error.status_code, "detail": _short(reason_of(error))}
        case _:
            return "elastic_other_product", {}


def is_blocked(error: ApiError) -> bool:
    """Tell whether an index was closed to writing (a full disk, maintenance), which ends by itself or by a person."""
    return "cluster_block_exception" in str(error.message)


def reason_of(error: ApiError) -> str:
    """Return what the server says is wrong."""
    body = error.body
    cause = body.get("error") if isinstance(body, dict) else None
    if isinstance(cause, dict):
        return f"{cause.get('type')}: {cause.get('reason')}"
    return str(cause or error.message)


def _short(text: str, limit: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit] + "…"

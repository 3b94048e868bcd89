"""One-click unsubscribing (RFC 8058): the link that mails carry, and the WSGI application that answers it.

A link holds the address and a signature, so that nobody can unsubscribe another. GET shows a page with one button,
since programs that look through mail follow links; POST unsubscribes.
"""

import base64
import binascii
import hmac
import html
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from config.messages import Lang, message
from pipeline.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/unsubscribe/"
KEY = "unsubscribe_key"
"""In the store's facts: what links are signed with; made when it is first asked for."""
KEY_BYTES = 32


def link_maker(store: Store, public_url: str) -> Callable[[str], str]:
    """Return what makes the link of an address."""
    key = _key(store)
    return lambda address: f"{public_url}{PATH}{_token(address, key)}"


def unsubscribe_app(store: Store, now: Callable[[], datetime], lang: Lang) -> "WSGIApplication":
    """Return the application that answers below `PATH`."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        address = _address_of(environ.get("PATH_INFO", "").rpartition("/")[2], _key(store))
        method = environ.get("REQUEST_METHOD", "GET")
        if address is None:
            return _page(start_response, "404 Not Found", message("deliver.unsubscribe_unknown", lang))
        if method == "POST":
            store.unsubscribe(address, now())
            return _page(start_response, "200 OK", message("deliver.unsubscribe_done", lang, address=address))
        if method != "GET":
            return _page(start_response, "405 Method Not Allowed", "")
        asked = message("deliver.unsubscribe_ask", lang, address=address)
        return _page(start_response, "200 OK", asked, button=message("deliver.unsubscribe_button", lang))

    return answer


def _key(store: Store) -> bytes:
    found = store.get_meta(KEY)
    if found is None:
        found = secrets.token_hex(KEY_BYTES)
        store.set_meta(KEY, found)
    return bytes.fromhex(found)


def _token(address: str, key: bytes) -> str:
    signature = hmac.digest(key, address.encode(), "sha256")[:16]
    return base64.urlsafe_b64encode(signature + address.encode()).decode().rstrip("=")


def _address_of(token: str, key: bytes) -> str | None:
    """Return the address of a link that we made; None for any other."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        address = raw[16:].decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return address if address and hmac.compare_digest(_token(address, key), token) else None


def _page(start_response: "StartResponse", status: str, text: str, *, button: str = "") -> list[bytes]:
    form = f'<form method="post"><button>{html.escape(button)}</button></form>' if button else ""
    body = f'<!doctype html><meta charset="utf-8"><title>Điểm Báo</title><p>{html.escape(text)}</p>{form}\n'.encode()
    start_response(
        status,
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
        ],
    )
    return [body]

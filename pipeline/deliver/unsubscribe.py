"""One-click unsubscribing (RFC 8058): the link that mails carry, and what answers it.

A link holds the address and a signature, so that nobody can unsubscribe another. GET shows a page with one button,
since programs that look through mail follow links; POST unsubscribes. The web server of the installation calls
`answer_link` for paths below `PATH`.
"""

import base64
import hmac
import html
import secrets
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from config.messages import Lang, message
from pipeline.store import Store

PATH = "/unsubscribe/"
KEY = "unsubscribe_key"
"""In the store's facts: what links are signed with; made when it is first asked for."""
KEY_BYTES = 32
SIGNATURE_BYTES = 16


def link_maker(store: Store, public_url: str) -> Callable[[str], str]:
    """Return what makes the link of an address."""
    key = _key(store)
    return lambda address: f"{public_url}{PATH}{_token(address, key)}"


def answer_link(store: Store, method: str, path: str, now: datetime, lang: Lang) -> tuple[HTTPStatus, bytes]:
    """Return the status and the page (HTML, UTF-8) for a request of a link; a POST unsubscribes its address."""
    address = _address_of(path.rpartition("/")[2], _key(store))
    if address is None:
        return HTTPStatus.NOT_FOUND, _page(message("deliver.unsubscribe_unknown", lang))
    if method == "POST":
        store.unsubscribe(address, now)
        return HTTPStatus.OK, _page(message("deliver.unsubscribe_done", lang, address=address))
    if method != "GET":
        return HTTPStatus.METHOD_NOT_ALLOWED, _page("")
    asked = message("deliver.unsubscribe_ask", lang, address=address)
    return HTTPStatus.OK, _page(asked, button=message("deliver.unsubscribe_button", lang))


def _key(store: Store) -> bytes:
    found = store.get_meta(KEY)
    if found is None:
        found = secrets.token_hex(KEY_BYTES)
        store.set_meta(KEY, found)
    return bytes.fromhex(found)


def _token(address: str, key: bytes) -> str:
    signature = hmac.digest(key, address.encode(), "sha256")[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(signature + address.encode()).decode().rstrip("=")


def _address_of(token: str, key: bytes) -> str | None:
    """Return the address of a link that we made; None for any other."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        address = raw[SIGNATURE_BYTES:].decode("ascii")
    except ValueError:  # also what base64 raises
        return None
    return address if address and hmac.compare_digest(_token(address, key), token) else None


def _page(text: str, *, button: str = "") -> bytes:
    form = f'<form method="post"><button>{html.escape(button)}</button></form>' if button else ""
    return f'<!doctype html><meta charset="utf-8"><title>Điểm Báo</title><p>{html.escape(text)}</p>{form}\n'.encode()

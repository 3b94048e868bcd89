"""What a crawl refuses to touch: addresses inside networks, other schemes, media, oversized bodies.

Pure decisions; `crawlers.resolver` and `crawlers.middlewares` act on them. A refusal is a snake_case name that ends in
the summary, or None when there is nothing to refuse. The address ranges are those of IANA's special-purpose registries
(RFC 6890), as `ipaddress` knows them, plus the IPv6 forms that carry an IPv4 address.
"""

import ipaddress
import re
import socket
import unicodedata
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["page", "endpoint", "robots"]
"""What a request is for: an article page, a polled address (feed, sitemap, section page), or ``robots.txt``."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
INNER_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".localdomain")
"""Names that only a resolver inside a network knows; ``metadata.google.internal`` is one."""

MEDIA_TYPES = ("image/", "video/", "audio/", "font/")
DOCUMENT_TYPES = ("pdf", "zip", "msword", "officedocument", "x-rar", "x-7z", "postscript", "wasm")
PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml")
SNIFFED_BYTES = 1024


def refuse_url(url: str, *, allow_loopback: bool) -> str | None:
    """Return why ``url`` may not be requested: ``bad_url``, ``scheme`` or ``private_address``; None when it may."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "bad_url"
    if parts.scheme not in {"http", "https"}:
        return "scheme"
    if not host:
        return "bad_url"
    return refuse_host(host, allow_loopback=allow_loopback)


def refuse_host(host: str, *, allow_loopback: bool) -> str | None:
    """Judge a host by its spelling alone: an address in any notation, or a name that means this network."""
    name = unicodedata.normalize("NFKC", host).replace("。", ".").lower().rstrip(".")  # as IDNA reads it
    address = parse_address(name)
    if address is not None:
        return refuse_address(address, allow_loopback=allow_loopback)
    inner = "." not in name or name.endswith(INNER_SUFFIXES)
    return "private_address" if inner and not allow_loopback else None


def refuse_address(address: IPAddress, *, allow_loopback: bool) -> str | None:
    """Judge the address that a connection would really go to."""
    address = _embedded_ipv4(address) or address
    link_local_v6 = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    if address.is_link_local or address.is_multicast or address.is_unspecified or link_local_v6:
        return "private_address"  # cloud metadata services answer on link-local addresses
    if address.is_global and not address.is_reserved:
        return None
    if allow_loopback and (address.is_loopback or address.is_private):
        return None
    return "private_address"


def parse_address(host: str) -> IPAddress | None:
    """Read ``host`` as an IP address in any notation that a resolver takes, such as ``127.1`` or ``0x7f000001``."""
    bare = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    if re.fullmatch(r"[0-9a-fA-FxX.]+", bare):
        try:
            return ipaddress.IPv4Address(socket.inet_aton(bare))
        except OSError:
            pass
    return None


def refuse_content_type(kind: Kind, content_type: str) -> str | None:
    """Return ``content_type`` when the header alone says that the body is of no use; an empty header says nothing."""
    mime = content_type.partition(";")[0].strip().lower()
    if not mime or kind == "robots":
        return None
    if kind == "page":
        return None if mime in PAGE_TYPES else "content_type"
    if mime.startswith(MEDIA_TYPES):
        return "content_type"
    # Feeds come as text/plain, gzipped sitemaps as octet-stream: the parser decides about those.
    document = "gzip" not in mime and any(name in mime for name in DOCUMENT_TYPES)
    return "content_type" if document else None


def refuse_body(kind: Kind, content_type: str, body: bytes) -> str | None:
    """Return why a body that came is no article page: ``empty_body``, or ``content_type`` by its first bytes."""
    if kind != "page":
        return None
    head = body[:SNIFFED_BYTES]
    if not head.strip():
        return "empty_body"
    looks_like_markup = b"<" in head
    return None if content_type.strip() or looks_like_markup else "content_type"


def _embedded_ipv4(address: IPAddress) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)

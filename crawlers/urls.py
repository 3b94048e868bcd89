"""One article, one address: canonical URLs and the document ids made from them."""

import ipaddress
from hashlib import blake2b
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit, urlunsplit

from courlan.clean import clean_query
from w3lib.url import canonicalize_url, url_query_cleaner

from config.errors import ParseError

MAX_URL_CHARS = 4096
"""Longer addresses are data in disguise; browsers and servers refuse them too."""

TWIN_HOSTS = ("m.", "mobile.", "amp.")
"""Host prefixes of the mobile and AMP twins of a page."""

MORE_TRACKERS = frozenset(
    {
        "cmp", "cmpid", "fb_action_ids", "fb_comment_id", "gidzl", "igsh", "ns_campaign", "ns_mchannel", "smid", "spm",
        "vn_thumb", "zarsrc",
    }
)  # fmt: skip
"""Tracking parameters that courlan does not know; ``zarsrc`` and ``gidzl`` are Zalo's, ``vn_thumb`` VnExpress's."""

ADDRESS_PARAMETERS = frozenset({"cid", "eid", "uid", "gallery", "gallery_id", "galleryid", "game"})
"""Names that courlan takes for tracking, but by which outlets address articles."""

AMP_PARAMETERS = {"amp": {"", "1", "true"}, "outputtype": {"amp"}}
"""Query parameters, with the values, that ask for the AMP twin."""

AMP_CACHES = (".cdn.ampproject.org/c/s/", ".cdn.ampproject.org/v/s/", "www.google.com/amp/s/")
"""Caches that serve an outlet's AMP page under their own address; the outlet's own address follows."""

MAX_PASSES = 10


def canonical_url(url: str, base: str | None = None) -> str:
    """Return the one address under which an article is known; ``base`` resolves a relative ``url``.

    Tracking parameters, fragments, default ports, credentials and the marks of AMP and mobile twins go; the query is
    sorted and percent-encoding unified (`w3lib.url.canonicalize_url`). The scheme becomes https, so that both schemes
    are one article; it stays as it is for an IP address, a host without a dot and an explicit port, where https
    cannot be presumed. ``www.`` stays, because some hosts answer only with it; `document_id` ignores it.

    Idempotent. Raises ParseError for what is no http(s) URL.
    """
    try:
        current = urljoin(base, url.strip()) if base else url.strip()
        if len(current) > MAX_URL_CHARS:
            raise ValueError("too long")
        for _ in range(MAX_PASSES):
            before, current = current, _canonical_once(current)
            if current == before:
                return current
    except (ValueError, UnicodeError) as exc:
        raise ParseError("crawl.not_http_url", url=url[:200]) from exc
    raise ParseError("crawl.not_http_url", url=url[:200])


def document_id(canonical: str) -> str:
    """Return the id of the document at a canonical URL: 20 hex digits, the same with and without ``www.``."""
    parts = urlsplit(canonical)
    bare = parts._replace(netloc=parts.netloc.removeprefix("www."))
    return blake2b(urlunsplit(bare).encode(), digest_size=10).hexdigest()


def _canonical_once(url: str) -> str:
    parts = urlsplit(canonicalize_url(_outside_amp_cache(url)))
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in {"http", "https"} or not host or any(char.isspace() for char in host):
        raise ValueError("no http(s) URL")
    parts = parts._replace(path=_without_amp_path(parts.path) or "/")
    parts = _with_host(parts, _without_twin_prefix(host))
    return _without_trackers(urlunsplit(parts))


def _with_host(parts: SplitResult, host: str) -> SplitResult:
    port = parts.port  # ValueError when out of range
    if port == {"http": 80, "https": 443}[parts.scheme]:
        port = None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        return parts._replace(netloc=f"{netloc}:{port}")
    return parts._replace(netloc=netloc, scheme="https" if _has_a_name(host) else parts.scheme)


def _has_a_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host
    return False


def _without_twin_prefix(host: str) -> str:
    for prefix in TWIN_HOSTS:
        rest = host.removeprefix(prefix)
        if rest != host and "." in rest:  # ``m.vn`` would be an outlet of its own
            return rest
    return host


def _without_amp_path(path: str) -> str:
    """Cut a last segment ``amp`` and the suffixes ``.amp`` and ``.amp.html``; ``/amp`` alone is a page of its own."""
    for suffix, kept in (("/amp", ""), ("/amp/", "/"), (".amp", ""), (".amp.html", ".html")):
        if path.endswith(suffix) and len(stem := path.removesuffix(suffix)) > 1 and not stem.endswith("/"):
            return stem + kept
    return path


def _outside_amp_cache(url: str) -> str:
    for cache in AMP_CACHES:
        head, found, rest = url.partition(cache)
        if found and "/" not in head.partition("//")[2]:
            return f"https://{rest}"
    return url


def _without_trackers(url: str) -> str:
    query = urlsplit(url).query
    if not query:
        return url
    pairs = parse_qsl(query, keep_blank_values=True)
    dropped = [name for name, value in pairs if _is_tracker(name) or _asks_for_amp(name, value)]
    return url_query_cleaner(url, dropped, remove=True, unique=False) if dropped else url


def _is_tracker(name: str) -> bool:
    name = name.lower()
    if name in ADDRESS_PARAMETERS:
        return False
    return name in MORE_TRACKERS or not clean_query(f"{name}=1")


def _asks_for_amp(name: str, value: str) -> bool:
    return value.lower() in AMP_PARAMETERS.get(name.lower(), ())

"""Is an article still there? Pure decisions on what its address answers; no network.

An article counts as gone after two answers in a row that say so (404, 410, or a redirect to the front page), at least
`MISS_GAP` apart: a site that is being mended for some minutes has removed nothing. Whatever else goes wrong (no
answer, 5xx, robots.txt) says nothing about the article.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

Found = Literal["present", "gone", "unknown"]

GONE_STATUSES: Final = frozenset({404, 410})
MISS_GAP: Final = timedelta(hours=1)
LOST_SITE: Final = 5
"""So many articles asked for on one host and all of them gone: the site was moved or broke, the articles were not
removed one by one."""
FRONT_PAGES: Final = frozenset(
    {
        "",
        "default.aspx",
        "home",
        "home.html",
        "index",
        "index.htm",
        "index.html",
        "index.php",
        "trang-chu",
        "trang-chu.html",
    }
)
"""Paths of a front page, without slashes, in lower case."""
REDIRECTED_HOME: Final = "redirected_home"
LOST_SITE_REASON: Final = "site_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """An article whose address is to be asked for."""

    document_id: str
    url: str
    language: str = ""
    """Of its outlet, ISO 639-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCheck:
    """What the address of one article answered."""

    document_id: str
    url: str
    at: datetime
    found: Found
    reason: str
    """``ok``, ``http_404``, ``redirected_home``, or the named failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What is known of one article's being there."""

    missed_at: datetime | None = None
    """First of the answers in a row that said it is gone; None: the last one that said anything found it."""
    disappeared_at: datetime | None = None
    """When it was first missed, once it counts as gone."""


def leads_home(requested: str, final: str) -> bool:
    """Tell whether a redirect from an article ended on a front page."""
    return not _is_front(requested) and _is_front(final)


def doubt_lost_sites(checks: Iterable[PageCheck]) -> list[PageCheck]:
    """Return the checks of one run; where all of a host's articles are gone at once, that is no longer believed."""
    every = list(checks)
    by_host: dict[str, list[PageCheck]] = {}
    for check in every:
        if check.found != "unknown":
            by_host.setdefault(urlsplit(check.url).netloc, []).append(check)
    lost = {host for host, found in by_host.items() if _is_lost(found)}
    return [
        replace(check, found="unknown", reason=LOST_SITE_REASON)
        if check.found == "gone" and urlsplit(check.url).netloc in lost
        else check
        for check in every
    ]


def decide_presence(held: Presence, check: PageCheck) -> Presence:
    """Return what is known after one more check."""
    if check.found == "unknown":
        return held
    if check.found == "present":
        return Presence()
    if held.missed_at is None:
        return replace(held, missed_at=check.at)
    confirmed = check.at - held.missed_at >= MISS_GAP
    return replace(held, disappeared_at=held.disappeared_at or (held.missed_at if confirmed else None))


def _is_lost(found: Sequence[PageCheck]) -> bool:
    return len(found) >= LOST_SITE and all(check.found == "gone" for check in found)


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path.strip("/").lower() in FRONT_PAGES and not parts.query

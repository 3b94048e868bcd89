"""The fields of a feed entry, as feeds, sitemaps and section pages alike write them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urljoin

from config.errors import ParseError
from crawlers.dates import parse_date
from crawlers.urls import canonical_url

MAX_TITLE_CHARS: Final = 500
AHEAD: Final = timedelta(days=2)
"""A date so far after the fetch is an event's or a template's, not that of publication."""
FIRST_ELEMENT = re.compile(rb"<[A-Za-z_:]")
ENTITY_DECLARATION = re.compile(rb"<!ENTITY", re.IGNORECASE)

DateReader = Callable[[object], datetime | None]


def date_reader(timezone: str, fetched_at: datetime) -> DateReader:
    """Return a function from the text of a date to UTC; None for what is no date, or one that lies too far ahead."""

    def read(raw: object) -> datetime | None:
        moment = parse_date(raw, timezone=timezone) if isinstance(raw, str) and raw else None
        return moment.astimezone(UTC) if moment and moment <= fetched_at + AHEAD else None

    return read


def usable_address(link: object, base: str) -> str:
    """Return the absolute address, empty when it is none that could be fetched."""
    if not isinstance(link, str) or not link.strip():
        return ""
    try:
        address = urljoin(base, link.strip())
        canonical_url(address)
    except (ParseError, ValueError):
        return ""
    return address


def language_code(value: object) -> str:
    """Return the ISO 639-1 code of ``vi-VN``, ``en_us`` or ``vi``; empty for anything else."""
    code = re.split(r"[-_]", value.strip().lower())[0] if isinstance(value, str) else ""
    return code if re.fullmatch(r"[a-z]{2}", code) else ""


def declares_entities(document: bytes) -> bool:
    """Tell whether an XML document declares entities of its own, as attacks do and the press never."""
    if b"\0" in document[:4]:  # UTF-16 and UTF-32
        document = document.replace(b"\0", b"")
    first = FIRST_ELEMENT.search(document)
    return bool(ENTITY_DECLARATION.search(document, 0, first.start() if first else len(document)))

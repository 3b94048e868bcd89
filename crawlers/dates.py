"""Dates as outlets write them, in feeds, pages and files: one parser for all.

Each reader knows one family of forms and returns None for the rest; `parse_date` asks them in order, quickest first.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed_offset
from email.utils import parsedate_tz
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

from config.localtime import QUARTER, nearest_offset

MAX_CHARS: Final = 120
"""Longer texts are no dates."""
YEARS: Final = range(1945, 2101)
"""What the press of today may date itself; anything else is a misreading."""
BUDDHIST_YEARS: Final = range(YEARS.start + 543, YEARS.stop + 543)
"""Years of the Thai, Lao and Khmer calendar (Gregorian + 543)."""
WIDEST_OFFSET: Final = timedelta(hours=14)
LANGUAGES: Final = ("vi", "en", "fr", "de", "es", "it", "pt", "ru", "th", "lo", "km", "id", "ja", "ko", "zh")
"""Languages whose month names are known (dateparser's codes)."""
ZONE_HOURS: Final = {
    "ICT": 7,
    "WIB": 7,
    "SGT": 8,
    "HKT": 8,
    "JST": 9,
    "KST": 9,
    "MSK": 3,
    "BST": 1,
    "CET": 1,
    "CEST": 2,
}
"""Zone abbreviations beyond those of RFC 822; an abbreviation of the outlet's own zone comes before both."""

RFC822 = re.compile(r"(?:[A-Za-z]{3,9}\.?,?\s*)?\d{1,2}[ -][A-Za-z]{3,9}\.?,?[ -]\d{2,4},?\s+\d{1,2}:\d{2}")
OFFSET = re.compile(
    r"\(?\b(?:GMT|UTC)\s*(?P<named>[+-]\s?\d{1,2}(?::?\d{2})?)\)?|(?<=:\d\d)(?P<bare>\s*[+-]\d{1,2}:?\d{2})\b"
)
ABBREVIATION = re.compile(r"\(?\b(?P<zone>Z|UTC?|GMT|[A-Z]{3,4})\)?$")
YEAR_FIRST = re.compile(r"(?P<y>\d{4})\s*[-/.年년]\s*(?P<m>\d{1,2})\s*[-/.月월]\s*(?P<d>\d{1,2})(?!\d)")
YEAR_LAST = re.compile(r"(?<!\d)(?P<d>\d{1,2})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})(?!\d)")
VIETNAMESE = re.compile(
    r"(?<!\d)(?P<d>\d{1,2})\s*tháng\s*(?P<m>\d{1,2})\s*[,/-]?\s*(?:năm\s*)?(?P<y>\d{4})(?!\d)", re.I
)
CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})\s*(?::|h|giờ|時|时|点|點|시)\s*(?P<minute>\d{1,2})?"
    r"(?:\s*(?::|m|phút|分|분)\s*(?P<second>\d{1,2})?)?",
    re.I,
)
AFTERNOON = re.compile(r"\bp\.?m\b|\bCH\b|chiều|tối|下午|午後|오후", re.I)
MORNING = re.compile(r"\ba\.?m\b|\bSA\b|sáng|上午|午前|오전", re.I)


def parse_date(raw: str, *, timezone: str) -> datetime | None:
    """Return the aware instant that ``raw`` names, or None.

    A date with an offset keeps it, so that it can be shown as the outlet wrote it; one without is in ``timezone``
    (IANA name of the outlet's zone). Offsets that exist nowhere, such as the ``+07:07`` that software takes for Hà
    Nội's from tables of 1906, are repaired to the one that was meant; the time of day stays. A bare date is its first
    minute. ``dd/mm`` is assumed but for outlets of America.
    """
    zone = ZoneInfo(timezone)
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        moment = None
    if moment is not None and (settled := _settle(moment, zone)):
        return settled
    text = _clean(raw)
    for read in READERS:
        moment = read(text, zone)
        if moment is not None and (settled := _settle(moment, zone)):
            return settled
    return None


def _clean(raw: str) -> str:
    """NFC, ASCII digits, single spaces, Gregorian years; empty for what cannot be a date."""
    text = " ".join(unicodedata.normalize("NFC", raw).split())
    if len(text) > MAX_CHARS or not any(char.isdecimal() for char in text):
        return ""
    text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return re.sub(r"(?<!\d)2[4-6]\d\d(?!\d)", _gregorian, text)


def _gregorian(match: re.Match[str]) -> str:
    year = int(match[0])
    return str(year - 543) if year in BUDDHIST_YEARS else match[0]


def _settle(moment: datetime, zone: ZoneInfo) -> datetime | None:
    if moment.year not in YEARS:
        return None
    offset = moment.utcoffset()
    if offset is None or abs(offset) > WIDEST_OFFSET:
        return moment.replace(tzinfo=zone)
    if offset % QUARTER:
        return moment.replace(tzinfo=_meant_zone(moment, offset, zone))
    return moment


def _meant_zone(moment: datetime, offset: timedelta, zone: ZoneInfo) -> fixed_offset:
    """Take local mean time of the outlet's zone for the zone itself, any other odd offset for the nearest quarter."""
    own = moment.replace(tzinfo=zone).utcoffset() or timedelta()
    if abs(own - offset) < 2 * QUARTER and not own % QUARTER:
        return fixed_offset(own)
    return nearest_offset(offset)


# ---- readers --------------------------------------------------------------------------------------------------------


def _read_iso(text: str, zone: ZoneInfo) -> datetime | None:  # noqa: ARG001
    """ISO 8601 with a blank or a lone digit where the standard has none: ``2025-08-09 08:35:18 +0700``."""
    text, tzinfo = _split_offset(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=tzinfo) if tzinfo else moment


def _read_epoch(text: str, zone: ZoneInfo) -> datetime | None:  # noqa: ARG001
    """Seconds or milliseconds since 1970."""
    if not text.isdecimal() or len(text) not in (10, 13):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _read_rfc822(text: str, zone: ZoneInfo) -> datetime | None:
    """RFC 822 and 2822, with ``GMT+7`` and abbreviations beyond the standard."""
    if not RFC822.match(text):
        return None
    text, tzinfo = _split_zone(text, zone)
    fields = parsedate_tz(text)
    if fields is None:
        return None
    try:
        return datetime(*fields[:6], tzinfo=tzinfo)
    except ValueError:
        return None


def _read_numbers(text: str, zone: ZoneInfo) -> datetime | None:
    """A date in figures, a clock before or after: ``Thứ Bảy, 09/08/2025 08:35 GMT+7``, ``08h35 | 9-8-2025``."""
    text, tzinfo = _split_zone(text, zone)
    for form in (YEAR_FIRST, VIETNAMESE, YEAR_LAST):
        if match := form.search(text):
            break
    else:
        return None
    day, month, year = int(match["d"]), int(match["m"]), int(match["y"])
    month_first = form is YEAR_LAST and zone.key.startswith("America/")
    if (month_first and day <= 12) or (form is YEAR_LAST and month > 12):
        day, month = month, day
    clock = _read_clock(text[: match.start()] + " " + text[match.end() :])
    try:
        return datetime(year, month, day, *clock, tzinfo=tzinfo)
    except ValueError:
        return None


def _read_words(text: str, zone: ZoneInfo) -> datetime | None:
    """Months by name, in any of `LANGUAGES`."""
    text, tzinfo = _split_zone(text, zone)
    if not re.search(r"\b(?:19|20)\d\d\b", text) or not re.search(r"[^\W\d_]", text):
        return None
    try:
        found = _by_name(month_first=zone.key.startswith("America/")).get_date_data(text)
    except (ValueError, OverflowError, TypeError, RecursionError):
        return None
    moment: datetime | None = found.date_obj
    if moment is None or tzinfo is None:
        return moment
    return moment.replace(tzinfo=tzinfo)


READERS: Final[tuple[Callable[[str, ZoneInfo], datetime | None], ...]] = (
    _read_iso,
    _read_epoch,
    _read_rfc822,
    _read_numbers,
    _read_words,
)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _split_offset(text: str) -> tuple[str, fixed_offset | None]:
    """Cut a numeric offset (``GMT+7``, ``(UTC+07:00)``, ``+0700`` behind a clock) out of the text."""
    match = OFFSET.search(text)
    if not match:
        return text, None
    figures = (match["named"] or match["bare"]).replace(" ", "").replace(":", "")
    hours, minutes = (figures[1:-2], figures[-2:]) if len(figures) > 3 else (figures[1:], "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if figures[0] == "-" else 1)
    rest = " ".join((text[: match.start()] + " " + text[match.end() :]).split())
    return rest, fixed_offset(offset) if abs(offset) <= WIDEST_OFFSET else None


def _split_zone(text: str, zone: ZoneInfo) -> tuple[str, fixed_offset | ZoneInfo | None]:
    """Cut an offset or a known abbreviation at the end out of the text."""
    text, offset = _split_offset(text)
    match = ABBREVIATION.search(text)
    if offset or not match:
        return text, offset
    known = _zone_of(match["zone"], zone)
    return (text[: match.start()].rstrip(), known) if known else (text, None)


def _zone_of(abbreviation: str, zone: ZoneInfo) -> fixed_offset | ZoneInfo | None:
    own_names = {datetime(2025, month, 1, tzinfo=zone).tzname() for month in (1, 7)}
    if abbreviation in own_names:  # CST is China's for an outlet of Beijing, Chicago's elsewhere
        return zone
    if abbreviation in ZONE_HOURS:
        return fixed_offset(timedelta(hours=ZONE_HOURS[abbreviation]))
    fields = parsedate_tz(f"1 Jan 2025 00:00:00 {abbreviation}")
    seconds = fields[9] if fields else None
    if seconds is None or (seconds == 0 and abbreviation not in {"Z", "UT", "UTC", "GMT"}):
        return None
    return fixed_offset(timedelta(seconds=seconds))


def _read_clock(text: str) -> tuple[int, int, int]:
    match = CLOCK.search(text)
    if not match:
        return 0, 0, 0
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if AFTERNOON.search(text) and hour < 12:
        hour += 12
    elif MORNING.search(text) and hour == 12:
        hour = 0
    return hour, minute, second


@lru_cache
def _by_name(*, month_first: bool) -> DateDataParser:
    return DateDataParser(
        languages=list(LANGUAGES),
        settings={
            "DATE_ORDER": "MDY" if month_first else "DMY",
            "PARSERS": ["absolute-time"],  # nothing relative: this module has no clock
            "REQUIRE_PARTS": ["day", "month", "year"],
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )

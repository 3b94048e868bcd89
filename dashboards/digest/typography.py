"""Numbers, days and times as Vietnamese (or English) readers write them."""

from datetime import date, datetime

from config.localtime import LOCAL_ZONE, local_day
from config.messages import Lang

NO_BREAK = "\N{NO-BREAK SPACE}"

ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def number(value: float, lang: Lang) -> str:
    """Return ``1.234`` and ``21,5`` in Vietnamese, ``1,234`` and ``21.5`` in English; at most one decimal."""
    text = f"{value:,.1f}".removesuffix(".0")
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def full_day(day: date, lang: Lang) -> str:
    """Return ``5/3/2026`` or ``5 March 2026``."""
    if lang == "en":
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day}/{day.month}/{day.year}"


def short_day(day: date, lang: Lang) -> str:
    """Return ``5/3`` or ``5 Mar``."""
    if lang == "en":
        return f"{day.day}{NO_BREAK}{ENGLISH_MONTHS[day.month - 1][:3]}"
    return f"{day.day}/{day.month}"


def day_span(first: date, last: date, lang: Lang) -> str:
    """Return ``2/3–6/3/2026``; the year of the first day only where it is another one; one day alone as itself."""
    if first == last:
        return full_day(last, lang)
    begins = short_day(first, lang) if first.year == last.year else full_day(first, lang)
    dash = " – " if lang == "en" else "–"  # words around a dash want room
    return f"{begins.replace(NO_BREAK, ' ')}{dash}{full_day(last, lang)}"


def clock(at: datetime) -> str:
    """Return the local time as ``07:05``."""
    return at.astimezone(LOCAL_ZONE).strftime("%H:%M")


def moment(at: datetime, lang: Lang) -> str:
    """Return ``07:05 5/3`` on one line."""
    return f"{clock(at)}{NO_BREAK}{short_day(local_day(at), lang)}"


def full_moment(at: datetime, lang: Lang) -> str:
    """Return ``07:05 5/3/2026`` on one line."""
    return f"{clock(at)}{NO_BREAK}{full_day(local_day(at), lang)}".replace(" ", NO_BREAK)

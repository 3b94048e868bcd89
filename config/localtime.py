"""The time people live by. Instants are UTC inside the program; days, windows and what is printed are Viet Nam's."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


QUARTER = timedelta(minutes=15)
"""Every offset from UTC in use today is a multiple; others, such as ``+07:07``, are local mean time by mistake."""


def nearest_offset(offset: timedelta) -> timezone:
    """Return the offset in use that lies nearest to one that is in none."""
    return timezone(round(offset / QUARTER) * QUARTER)


def local_day(at: datetime) -> date:
    """Return the day that people date an instant by."""
    return at.astimezone(LOCAL_ZONE).date()


def local_hour(day: date, hour: int = 0) -> datetime:
    """Return a local hour of a day, by default its beginning, as an instant in UTC."""
    return datetime.combine(day, time(hour), LOCAL_ZONE).astimezone(UTC)


def spell_local(at: datetime) -> str:
    """Return an instant as ``07:15 05/03/2026``, local."""
    return at.astimezone(LOCAL_ZONE).strftime("%H:%M %d/%m/%Y")

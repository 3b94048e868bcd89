"""The time people live by. Instants are UTC inside the program; days, windows and what is printed are Viet Nam's."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


QUARTER = timedelta(minutes=15)
"""Every offset from UTC in use today is a multiple; others, such as ``+07:07``, are local mean time by mistake."""


def nearest_offset(offset: timedelta) -> timezone:
    """Return the offset in use that lies nearest to one that is in none."""
    return timezone(round(offset / QUARTER) * QUARTER)


def spell_local(at: datetime) -> str:
    """Return an instant as ``07:15 05/03/2026``, local."""
    return at.astimezone(LOCAL_ZONE).strftime("%H:%M %d/%m/%Y")

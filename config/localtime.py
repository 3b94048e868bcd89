"""The time people live by. Instants are UTC inside the program; days, windows and what is printed are Viet Nam's."""

from datetime import datetime
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def spell_local(at: datetime) -> str:
    """Return an instant as ``07:15 05/03/2026``, local."""
    return at.astimezone(LOCAL_ZONE).strftime("%H:%M %d/%m/%Y")

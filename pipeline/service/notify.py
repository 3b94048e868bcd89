"""Tell systemd that the service is ready and alive (sd_notify(3)); without systemd it does nothing."""

import os
import socket


def notify(state: str) -> None:
    """Send a state such as ``READY=1`` or ``WATCHDOG=1``."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # a socket in the abstract namespace
        address = f"\0{address[1:]}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), address)


def watchdog_s() -> float | None:
    """Return how often systemd wants a sign of life, in seconds; None when it does not ask."""
    value = os.environ.get("WATCHDOG_USEC", "")
    return int(value) / 1_000_000 if value.isdigit() and int(value) else None

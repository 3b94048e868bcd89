"""Messages for the tests of sending."""

from datetime import UTC, datetime

from pipeline.records import Channel, Outgoing

NOW = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)
"""7:00 in Viet Nam."""


def outgoing(
    key: str,
    *,
    recipient: str = "an@tinh.example",
    kind: str = "digest",
    channel: Channel = "email",
    payload: bytes = b"",
    not_before_at: datetime = NOW,
    replaces: tuple[str, ...] = (),
) -> Outgoing:
    """Return a small message that is due at `NOW`."""
    return Outgoing(
        key=key,
        kind=kind,
        channel=channel,
        recipient=recipient,
        payload=payload or f"Subject: {key}\r\n\r\nXin.\r\n".encode(),
        not_before_at=not_before_at,
        replaces=replaces,
    )

"""The tables of alerts: what each day was judged to be, the alerts, and their lives."""

from sqlalchemy import Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text

from pipeline.store.schema import Instant, metadata, serial

judged_day = Table(
    "judged_day",
    metadata,
    Column("unit", String, primary_key=True, comment="slug as chosen"),
    Column("day", Date, primary_key=True),
    Column("state", String, nullable=False),
    Column("level", Integer, comment="0 to 3; null: no alert"),
    Column("observed", Integer, nullable=False),
    Column("expected", Float),
    Column("p_value", Float),
    Column("judged_at", Instant, nullable=False),
)

watched_day = Table(
    "watched_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("coverage", Float, comment="share of the sources due that answered; null: nobody knows"),
    Column("failed", Text, nullable=False, comment="JSON list of pipeline.records.FailedSource"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, nullable=False),
    Column("state", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("record", Text, nullable=False, comment="JSON of pipeline.records.Alert"),
    Index(None, "unit", "last_day"),
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("seq", serial, primary_key=True),
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False, comment="who did it; empty: the program"),
    Column("note", Text, nullable=False),
    Column("told_at", Instant, comment="when messages were planned for it; null: not yet"),
)

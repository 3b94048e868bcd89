"""The tables of everything that leaves the system."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from pipeline.store.schema import Instant, metadata, serial

delivery = Table(
    "delivery",
    metadata,
    Column("id", serial, primary_key=True),
    Column("key", String, nullable=False, unique=True, comment="planned twice, it is sent once"),
    Column("kind", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("payload", LargeBinary, nullable=False, comment="exactly what is sent; emptied by retention"),
    Column("state", String, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, comment="not to be sent before"),
    Column("next_at", Instant, nullable=False, comment="of the next attempt"),
    Column("attempts", Integer, nullable=False),
    Column("reason", String, nullable=False, comment="named reason of the last failure; empty: none"),
    Column("detail", Text, nullable=False, comment="in the words of the server"),
    Column("changed_at", Instant, nullable=False, comment="when it came into its state"),
    Column("sent_at", Instant),
    Column("decided_by", String, nullable=False, comment="who decided on an uncertain or refused one; empty: nobody"),
    Index(None, "state", "next_at"),
)

unsubscription = Table(
    "unsubscription",
    metadata,
    Column("address", String, primary_key=True, comment="a mail address that wants nothing more"),
    Column("at", Instant, nullable=False),
)

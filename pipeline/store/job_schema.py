"""The table of the service's jobs."""

from sqlalchemy import Column, Integer, String, Table, Text

from pipeline.store.schema import Instant, metadata

job = Table(
    "job",
    metadata,
    Column("id", String, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, comment="null: running, or killed"),
    Column("done_at", Instant, comment="start of the last run that came to its end"),
    Column("outcome", String, nullable=False),
    Column("problem", Text, nullable=False, comment="why it failed, in words"),
    Column("failures", Integer, nullable=False, comment="in a row"),
)

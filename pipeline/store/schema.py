"""The tables of the store, the same on SQLite and PostgreSQL. Migrations under ``migrations/`` lead to exactly this."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

HEAD = "0010"
"""Revision of the schema that this code speaks; a test holds it against the migrations."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware instant as microseconds since 1970 UTC.

    One representation for both databases: exact, ordered, and never read in the wrong zone.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

serial = BigInteger().with_variant(Integer, "sqlite")
"""Type of a key that the database counts up."""

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", String, primary_key=True),
    Column("url", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("lead", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("fetched_at", Instant, nullable=False, comment="of the first version"),
    Column("text_fetched_at", Instant, nullable=False, comment="of the version held"),
    Column("stored_at", Instant, comment="when the first version came in; null: before this was noted"),
    Column("published_raw", String, nullable=False),
    Column("author", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("page_outlet", Text, nullable=False, comment="outlet's name as the page gives it"),
    Column("page_language", String, nullable=False, comment="as declared by the page"),
    Column("flags", Text, nullable=False, comment="words joined by a blank"),
    Column("rules", Text, nullable=False, comment="JSON object"),
    Column("source_id", String, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("country", String, nullable=False),
    Column("tier", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("language", String, nullable=False),
    Column("gate_units", Text, nullable=False, comment="slugs joined by a blank, in the gate's order"),
    Column("annotation", Text, comment="JSON of pipeline.records.Annotation; null for a thin document"),
    Column("assessed", Boolean, nullable=False, comment="the annotation holds at least one assessment"),
    Column("annotator_units", Text, comment="sorted slugs the annotation was made for, joined by a blank"),
    Column("annotator_version", String),
    Column("headline_hash", String, nullable=False, comment="of title and lead"),
    Column(
        "text_hash", String, nullable=False, comment="of the text, kept when the text is purged; empty: never had one"
    ),
    Column("record_hash", String, nullable=False, comment="of everything else but the instants of fetching"),
    Column("text", Text, nullable=False),
    Column("story", String, comment="id of the story it tells; null until stories were looked for"),
    Column("copy_of", String, comment="id of the document it reprints"),
    Column("copies", Integer, nullable=False, server_default="0", comment="documents that reprint it"),
    Column("machine_annotation", Text, comment="what corrections in force took the place of; else null"),
    Column("corrected", Text, comment="kinds of the corrections in force, joined by a blank; null: none"),
    Column("disappeared_at", Instant, comment="when its outlet no longer had it; null while it is there"),
    Index(None, "story"),
    Index(None, "published_at", "id"),
    Index(None, "fetched_at", "id"),
)

document_unit = Table(
    "document_unit",
    metadata,
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), primary_key=True),
    Column("unit", String, primary_key=True),
    Column(
        "assessed",
        Boolean,
        nullable=False,
        comment="true: judged to be about or mention it; false: the gate saw a name",
    ),
    Index(None, "unit", "document_id"),
    sqlite_with_rowid=False,
)

document_version = Table(
    "document_version",
    metadata,
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("lead", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_fetched_at", Instant, nullable=False),
    Column("annotation", Text, comment="what held when the edit came; null for a thin document"),
    Column("corrected", Text, comment="as in document, when the edit came"),
)

segment = Table(
    "segment",
    metadata,
    Column("name", String, primary_key=True),
    Column("offset", BigInteger, nullable=False, comment="bytes of the inbox segment that lie in the store"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", serial, primary_key=True),
    Column("target", String, nullable=False),
    Column("document_id", String, nullable=False),
    Column("op", String, nullable=False),
    UniqueConstraint("target", "document_id"),
    # A number is never used twice: confirming a drained row must not confirm a later one.
    sqlite_autoincrement=True,
)

index_refusal = Table(
    "index_refusal",
    metadata,
    Column("target", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("reason", Text, nullable=False, comment="in the words of the index's server"),
    Column("at", Instant, nullable=False),
)

poll_state = Table(
    "poll_state",
    metadata,
    Column("url", String, primary_key=True),
    Column("source_id", String, nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("interval_s", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("rate_per_day", Float, nullable=False),
    Column("polled_at", Instant),
    Column("succeeded_at", Instant),
    Column("next_due_at", Instant),
)

poll = Table(
    "poll",
    metadata,
    Column("seq", serial, primary_key=True),
    Column("url", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("ok", Boolean, nullable=False),
    Column("reason", String, nullable=False),
    Column("new_entries", Integer, nullable=False),
)

announced_page = Table(
    "announced_page",
    metadata,
    Column("key", String, primary_key=True, comment="canonical URL"),
    Column("source_id", String, nullable=False),
    Column("entry", Text, nullable=False, comment="JSON of pipeline.records.FeedEntry"),
    Column("queued", Boolean, nullable=False),
    Column("queued_at", Instant, nullable=False),
    Column("place", Integer, nullable=False, comment="in the feed that announced it"),
    Column("attempts", Integer, nullable=False),
    Column("outcome", String, nullable=False, comment="ok, or the named reason; empty before the first attempt"),
    Column("outcome_at", Instant),
)
Index(
    "ix_announced_page_queue",
    announced_page.c.queued_at,
    announced_page.c.place,
    sqlite_where=announced_page.c.queued,
    postgresql_where=announced_page.c.queued,
)

sighting = Table(
    "sighting",
    metadata,
    Column("feed_url", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("fingerprint", String, nullable=False, comment="of title, summary and update time in this feed"),
    sqlite_with_rowid=False,
)

sealed_digest = Table(
    "sealed_digest",
    metadata,
    Column("province", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("edition", String, primary_key=True, comment="daily, foreign-weekly, or range.FIRST-DAY"),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("facts", Text, nullable=False, comment="JSON, keys in the order they are printed"),
    Column("sealed_at", Instant, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", serial, primary_key=True),
    Column("kind", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", String, nullable=False),
    Column("counts", Text, nullable=False),
)

rejection = Table(
    "rejection",
    metadata,
    Column("day", Date, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("count", Integer, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", serial, primary_key=True),
    Column("kind", String, nullable=False),
    Column("ref", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("kind", "ref"),
)

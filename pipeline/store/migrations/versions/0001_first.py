"""The first schema.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announced_page",
        sa.Column("key", sa.String(), nullable=False, comment="canonical URL"),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False, comment="JSON of pipeline.records.FeedEntry"),
        sa.Column("queued", sa.Boolean(), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, comment="in the feed that announced it"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "outcome", sa.String(), nullable=False, comment="ok, or the named reason; empty before the first attempt"
        ),
        sa.Column("outcome_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_announced_page"),
    )
    op.create_index(
        "ix_announced_page_queue",
        "announced_page",
        ["queued_at", "place"],
        unique=False,
        sqlite_where=sa.text("queued"),
        postgresql_where=sa.text("queued"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False, comment="of the first version"),
        sa.Column("text_fetched_at", sa.BigInteger(), nullable=False, comment="of the version held"),
        sa.Column("published_raw", sa.String(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("page_outlet", sa.Text(), nullable=False, comment="outlet's name as the page gives it"),
        sa.Column("page_language", sa.String(), nullable=False, comment="as declared by the page"),
        sa.Column("flags", sa.Text(), nullable=False, comment="words joined by a blank"),
        sa.Column("rules", sa.Text(), nullable=False, comment="JSON object"),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("gate_units", sa.Text(), nullable=False, comment="slugs joined by a blank, in the gate's order"),
        sa.Column(
            "annotation",
            sa.Text(),
            nullable=True,
            comment="JSON of pipeline.records.Annotation; null for a thin document",
        ),
        sa.Column("assessed", sa.Boolean(), nullable=False, comment="the annotation holds at least one assessment"),
        sa.Column(
            "annotator_units",
            sa.Text(),
            nullable=True,
            comment="sorted slugs the annotation was made for, joined by a blank",
        ),
        sa.Column("annotator_version", sa.String(), nullable=True),
        sa.Column("headline_hash", sa.String(), nullable=False, comment="of title and lead"),
        sa.Column(
            "text_hash",
            sa.String(),
            nullable=False,
            comment="of the text, kept when the text is purged; empty: never had one",
        ),
        sa.Column(
            "record_hash", sa.String(), nullable=False, comment="of everything else but the instants of fetching"
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_fetched_at_id", "document", ["fetched_at", "id"], unique=False)
    op.create_index("ix_document_published_at_id", "document", ["published_at", "id"], unique=False)
    op.create_index("ix_document_url", "document", ["url"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("target", "document_id", name="uq_outbox_target_document_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "poll",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("new_entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_poll"),
    )
    op.create_index("ix_poll_at", "poll", ["at"], unique=False)
    op.create_table(
        "poll_state",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rate_per_day", sa.Float(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("succeeded_at", sa.BigInteger(), nullable=True),
        sa.Column("next_due_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("url", name="pk_poll_state"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("kind", "ref", name="uq_quarantine_kind_ref"),
    )
    op.create_table(
        "rejection",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "reason", name="pk_rejection"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_table(
        "sealed_digest",
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON, keys in the order they are printed"),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("province", "day", "revision", name="pk_sealed_digest"),
    )
    op.create_table(
        "segment",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "offset", sa.BigInteger(), nullable=False, comment="bytes of the inbox segment that lie in the store"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_segment"),
    )
    op.create_table(
        "sighting",
        sa.Column("feed_url", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False, comment="of title, summary and update time in this feed"),
        sa.PrimaryKeyConstraint("feed_url", "key", name="pk_sighting"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "document_unit",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column(
            "assessed",
            sa.Boolean(),
            nullable=False,
            comment="true: judged to be about or mention it; false: the gate saw a name",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_document_unit_document_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "unit", name="pk_document_unit"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_document_unit_unit_document_id", "document_unit", ["unit", "document_id"], unique=False)
    op.create_table(
        "document_version",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_document_version_document_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "version", name="pk_document_version"),
    )


def downgrade() -> None:
    raise NotImplementedError("a store is never taken back to an older schema; restore a backup")

"""Corrections by persons, judgements of older versions, and whether articles are still there.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _judgements()
    _corrections()
    _presence()


def _judgements() -> None:
    for column in (
        sa.Column("machine_annotation", sa.Text(), comment="what corrections in force took the place of; else null"),
        sa.Column("corrected", sa.Text(), comment="kinds of the corrections in force, joined by a blank; null: none"),
        sa.Column(
            "disappeared_at", sa.BigInteger(), comment="when its outlet no longer had it; null while it is there"
        ),
    ):
        op.add_column("document", column)
    for column in (
        sa.Column("annotation", sa.Text(), comment="what held when the edit came; null for a thin document"),
        sa.Column("corrected", sa.Text(), comment="as in document, when the edit came"),
    ):
        op.add_column("document_version", column)


def _corrections() -> None:
    op.create_table(
        "correction",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the document that was read"),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), comment="that relevance and tone are about"),
        sa.Column(
            "relevance",
            sa.String(),
            comment="about, mention or none; null: nothing was said of it, so with all labels",
        ),
        sa.Column("tone", sa.String()),
        sa.Column("bad_event", sa.Boolean()),
        sa.Column("topics", sa.Text(), comment="ids joined by a blank, best first"),
        sa.Column("dropped", sa.Boolean(), nullable=False, comment="the article is no matter of ours"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", sa.BigInteger(), comment="null: in force"),
        _of_document("correction"),
        sa.PrimaryKeyConstraint("number", name="pk_correction"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_correction_document_id", "correction", ["document_id"])


def _presence() -> None:
    op.create_table(
        "page_check",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False, comment="last time that its address was asked"),
        sa.Column("reason", sa.String(), nullable=False, comment="ok, or what came instead"),
        sa.Column("missed_at", sa.BigInteger(), comment="first of the answers in a row that said it is gone"),
        _of_document("page_check"),
        sa.PrimaryKeyConstraint("document_id", name="pk_page_check"),
    )
    op.create_table(
        "disappearance",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("back_at", sa.BigInteger(), comment="when it was seen again"),
        _of_document("disappearance"),
        sa.PrimaryKeyConstraint("document_id", "gone_at", name="pk_disappearance"),
    )


def _of_document(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=f"fk_{table}_document_id", ondelete="CASCADE")

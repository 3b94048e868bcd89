"""What became of the ids of stories, what people decided of them, and how often a document is reprinted.

Stories are looked for in all that is stored already.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "story_alias",
        sa.Column("story", sa.String(), nullable=False, comment="id that names no story any more"),
        sa.Column("into", sa.String(), nullable=False, comment="id of the story that took it in"),
        sa.PrimaryKeyConstraint("story", name="pk_story_alias"),
    )
    op.create_table(
        "story_edit",
        sa.Column("id", serial, nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="merge or split"),
        sa.Column("story", sa.String(), nullable=False, comment="id of the story that was kept"),
        sa.Column(
            "other", sa.String(), nullable=False, comment="merge: id of the story taken in; split: id of the new one"
        ),
        sa.Column("kept", sa.Text(), nullable=False, comment="JSON list: documents of the one side then"),
        sa.Column("moved", sa.Text(), nullable=False, comment="JSON list: documents of the other side then"),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_by", sa.String()),
        sa.Column("undone_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_story_edit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_story_edit_story", "story_edit", ["story"])
    op.create_index("ix_story_edit_other", "story_edit", ["other"])
    op.add_column(
        "document",
        sa.Column("copies", sa.Integer(), nullable=False, server_default="0", comment="documents that reprint it"),
    )
    op.execute(
        "INSERT INTO outbox (target, document_id, op) "
        "SELECT 'stories', id, 'put' FROM document WHERE assessed ORDER BY published_at, id"
    )

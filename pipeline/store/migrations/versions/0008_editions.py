"""Sealed editions of other kinds beside the daily one.

Revision: 0008, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sealed_digest") as table:
        table.add_column(sa.Column("edition", sa.String(), nullable=True))
    op.execute("UPDATE sealed_digest SET edition = 'daily'")
    with op.batch_alter_table("sealed_digest") as table:
        table.alter_column(
            "edition",
            existing_type=sa.String(),
            nullable=False,
            comment="daily, foreign-weekly, or range.FIRST-DAY",
        )
        table.drop_constraint("pk_sealed_digest", type_="primary")
        table.create_primary_key("pk_sealed_digest", ["province", "day", "edition", "revision"])

"""How the jobs of the service went.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), comment="null: running, or killed"),
        sa.Column("done_at", sa.BigInteger(), comment="start of the last run that came to its end"),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False, comment="why it failed, in words"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="in a row"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )

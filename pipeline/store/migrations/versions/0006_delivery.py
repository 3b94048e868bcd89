"""Everything that leaves the system and what became of it; who wants nothing more.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(), nullable=False, comment="planned twice, it is sent once"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="exactly what is sent; emptied by retention"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False, comment="not to be sent before"),
        sa.Column("next_at", sa.BigInteger(), nullable=False, comment="of the next attempt"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False, comment="named reason of the last failure; empty: none"),
        sa.Column("detail", sa.Text(), nullable=False, comment="in the words of the server"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False, comment="when it came into its state"),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column(
            "decided_by",
            sa.String(),
            nullable=False,
            comment="who decided on an uncertain or refused one; empty: nobody",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("key", name="uq_delivery_key"),
    )
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"])
    op.create_table(
        "unsubscription",
        sa.Column("address", sa.String(), nullable=False, comment="a mail address that wants nothing more"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_unsubscription"),
    )

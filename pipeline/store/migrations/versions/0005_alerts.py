"""What each day of a unit was judged to be, the alerts, and their lives.

Revision: 0005, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judged_day",
        sa.Column("unit", sa.String(), nullable=False, comment="slug as chosen"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), comment="0 to 3; null: no alert"),
        sa.Column("observed", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float()),
        sa.Column("p_value", sa.Float()),
        sa.Column("judged_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "day", name="pk_judged_day"),
    )
    op.create_table(
        "watched_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("coverage", sa.Float(), comment="share of the sources due that answered; null: nobody knows"),
        sa.Column("failed", sa.Text(), nullable=False, comment="JSON list of pipeline.records.FailedSource"),
        sa.PrimaryKeyConstraint("day", name="pk_watched_day"),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False, comment="JSON of pipeline.records.Alert"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_unit_last_day", "alert", ["unit", "last_day"])
    op.create_table(
        "alert_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False, comment="who did it; empty: the program"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), comment="when messages were planned for it; null: not yet"),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name="fk_alert_event_alert_id_alert", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name="pk_alert_event"),
    )
    op.create_index("ix_alert_event_alert_id", "alert_event", ["alert_id"])

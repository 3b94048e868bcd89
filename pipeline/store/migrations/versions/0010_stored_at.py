"""When a document came into the store.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column(
        "stored_at",
        sa.BigInteger(),
        nullable=True,
        comment="when the first version came in; null: before this was noted",
    )
    op.add_column("document", column)

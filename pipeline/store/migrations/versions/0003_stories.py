"""Which story a document tells, and which document it reprints.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "document",
        sa.Column("story", sa.String(), comment="id of the story it tells; null until stories were looked for"),
    )
    op.add_column("document", sa.Column("copy_of", sa.String(), comment="id of the document it reprints"))
    op.create_index("ix_document_story", "document", ["story"])

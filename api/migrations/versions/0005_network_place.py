"""the place of a conversation's network address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("network", sa.String(length=8), nullable=True))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("network")

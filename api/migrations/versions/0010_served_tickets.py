"""The last cases of a unit are found without reading all of them: the expected wait rests on them."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_tickets_served", "tickets", ["unit_id", "resolved_at"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_tickets_served", "tickets")

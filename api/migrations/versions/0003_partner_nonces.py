"""nonces of partners' signed calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "partner_nonces",
        sa.Column("partner", sa.String(length=80), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("partner", "nonce"),
    )
    op.create_index("ix_partner_nonces_expires_at", "partner_nonces", ["expires_at"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("partner_nonces")

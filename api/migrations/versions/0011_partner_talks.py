"""a work order may be a talk that a partner was invited to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. On SQLite the table is made anew, with every order in it; no other table refers to it."""
    with op.batch_alter_table("work_orders", schema=None) as batch_op:
        batch_op.alter_column("direction", type_=sa.String(length=4), existing_type=sa.String(length=3))


def downgrade() -> None:
    """Take back; what an older gateway cannot read goes."""
    op.execute("delete from work_orders where direction = 'talk'")
    with op.batch_alter_table("work_orders", schema=None) as batch_op:
        batch_op.alter_column("direction", type_=sa.String(length=3), existing_type=sa.String(length=4))

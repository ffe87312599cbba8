"""feedback on single answers, and the entry of an answer as a column that can be counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ENTRY = {"postgresql": "details #>> '{entry,id}'", "sqlite": "json_extract(details, '$.entry.id')"}


def upgrade() -> None:
    """Apply. Columns are added in place: rebuilding the table would copy every message there is."""
    op.add_column("messages", sa.Column("entry_id", sa.String(length=80), nullable=True))
    op.add_column("messages", sa.Column("helpful", sa.Boolean(), nullable=True))
    op.add_column("messages", sa.Column("remark", sa.Text(), nullable=True))
    op.execute(f"update messages set entry_id = {ENTRY[op.get_bind().dialect.name]} where kind = 'answer'")
    op.create_index("ix_messages_entry", "messages", ["entry_id", "created_at"])
    op.create_index("ix_messages_kind", "messages", ["kind", "created_at"])


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_messages_kind", "messages")
    op.drop_index("ix_messages_entry", "messages")
    for column in ("remark", "helpful", "entry_id"):
        op.drop_column("messages", column)

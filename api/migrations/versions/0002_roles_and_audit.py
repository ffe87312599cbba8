"""roles of seats, and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Whoever has an account so far answers visitors, so the role is "seat"."""
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.add_column(sa.Column("roles", sa.JSON(), nullable=False, server_default='["seat"]'))
    op.create_table(
        "audit_records",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    """Triggers that refuse every change of a record."""
    if dialect == "postgresql":
        return [
            "create function audit_is_append_only() returns trigger language plpgsql as "
            "$$ begin raise exception 'the audit log is append-only'; end $$",
            "create trigger audit_guard before update or delete on audit_records "
            "for each row execute function audit_is_append_only()",
        ]
    return [
        f"create trigger audit_no_{verb} before {verb} on audit_records "
        "begin select raise(abort, 'the audit log is append-only'); end"
        for verb in ("update", "delete")
    ]


def downgrade() -> None:
    """Take back."""
    op.drop_table("audit_records")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function audit_is_append_only()")
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.drop_column("roles")

"""a ticket's whole life: modes, limits, notes, guests, and a history that the database itself guards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENTS = (
    "supervised_at", "awaited_since", "response_warn_at", "response_due_at", "completion_warn_at",
    "completion_due_at", "follow_up_at",
)  # fmt: skip
COUNTS = ("reopened", "response_alert", "completion_alert")
FLAGS = ("urgent", "confidential", "extended")
TEXTS = {"merged_into": 36, "code_hash": 64, "contact_hint": 80, "history_head": 64}


def upgrade() -> None:
    """Apply. Only plain steps: on SQLite a table made anew would take its histories with it (on delete cascade)."""
    if op.get_bind().dialect.name == "postgresql":  # SQLite does not count a text's letters
        op.alter_column("tickets", "status", type_=sa.String(length=12), existing_nullable=False)
    with op.batch_alter_table("tickets", schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column("mode", sa.String(length=8), nullable=False, server_default="live"))
        for name in MOMENTS:
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name in COUNTS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        for name in FLAGS:
            batch_op.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        for name, length in TEXTS.items():
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=True))
        batch_op.add_column(sa.Column("contact", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("score", sa.Integer(), nullable=True))
        batch_op.create_index("ix_tickets_status", ["status", "resolved_at"], unique=False)
    with op.batch_alter_table("ticket_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=64), nullable=True))
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "ticket_notes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("seat_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_ticket_notes_ticket_id", "ticket_notes", ["ticket_id"], unique=False)
    op.create_table(
        "ticket_guests",
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("seat_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seat_id"], ["seats.id"]),
        sa.PrimaryKeyConstraint("ticket_id", "seat_id"),
    )
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    """Triggers: no line changes, and a line goes only together with its whole ticket (retention, erasure)."""
    if dialect == "postgresql":
        return [
            "create function ticket_history_guard() returns trigger language plpgsql as $$ begin "
            "if tg_op = 'DELETE' and not exists (select 1 from tickets where id = old.ticket_id) "
            "then return old; end if; "
            "raise exception 'the history of a ticket cannot be altered'; end $$",
            "create trigger ticket_history_guard before update or delete on ticket_events "
            "for each row execute function ticket_history_guard()",
        ]
    refuse = "begin select raise(abort, 'the history of a ticket cannot be altered'); end"
    whole = "when exists (select 1 from tickets where id = old.ticket_id)"
    return [
        f"create trigger ticket_history_no_update before update on ticket_events {refuse}",
        f"create trigger ticket_history_no_delete before delete on ticket_events {whole} {refuse}",
    ]


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop trigger ticket_history_guard on ticket_events")
        op.execute("drop function ticket_history_guard()")
    else:
        op.execute("drop trigger ticket_history_no_update")
        op.execute("drop trigger ticket_history_no_delete")
    op.drop_table("ticket_guests")
    op.drop_table("ticket_notes")
    op.execute("alter table seats drop column seen_at")
    op.execute("alter table ticket_events drop column digest")
    op.drop_index("ix_tickets_status", "tickets")
    for name in (*MOMENTS, *COUNTS, *FLAGS, *TEXTS, "mode", "contact", "score"):
        op.execute(f"alter table tickets drop column {name}")

"""the life of an entry: content that never changes, and a log of moves that only grows."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: what was one row a version becomes a version and a move, under the same cursor."""
    op.rename_table("entry_versions", "entry_versions_before")
    _tables()
    _carry_over()
    op.drop_table("entry_versions_before")


def _tables() -> None:
    op.create_table(
        "entry_versions",
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("proposal", sa.Boolean(), nullable=False),
        sa.Column("writer", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("missing", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "version", name="pk_entry_versions"),
    )
    op.create_table(
        "entry_moves",
        sa.Column("cursor", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=True),
        sa.Column("after", sa.String(length=10), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("base", sa.String(length=80), nullable=True),
        sa.Column("review", sa.JSON(), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cursor"),
        sa.ForeignKeyConstraint(["entry_id", "version"], ["entry_versions.entry_id", "entry_versions.version"]),
    )
    op.create_index("ix_entry_moves_entry", "entry_moves", ["entry_id", "version"])
    op.create_index("ix_entry_moves_public", "entry_moves", ["public", "cursor"])
    op.create_table(
        "entry_plans",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("to", sa.String(length=10), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("entry_id", "to"),
    )
    op.create_table(
        "import_receipts",
        sa.Column("partner", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("partner", "digest"),
    )
    op.create_table(
        "sync_points",
        sa.Column("partner", sa.String(length=80), nullable=False),
        sa.Column("pulled", sa.Integer(), nullable=False),
        sa.Column("pushed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partner"),
    )


def _carry_over() -> None:
    connection = op.get_bind()
    old, versions, moves = (
        sa.Table(name, sa.MetaData(), autoload_with=connection)
        for name in ("entry_versions_before", "entry_versions", "entry_moves")
    )
    last: dict[str, tuple[int, str]] = {}
    for row in connection.execute(sa.select(old).order_by(old.c.cursor)).mappings().all():
        body = {key: value for key, value in row["body"].items() if key not in ("version", "status", "review")}
        before, state = last.get(row["entry_id"]), f"{row['status']}-before-{row['cursor']}"
        common = {"entry_id": row["entry_id"], "version": row["version"]}
        version = {"base": before and before[0], "proposal": False, "writer": row["origin"], "body": body}
        connection.execute(
            versions.insert().values(**common, **version, **_columns(body), created_at=row["created_at"])
        )
        move = {"after": row["status"], "state": state, "base": before and before[1], "actor": row["origin"]}
        review, public = row["body"].get("review"), row["status"] in ("published", "retired")
        connection.execute(
            moves.insert().values(
                cursor=row["cursor"], **common, **move, public=public, review=review, at=row["created_at"]
            )
        )
        if public:
            last[row["entry_id"]] = (row["version"], state)
    if connection.dialect.name == "postgresql":
        op.execute("select setval('entry_moves_cursor_seq', coalesce((select max(cursor) from entry_moves), 1))")


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    """What of a body is repeated beside it."""
    days = {name: date.fromisoformat(body[name]) if body.get(name) else None for name in ("valid_to", "review_by")}
    wordings = [wording for texts in body["questions"].values() for wording in texts]
    texts = [body["id"], *wordings, *body["answer"].values()]
    return {
        **days,
        **{name: body[name] for name in ("topic", "area", "region")},
        "owner": body.get("owner") or "12367",
        "missing": ",".join(name for name in ("zh", "yue", "en") if not body["answer"].get(name)),
        "words": "\n".join(texts).lower(),
    }


def downgrade() -> None:
    """There is no way back without losing the life of every entry."""
    raise NotImplementedError("restore the backup that was made before this step")

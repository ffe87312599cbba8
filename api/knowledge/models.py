"""Tables of the knowledge domain.

What was written and what became of it are two things: a version's content never changes, and its life is a log
of moves that only grows. Nothing here is ever overwritten but the plans, which are about the future.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class EntryVersion(Base):
    """What one version of an entry says; the columns beside ``body`` repeat parts of it, to filter by."""

    __tablename__ = "entry_versions"

    entry_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base: Mapped[int | None]  # the version that the writer had before their eyes
    proposal: Mapped[bool] = mapped_column(default=False)  # sent by an organisation that may not publish it here
    writer: Mapped[str] = mapped_column(String(64))  # a seat's user name, seed, cli:…, or partner:…
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]  # the public Entry shape without version, status and review
    topic: Mapped[str] = mapped_column(String(80))
    area: Mapped[str] = mapped_column(String(20))
    region: Mapped[str | None] = mapped_column(String(6))
    owner: Mapped[str] = mapped_column(String(80))
    valid_to: Mapped[date | None]
    review_by: Mapped[date | None]
    missing: Mapped[str] = mapped_column(String(12))  # languages without an answer: "yue,en"
    words: Mapped[str] = mapped_column(Text)  # id, wordings and answers in lower case, for the editors' search


class EntryMove(Base):
    """One step in the life of a version. ``cursor`` orders all steps as they were committed.

    ``public``: the world sees it: it is in the change feed and moves the index. ``state`` names what the entry is
    after the step, the same at every organisation that holds the same; ``base`` is the public state before it.
    """

    __tablename__ = "entry_moves"
    __table_args__ = (
        ForeignKeyConstraint(["entry_id", "version"], ["entry_versions.entry_id", "entry_versions.version"]),
        Index("ix_entry_moves_entry", "entry_id", "version"),
        Index("ix_entry_moves_public", "public", "cursor"),
    )

    cursor: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    before: Mapped[str | None] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    public: Mapped[bool]
    state: Mapped[str] = mapped_column(String(80))
    base: Mapped[str | None] = mapped_column(String(80))
    review: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # who read it, as a role, and when
    actor: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class EntryPlan(Base):
    """A move that makes itself when its day begins in Shanghai; at most one publishing and one end per entry."""

    __tablename__ = "entry_plans"
    __table_args__ = (UniqueConstraint("entry_id", "to"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    to: Mapped[str] = mapped_column(String(10))
    on: Mapped[date]
    actor: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class ImportReceipt(Base):
    """What an import came to: the same import again gets the same result and changes nothing."""

    __tablename__ = "import_receipts"

    partner: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # of entry id, base and content
    result: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class SyncPoint(Base):
    """How far the exchange with a partner has come: its feed that was read, and ours that was sent."""

    __tablename__ = "sync_points"

    partner: Mapped[str] = mapped_column(String(80), primary_key=True)
    pulled: Mapped[int] = mapped_column(default=0)
    pushed: Mapped[int] = mapped_column(default=0)

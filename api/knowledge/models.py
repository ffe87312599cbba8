"""Tables of the knowledge domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class EntryVersion(Base):
    """One version of an entry, never changed afterwards. ``cursor`` orders all changes for the change feed."""

    __tablename__ = "entry_versions"
    __table_args__ = (UniqueConstraint("entry_id", "version"), Index("ix_entry_versions_status", "status"))

    cursor: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    body: Mapped[dict[str, Any]]  # the public Entry shape
    origin: Mapped[str] = mapped_column(String(20))  # seed, or who changed it: a seed never overrules an editor
    created_at: Mapped[datetime]

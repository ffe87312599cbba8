"""The table of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class AuditRecord(Base):
    """One thing that somebody did. The database itself refuses to change or delete a row (migration 0002)."""

    __tablename__ = "audit_records"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))  # a seat's user name, partner:…, or cli
    action: Mapped[str] = mapped_column(String(40))  # entry.publish, conversation.read, tickets.export …
    subject: Mapped[str] = mapped_column(String(80))  # the id of what it was done to
    details: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))  # over this row and the digest before it

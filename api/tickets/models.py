"""Tables of the ticket domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class Ticket(Base):
    """A case handed to humans: where it went, why, and how far it is."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_tickets_queue", "unit_id", "status", "opened_at"),
        Index("ix_tickets_conversation", "conversation_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(8), default="waiting")
    queue_id: Mapped[str] = mapped_column(String(40))
    queue_kind: Mapped[str] = mapped_column(String(20))
    unit_id: Mapped[str] = mapped_column(String(20))
    unit_name: Mapped[str] = mapped_column(String(120))
    business: Mapped[str | None] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(3))
    place: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(String(40))
    routing: Mapped[dict[str, Any]]  # the inputs of the decision and the rule file's version
    seat_id: Mapped[str | None] = mapped_column(ForeignKey("seats.id"))
    category: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]


class TicketEvent(Base):
    """One line of a ticket's history; written once, never changed."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    seat_id: Mapped[str | None] = mapped_column(String(36))
    details: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Counter(Base):
    """Numbers handed out one after another, such as the tickets of a day."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]

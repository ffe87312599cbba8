"""Tables of the ticket domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class Ticket(Base):
    """A case handed to humans: where it went, why, how far it is (``life``), and by when it must be what.

    ``mode`` is how the visitor waits: live in the chat, for an answer to a message left behind, or not at all
    because a partner sent the case (order). An alert is 0 (in time), 1 (warned) or 2 (escalated).
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_tickets_queue", "unit_id", "status", "opened_at"),
        Index("ix_tickets_conversation", "conversation_id"),
        Index("ix_tickets_status", "status", "resolved_at"),
        Index("ix_tickets_served", "unit_id", "resolved_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(12), default="waiting")
    mode: Mapped[str] = mapped_column(String(8), default="live")
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
    urgent: Mapped[bool] = mapped_column(default=False)
    confidential: Mapped[bool] = mapped_column(default=False)
    supervised_at: Mapped[datetime | None]
    merged_into: Mapped[str | None] = mapped_column(String(36))
    reopened: Mapped[int] = mapped_column(default=0)
    score: Mapped[int | None]
    code_hash: Mapped[str | None] = mapped_column(String(64))  # opens the answer to who left a message
    contact: Mapped[str | None] = mapped_column(Text)  # encrypted
    contact_hint: Mapped[str | None] = mapped_column(String(80))  # masked
    history_head: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    awaited_since: Mapped[datetime | None]  # since when the visitor has been owed an answer
    response_warn_at: Mapped[datetime | None]
    response_due_at: Mapped[datetime | None]
    response_alert: Mapped[int] = mapped_column(default=0)
    completion_warn_at: Mapped[datetime | None]
    completion_due_at: Mapped[datetime | None]
    completion_alert: Mapped[int] = mapped_column(default=0)
    extended: Mapped[bool] = mapped_column(default=False)
    resolved_at: Mapped[datetime | None]
    follow_up_at: Mapped[datetime | None]  # when the visitor is, or was, asked whether it is settled


class TicketEvent(Base):
    """One line of a ticket's history; written once, never changed: the database refuses it (see ``life``)."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    seat_id: Mapped[str | None] = mapped_column(String(36))
    details: Mapped[dict[str, Any]]
    digest: Mapped[str | None] = mapped_column(String(64))  # none: written before histories were chained
    at: Mapped[datetime]


class TicketNote(Base):
    """What seats tell each other about a case; the visitor never sees it."""

    __tablename__ = "ticket_notes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    seat_id: Mapped[str] = mapped_column(ForeignKey("seats.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class TicketGuest(Base):
    """A second seat in a three-way talk."""

    __tablename__ = "ticket_guests"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    seat_id: Mapped[str] = mapped_column(ForeignKey("seats.id"), primary_key=True)
    at: Mapped[datetime]


class Counter(Base):
    """Numbers handed out one after another, such as the tickets of a day."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]

"""Shapes of the console's ticket calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.conversations.schemas import Business, Language, MessageOut, NewMessage, Strict
from api.routing.endpoints import PlaceOut, QueueOut, UnitOut

Status = Literal["waiting", "active", "resolved"]


class SeatRef(BaseModel):
    """Which seat has the ticket."""

    id: str
    name: str


class EventOut(BaseModel):
    """One line of a ticket's history."""

    what: str
    seat_id: str | None
    details: dict[str, Any]
    at: datetime


class TicketOut(BaseModel):
    """A ticket as the console shows it; ``messages`` and ``history`` only where one ticket is asked for."""

    id: str
    number: str
    status: Status
    queue: QueueOut
    unit: UnitOut
    business: Business | None
    language: Language
    place: PlaceOut | None
    reason: str
    rule: str
    routing: dict[str, Any]
    position: int | None
    opened_at: datetime
    claimed_at: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    seat: SeatRef | None
    conversation_id: str
    category: str | None
    note: str | None
    last_message: MessageOut | None = None
    messages: list[MessageOut] | None = None
    history: list[EventOut] | None = None


class TicketList(BaseModel):
    """Tickets of the seat's unit."""

    tickets: list[TicketOut]


class Resolution(Strict):
    """How a case ended."""

    category: str | None = Field(None, max_length=40)
    note: str | None = Field(None, max_length=2000)


class Typing(Strict):
    """Whether the seat is typing."""

    on: bool


class SeatMessage(NewMessage):
    """What a seat says; the same ``client_id`` again returns the first result."""

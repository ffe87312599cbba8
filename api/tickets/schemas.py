"""Shapes of the console's ticket calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from api.conversations.schemas import Business, DivisionCode, Language, MessageOut, NewMessage, Strict
from api.routing.endpoints import PlaceOut, QueueOut, UnitOut

Status = Literal["waiting", "active", "answered", "resolved", "followed_up", "closed", "merged", "returned", "away"]
Mode = Literal["live", "message", "order"]


class SeatRef(BaseModel):
    """Which seat."""

    id: str
    name: str


class EventOut(BaseModel):
    """One line of a ticket's history."""

    what: str
    seat_id: str | None
    details: dict[str, Any]
    at: datetime


class NoteOut(BaseModel):
    """A private note."""

    name: str
    text: str
    at: datetime


class Understanding(BaseModel):
    """What the engine took the visitor's words for: an intent, how sure it was, and codes by entity."""

    intent: str | None = None
    confidence: float | None = None
    entities: dict[str, list[str]] = {}


class StoryMessage(MessageOut):
    """A message as the seats read it: with what the bot had understood when it said this."""

    understood: Understanding | None = None


class Story(BaseModel):
    """What one ticket shows beside its list entry; ``history_whole`` is false when somebody altered the history."""

    messages: list[StoryMessage] | None = None
    history: list[EventOut] | None = None
    history_whole: bool | None = None
    notes: list[NoteOut] | None = None


class TicketOut(Story):
    """A ticket as the console shows it; the parts of ``Story`` only where one ticket is asked for.

    An alert is 0 (in time), 1 (warned) or 2 (escalated). ``guests`` and ``partner`` are in the talk beside its seat.
    """

    id: str
    number: str
    status: Status
    mode: Mode
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
    guests: list[SeatRef] = []
    partner: str | None = None
    conversation_id: str
    category: str | None
    note: str | None
    urgent: bool
    confidential: bool
    supervised_at: datetime | None
    merged_into: str | None
    reopened: int
    score: int | None
    contact_hint: str | None
    awaited_since: datetime | None
    response_due_at: datetime | None
    response_alert: int
    completion_due_at: datetime | None
    completion_alert: int
    extended: bool
    follow_up_at: datetime | None
    last_message: MessageOut | None = None


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


class Reason(Strict):
    """Why: it stands in the history."""

    reason: str = Field(min_length=2, max_length=500)


class Transfer(Reason):
    """改派: to which unit, and why; ``note`` is for its seats alone."""

    unit: str = Field(max_length=20)
    note: str | None = Field(None, max_length=2000)


class Merge(Reason):
    """Into which ticket (number or id) a duplicate goes."""

    into: str = Field(max_length=40)


class Flag(Reason):
    """A flag on or off."""

    on: bool


class Assignment(Reason):
    """To which seat (id) a supervisor gives a case."""

    seat: str = Field(max_length=36)


class Extension(Reason):
    """By how many working days a completion is extended."""

    days: int = Field(ge=1)


class Invitation(Strict):
    """Which seat (id) is asked to join the talk."""

    seat: str = Field(max_length=36)


class NewNote(Strict):
    """A private note."""

    text: str = Field(min_length=1, max_length=2000)


class Contact(Strict):
    """A way to be reached: one of the two."""

    phone: str | None = Field(None, max_length=30, pattern=r"^[+0-9 ()-]{6,30}$")
    email: str | None = Field(None, max_length=120, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")

    @model_validator(mode="after")
    def _one(self) -> Contact:
        if (self.phone is None) == (self.email is None):
            raise ValueError("give a phone number or an email address, one of the two")
        return self


class LeftMessage(NewMessage):
    """A message for who is not there; ``contact`` is kept encrypted."""

    contact: Contact | None = None
    business: Business | None = None
    region: DivisionCode | None = None


class Receipt(BaseModel):
    """What opens the answer later; the code is shown only here."""

    number: str
    code: str
    unit: UnitOut
    answer_by: datetime | None


class LookUp(Strict):
    """A ticket's number and its code."""

    number: str = Field(max_length=24)
    code: str = Field(max_length=20)


class LookedUp(BaseModel):
    """What whoever left a message may read: how far it is, and what was answered."""

    number: str
    status: Status
    unit: str
    opened_at: datetime
    answer_by: datetime | None
    resolved_at: datetime | None
    answers: list[MessageOut]


class Reached(BaseModel):
    """A way to reach the visitor, in clear."""

    contact: str


class UnitStanding(BaseModel):
    """A unit's queue; ``why`` it cannot serve at once, and who is ``offered`` then."""

    unit: UnitOut
    open: bool
    seats: int
    waiting: int
    expected_minutes: int | None
    why: Literal["closed", "nobody", "queue"] | None
    offered: UnitOut | None


class SeatBoard(BaseModel):
    """A seat as its supervisor sees it."""

    id: str
    name: str
    unit: UnitOut
    languages: list[Language]
    here: bool
    available: bool
    live: int
    capacity: int
    seen_at: datetime | None


class QueueBoard(BaseModel):
    """A unit's open cases."""

    unit: UnitOut
    waiting: int
    active: int
    answered: int
    oldest_waiting: datetime | None


class Board(BaseModel):
    """Who is there, the queues, and the cases whose limits are near or past."""

    seats: list[SeatBoard]
    queues: list[QueueBoard]
    at_risk: list[TicketOut]

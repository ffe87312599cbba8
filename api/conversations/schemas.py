"""Shapes of the conversation calls, as other programs see them (``/openapi.json``)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Language = Literal["zh", "yue", "en"]
Origin = Literal["domestic", "overseas"]
Business = Literal["clearance", "documents", "suggestions"]
Owner = Literal["bot", "queue", "seat", "closed"]
Kind = Literal["greeting", "chitchat", "notice", "answer", "clarify", "handoff", "decline", "text"]
DivisionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
MAX_TEXT = 2000


class Strict(BaseModel):
    """A request body: an unknown field is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid")


class NewConversation(Strict):
    """How a talk begins. ``language`` is where to begin, not a promise; ``region`` is a division code."""

    channel: Literal["web", "api"]
    language: Language | None = None
    origin: Origin | None = None
    region: DivisionCode | None = None


class NewMessage(Strict):
    """What a visitor says. The same ``client_id`` again returns the first result."""

    text: str = Field(max_length=MAX_TEXT)
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None

    @field_validator("text")
    @classmethod
    def _has_words(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("must not be empty: write a question, or call /handoff for a human")
        return text


class HandoffRequest(Strict):
    """A wish for a human; what is missing is asked back."""

    business: Business | None = None
    region: DivisionCode | None = None


class NewRating(Strict):
    """好差评: five grades and a remark."""

    score: int = Field(ge=1, le=5)
    comment: str | None = Field(None, max_length=MAX_TEXT)


class NewFeedback(Strict):
    """Whether one answer helped, and why not."""

    helpful: bool
    comment: str | None = Field(None, max_length=MAX_TEXT)


class Switch(Strict):
    """The visitor's own switch of language, place or origin: it binds."""

    language: Language | None = None
    region: DivisionCode | None = None
    origin: Origin | None = None


class EntryRef(BaseModel):
    """Which entry, and which version of it, an answer quotes."""

    id: str
    version: int


class Source(BaseModel):
    """Where an answer comes from; ``url`` is an official address or null."""

    title: str
    url: str | None
    authority: str
    date: str | None


class Choice(BaseModel):
    """A button: its label, and the text to send when it is pressed."""

    label: str
    payload: str


class TicketRef(BaseModel):
    """Where a case went: ticket id, queue and place in it (1 is next; 0 once a seat has it)."""

    id: str
    number: str
    queue: str
    position: int | None


class MessageOut(BaseModel):
    """One message as everybody sees it.

    ``seat`` is the name of the seat that said it; where a person of a ``partner`` did, both are the partner's.
    """

    id: str
    seq: int
    sender: Literal["user", "bot", "seat", "system"]
    kind: Kind
    text: str
    language: Language
    entry: EntryRef | None = None
    sources: list[Source] = []
    more: str | None = None
    valid_to: str | None = None
    region: str | None = None
    choices: list[Choice] = []
    ticket: TicketRef | None = None
    confidence: float | None = None
    seat: str | None = None
    partner: str | None = None
    helpful: bool | None = None
    created_at: datetime


class Started(BaseModel):
    """A new conversation. ``token`` is shown once; it is stored as a hash."""

    id: str
    token: str
    language: Language
    messages: list[MessageOut]


class Exchange(BaseModel):
    """A message and what came back; ``pending`` means that more will come by stream or by asking again."""

    message: MessageOut | None
    replies: list[MessageOut]
    owner: Owner
    pending: bool


class QueuePlace(BaseModel):
    """The waiting line as the visitor sees it."""

    ticket: str
    number: str
    position: int | None
    unit: str
    expected_minutes: int | None = None


class SeatName(BaseModel):
    """Who is answering."""

    name: str
    unit: str


class History(BaseModel):
    """What came since, and where the talk stands."""

    messages: list[MessageOut]
    owner: Owner
    queue: QueuePlace | None = None
    seat: SeatName | None = None


class ConversationOut(BaseModel):
    """A conversation's settings after a switch."""

    id: str
    language: Language
    region: str | None
    origin: Origin | None
    owner: Owner


class RatingOut(BaseModel):
    """A rating as stored."""

    score: int
    comment: str | None


class FeedbackOut(BaseModel):
    """What is stored about one answer."""

    message_id: str
    helpful: bool
    comment: str | None


Details = dict[str, Any]

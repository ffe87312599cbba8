"""Shapes of the partners' work-order calls."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, field_validator

from api.conversations.schemas import MAX_TEXT, Business, DivisionCode, Language, MessageOut, Origin, Strict
from api.routing.endpoints import UnitOut
from api.tickets.schemas import Contact, Status

OrderNo = Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")


class NewOrder(Strict):
    """A case that a partner hands over. ``order_no`` is the partner's own number: the same one is the same order."""

    order_no: str = OrderNo
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=4000)
    language: Language = "zh"
    business: Business | None = None
    origin: Origin | None = None
    region: DivisionCode | None = None
    place: str | None = Field(None, max_length=100)
    urgent: bool = False
    contact: Contact | None = None

    @field_validator("title", "text")
    @classmethod
    def _has_words(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("must not be empty")
        return text


class MoreText(Strict):
    """Something that the partner adds to an order. ``id`` is the partner's own: the same one is the same addition."""

    id: str = OrderNo
    text: str = Field(min_length=1, max_length=4000)


class OrderOut(BaseModel):
    """How far an order is; ``answers`` is what was answered, in order."""

    order_no: str
    ticket: str
    status: Status
    unit: UnitOut
    complete_by: datetime | None
    answers: list[str]
    category: str | None
    return_reason: str | None


class ToPartner(Strict):
    """Which partner a case goes to, or is asked into the talk, and why."""

    partner: str = Field(min_length=1, max_length=80)
    reason: str = Field(min_length=2, max_length=500)


class Progress(Strict):
    """What a partner tells of an order that we transferred: ``seq`` counts from 1 within the order."""

    seq: int = Field(ge=1)
    event: Literal["accepted", "answered", "resolved", "returned"]
    text: str | None = Field(None, max_length=4000)


class Words(MoreText):
    """What a partner's person says in a talk, to visitor and seats."""

    text: str = Field(max_length=MAX_TEXT, pattern=r"\S")


class TalkOut(BaseModel):
    """A talk as the partner reads it; once it is not ``open``, no more messages will come."""

    number: str
    open: bool
    messages: list[MessageOut]

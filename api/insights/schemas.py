"""Shapes of the insights."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from api.conversations.schemas import Language, MessageOut, Strict
from api.insights.repository import Reason

Title = dict[Language, str]


class Period(BaseModel):
    """Days in China, both included."""

    since: date
    until: date


class Wording(BaseModel):
    """One way in which it was asked, numbers and names masked, and how often."""

    text: str
    language: Language
    count: int


class Near(BaseModel):
    """A published entry that is near to a question; ``score`` is the probability that it answers it."""

    id: str
    version: int
    title: Title
    score: float


class QuestionGroup(BaseModel):
    """Questions that mean the same. ``entries`` are those that were answered with and not liked."""

    id: str
    count: int
    languages: dict[Language, int]
    reasons: dict[Reason, int]
    wordings: list[Wording]
    nearest: list[Near]
    entries: list[str]
    first_at: datetime
    last_at: datetime


class Questions(Period):
    """What was not answered well, most frequent first.

    ``questions`` were found in the period; ``left_out`` of them were not grouped because the limit was reached.
    """

    questions: int
    left_out: int
    total: int
    groups: list[QuestionGroup]


class DayCount(BaseModel):
    """Answers of one day."""

    day: date
    answers: dict[Language, int]
    helpful: int
    unhelpful: int


class EntryTraffic(BaseModel):
    """How often an entry was answered with; ``title`` is empty for one that is published no more."""

    id: str
    title: Title
    answers: int
    languages: dict[Language, int]
    helpful: int
    unhelpful: int
    days: list[DayCount]


class Traffic(Period):
    """Answers from the knowledge base, by day and by entry, the most used first. Days without any are left out."""

    answers: int
    days: list[DayCount]
    entries: list[EntryTraffic]
    total: int


class TopicCoverage(BaseModel):
    """One topic's published entries: wordings by language, and entries that have no answer in a language."""

    topic: str
    entries: int
    wordings: dict[Language, int]
    unanswered: dict[Language, int]
    thin: int


class ThinEntry(BaseModel):
    """An entry with fewer wordings in a language than it should have."""

    id: str
    title: Title
    topic: str
    language: Language
    wordings: int
    wanted: int


class FactRef(BaseModel):
    """A fact of the sheet, with its text; ``stated_by`` are the published entries that state it."""

    id: str
    topic: str
    zh: str
    en: str
    confidence: str
    volatile: bool
    stated_by: list[str]


class CoverageOut(BaseModel):
    """What the published entries cover; ``missing`` are facts that none of them states."""

    entries: int
    facts: int
    topics: list[TopicCoverage]
    thin: list[ThinEntry]
    missing: list[FactRef]


class Named(BaseModel):
    """A code and what people call it."""

    code: str
    zh: str
    en: str


class References(BaseModel):
    """What an entry may refer to: codes of its fields, topics in use, divisions, and the fact sheet."""

    areas: list[str]
    audiences: list[str]
    needs: list[str]
    authorities: list[Named]
    topics: list[Named]
    regions: list[Named]
    facts: list[FactRef]


class PreviewWish(Strict):
    """What of a draft is seen in an answer; half-written ones are welcome."""

    answer: dict[Language, str] = {}
    more: dict[Language, str] = {}
    sources: list[dict[str, Any]] = []
    authority: str = ""
    general: bool = False
    valid_to: date | None = None
    region: str | None = None


class Preview(BaseModel):
    """The answer as a visitor would get it, in each language; nothing while there is no Chinese text."""

    messages: dict[Language, MessageOut]

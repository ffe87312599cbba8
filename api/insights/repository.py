"""Every query of the insights: they read what conversations and tickets stored, and write nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.conversations.models import Message, Rating
from api.tickets.models import Ticket

Reason = Literal["disliked", "declined", "unclear", "out_of_scope", "handed_over"]
POOR = 2
"""好差评 up to which a whole conversation counts as badly rated."""
REFUSED = frozenset({"illegal_help", "injection", "personal_case"})
"""Intents that are declined on purpose: no entry will ever answer them."""
SENSITIVE = frozenset({"report_crime", "distress", "complaint", "suggestion"})
"""Why a ticket was opened, where the question before it says nothing about the knowledge base."""

Question, Reply, Next = aliased(Message), aliased(Message), aliased(Message)


@dataclass(frozen=True)
class Asked:
    """A visitor's question (masked, as stored) that the knowledge base did not serve, and how that shows."""

    id: str
    text: str
    language: str
    at: datetime
    reason: Reason
    entry_id: str | None = None


async def unserved(session: AsyncSession, since: datetime, until: datetime, limit: int) -> list[Asked]:
    """Questions that were declined, asked back in vain, disliked, or that ended with a human; newest first.

    A question counts once, for its first reason in the order of ``Reason``. At most ``limit`` of each source.
    """
    found: dict[str, Asked] = {}
    for asked in [*await _replied(session, since, until, limit), *await _ended_badly(session, since, until, limit)]:
        found.setdefault(asked.id, asked)
    return sorted(found.values(), key=lambda asked: (asked.at, asked.id), reverse=True)


async def _replied(session: AsyncSession, since: datetime, until: datetime, limit: int) -> list[Asked]:
    """Questions by what the bot's reply was, and by the thumb on it."""
    pressed_next = (
        select(Next.payload)
        .where(Next.conversation_id == Question.conversation_id, Next.sender == "user", Next.seq > Question.seq)
        .order_by(Next.seq)
        .limit(1)
        .scalar_subquery()
    )
    disliked = Reply.helpful.is_(False)
    order = case((disliked, 0), (Reply.kind == "decline", 1), else_=2)
    query = (
        select(
            Question.id, Question.text, Question.payload, Question.created_at, Reply.language, Reply.kind,
            Reply.details, Reply.entry_id, disliked.label("disliked"), pressed_next.label("pressed"),
        )
        .join(Question, and_(Question.conversation_id == Reply.conversation_id, Question.seq == Reply.reply_to))
        .where(Reply.created_at >= since, Reply.created_at < until, Reply.sender == "bot", Question.sender == "user")
        .where(or_(Reply.kind.in_(("decline", "clarify")), and_(Reply.kind == "answer", disliked)))
        .order_by(order, Reply.created_at.desc(), Reply.id)
        .limit(limit)
    )  # fmt: skip
    rows = (await session.execute(query)).all()
    return [
        Asked(row.id, row.text, row.language, row.created_at, reason, row.entry_id)
        for row in rows
        if (reason := _reason(row))
    ]


def _reason(row: Row[Any]) -> Reason | None:
    """Why a reply did not serve its question; None where it did, or never could."""
    if row.disliked:
        return "disliked"
    intent = (row.details.get("understood") or {}).get("intent")
    if row.payload or intent in REFUSED:
        return None
    if row.kind == "decline":
        return "out_of_scope" if intent == "out_of_scope" else "declined"
    guesses = any(choice["payload"].startswith("/answer") for choice in row.details.get("choices", ()))
    return "unclear" if guesses and not (row.pressed or "").startswith("/answer") else None


async def _ended_badly(session: AsyncSession, since: datetime, until: datetime, limit: int) -> list[Asked]:
    """The last question to the bot before a conversation went to a human, or before it was rated badly."""
    rated = select(Rating.conversation_id, Rating.created_at.label("at"), literal(None).label("why")).where(
        Rating.score <= POOR, Rating.created_at >= since, Rating.created_at < until
    )
    why = Ticket.routing["why"].as_string()
    handed = select(Ticket.conversation_id, Ticket.opened_at.label("at"), why.label("why")).where(
        Ticket.opened_at >= since, Ticket.opened_at < until
    )
    found = await _last_questions(session, rated, "disliked", limit)
    return found + await _last_questions(session, handed, "handed_over", limit)


async def _last_questions(
    session: AsyncSession, ends: Select[*tuple[Any, ...]], reason: Reason, limit: int
) -> list[Asked]:
    """For each end ``(conversation_id, at, why)`` the last question before it that the bot answered in some way."""
    end = ends.subquery()
    last = (
        select(func.max(Question.seq))
        .where(
            Question.conversation_id == end.c.conversation_id,
            Question.sender == "user",
            Question.payload.is_(None),
            Question.created_at <= end.c.at,
            select(Reply.id)
            .where(
                Reply.conversation_id == Question.conversation_id,
                Reply.reply_to == Question.seq,
                Reply.kind.in_(("answer", "clarify", "decline")),
            )
            .exists(),
        )
        .correlate(end)
        .scalar_subquery()
    )
    asked = aliased(Message)
    query = (
        select(asked.id, asked.text, asked.language, asked.created_at)
        .join(end, and_(asked.conversation_id == end.c.conversation_id, asked.seq == last))
        .where(or_(end.c.why.is_(None), end.c.why.not_in(SENSITIVE)))
        .order_by(end.c.at.desc(), asked.id)
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    return [Asked(row.id, row.text, row.language, row.created_at, reason) for row in rows]


@dataclass(frozen=True)
class Count:
    """Answers from one entry on one day in one language; of those with a thumb, how many up and down."""

    entry_id: str
    day: str
    language: str
    answers: int
    helpful: int
    unhelpful: int


async def traffic(session: AsyncSession, since: datetime, until: datetime, entry_id: str | None) -> Sequence[Count]:
    """Answers per entry, day in China (ISO date) and language; of one entry where it is named."""
    day = _day(session).label("day")
    query = (
        select(
            Message.entry_id, day, Message.language, func.count(),
            func.sum(case((Message.helpful.is_(True), 1), else_=0)),
            func.sum(case((Message.helpful.is_(False), 1), else_=0)),
        )
        .where(Message.created_at >= since, Message.created_at < until)
        .where(Message.entry_id == entry_id if entry_id else Message.entry_id.is_not(None))
        .group_by(Message.entry_id, day, Message.language)
        .order_by(Message.entry_id, day, Message.language)
    )  # fmt: skip
    return [Count(*row) for row in (await session.execute(query)).all()]


def _day(session: AsyncSession) -> Any:
    """A message's calendar day in China, which has one time zone and no summer time."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone("Asia/Shanghai", Message.created_at), "YYYY-MM-DD")
    return func.date(Message.created_at, "+8 hours")

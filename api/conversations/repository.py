"""Every query of the conversation domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.models import Conversation, Message, Rating


async def get(session: AsyncSession, conversation_id: str) -> Conversation | None:
    """A conversation, or ``None``."""
    return await session.get(Conversation, conversation_id)


async def lock(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation's row, held until the unit of work ends (SQLite holds its one writer already)."""
    query = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one()


def next_seq(conversation: Conversation, at: datetime) -> int:
    """The next sequence number of a *locked* conversation."""
    conversation.last_seq += 1
    conversation.updated_at = at
    return conversation.last_seq


async def by_client_id(session: AsyncSession, conversation_id: str, client_id: str) -> Message | None:
    """The message a client sent under this id before."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    return (await session.execute(query)).scalar_one_or_none()


async def after(session: AsyncSession, conversation_id: str, seq: int) -> Sequence[Message]:
    """Messages with a higher sequence number, in order."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.seq > seq).order_by(Message.seq)
    return (await session.execute(query)).scalars().all()


async def message(session: AsyncSession, conversation_id: str, message_id: str) -> Message | None:
    """One message of a conversation."""
    query = select(Message).where(Message.id == message_id, Message.conversation_id == conversation_id)
    return (await session.execute(query)).scalar_one_or_none()


async def replies(session: AsyncSession, conversation_id: str, seq: int) -> Sequence[Message]:
    """What answered the visitor's message ``seq``."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.reply_to == seq)
        .order_by(Message.seq)
    )
    return (await session.execute(query)).scalars().all()


async def recent_from_bot(session: AsyncSession, conversation_id: str, limit: int = 20) -> Sequence[Message]:
    """The bot's last messages, newest first: the buttons a visitor can still press."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.sender.in_(("bot", "system")))
        .order_by(Message.seq.desc())
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def last_message(session: AsyncSession, conversation_id: str) -> Message | None:
    """The newest message."""
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.seq.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def unanswered(session: AsyncSession, since: datetime) -> Sequence[Message]:
    """Visitors' messages still owed a reply: what a killed process left behind."""
    query = (
        select(Message)
        .where(Message.handled.is_(False), Message.created_at >= since)
        .order_by(Message.conversation_id, Message.seq)
    )
    return (await session.execute(query)).scalars().all()


async def take(session: AsyncSession, message_id: str) -> bool:
    """Mark a message as answered; false when another process was faster."""
    query = update(Message).where(Message.id == message_id, Message.handled.is_(False)).values(handled=True)
    return bool((await session.execute(query)).rowcount)  # type: ignore[attr-defined]


async def rating(session: AsyncSession, conversation_id: str) -> Rating | None:
    """The conversation's rating, when there is one."""
    return await session.get(Rating, conversation_id)

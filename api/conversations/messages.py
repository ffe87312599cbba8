"""Writing a message into a conversation, and showing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import repository
from api.conversations.models import Conversation, Message
from api.conversations.schemas import MessageOut

SHOWN = ("entry", "sources", "more", "valid_to", "region", "choices", "ticket", "confidence", "seat", "partner")


def append(
    session: AsyncSession,
    conversation: Conversation,
    at: datetime,
    *,
    sender: str,
    kind: str,
    text: str,
    language: str,
    details: dict[str, Any] | None = None,
    **columns: Any,
) -> Message:
    """Add a message to a locked conversation, under its next sequence number."""
    message = Message(
        id=str(uuid4()),
        conversation_id=conversation.id,
        seq=repository.next_seq(conversation, at),
        sender=sender,
        kind=kind,
        text=text,
        language=language,
        entry_id=((details or {}).get("entry") or {}).get("id"),
        details={key: value for key, value in (details or {}).items() if value not in (None, [], ())},
        created_at=at,
        **columns,
    )
    session.add(message)
    return message


def present(message: Message) -> MessageOut:
    """A stored message in the public shape."""
    shown = {key: message.details[key] for key in SHOWN if key in message.details}
    return MessageOut(
        id=message.id,
        seq=message.seq,
        sender=message.sender,
        kind=message.kind,
        text=message.text,
        language=message.language,
        helpful=message.helpful,
        created_at=message.created_at,
        **shown,
    )

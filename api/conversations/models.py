"""Tables of the conversation domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class Conversation(Base):
    """One visitor's talk. ``owner`` is the single answer to "who may speak now?"."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(String(8), default="bot")
    language: Mapped[dict[str, Any]]  # knowledge.language.LanguageState as a dict
    origin: Mapped[str | None] = mapped_column(String(8))
    region: Mapped[str | None] = mapped_column(String(6))
    network: Mapped[str | None] = mapped_column(String(8))  # place of the network address: a division code, overseas
    memory: Mapped[dict[str, Any]]  # what the dialogue remembers; the engine can be restarted at any time
    last_seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Message(Base):
    """One thing said. ``reply_to`` ties what the bot said to the visitor's message it answers."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_messages_handled", "handled"),
        Index("ix_messages_entry", "entry_id", "created_at"),
        Index("ix_messages_kind", "kind", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    seq: Mapped[int]
    sender: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(3))
    details: Mapped[dict[str, Any]]  # entry, sources, choices, ticket …: what a message may carry beside text
    client_id: Mapped[str | None] = mapped_column(String(64))
    body_hash: Mapped[str | None] = mapped_column(String(64))
    payload: Mapped[str | None] = mapped_column(String(300))  # what a pressed button sends to the engine
    reply_to: Mapped[int | None]
    handled: Mapped[bool] = mapped_column(default=True)  # false: a visitor's message still owed a reply
    entry_id: Mapped[str | None] = mapped_column(String(80))  # the entry that an answer quotes, for counting
    helpful: Mapped[bool | None]  # the visitor's thumb on a message of the bot
    remark: Mapped[str | None] = mapped_column(Text)  # and what was written with it, masked
    created_at: Mapped[datetime]


class Rating(Base):
    """好差评: what the visitor thought of it, 1 (very dissatisfied) to 5 (very satisfied)."""

    __tablename__ = "ratings"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[int]
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

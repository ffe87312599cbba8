"""Tables of the channel domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class Contact(Base):
    """Somebody on a platform, and the conversation they are in.

    A platform lets us write only after the visitor did: ``quota`` messages until ``window_ends``. What cannot be sent
    now stays in `Outgoing` and goes out when the visitor writes again.
    """

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("channel", "account", "address"), Index("ix_contacts_lease", "lease_until"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64))  # ours: the app id, or the 微信客服 account
    address: Mapped[str] = mapped_column(String(64))  # theirs: an openid or external_userid, which names nobody
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    rendered_seq: Mapped[int] = mapped_column(default=0)  # up to here the conversation stands in `Outgoing`
    quota: Mapped[int] = mapped_column(default=0)
    window_ends: Mapped[datetime | None]
    gone: Mapped[bool] = mapped_column(default=False)  # left the account: nothing can be sent until they return
    lease_by: Mapped[str | None] = mapped_column(String(8))  # push or courier: who delivers now
    lease_until: Mapped[datetime]
    created_at: Mapped[datetime]


class Outgoing(Base):
    """One piece of a message on its way; pieces go out in the order of ``id``."""

    __tablename__ = "outgoing"
    __table_args__ = (Index("ix_outgoing_state", "contact_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    seq: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[Any]]  # labels of the buttons, numbered for the reader from 1
    language: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(8), default="waiting")  # waiting, sent, failed
    push: Mapped[str | None] = mapped_column(String(64))  # went out as the reply to this push of the platform
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class Credential(Base):
    """An access token or a cursor that all gateways share; it can always be fetched anew."""

    __tablename__ = "credentials"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None]

"""Tables of the seat domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class Seat(Base):
    """Somebody who works for one unit and logs in. ``languages`` are those the seat can answer in.

    ``roles`` says what the person may do: answer (seat), lead the unit (supervisor), keep the knowledge base
    (editor), manage accounts (administrator).
    """

    __tablename__ = "seats"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[str] = mapped_column(String(20))
    languages: Mapped[list[Any]]
    roles: Mapped[list[Any]] = mapped_column(default=lambda: ["seat"])
    password_hash: Mapped[str] = mapped_column(String(200))
    available: Mapped[bool] = mapped_column(default=True)
    capacity: Mapped[int] = mapped_column(default=3)
    disabled: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None]  # when its console last called
    created_at: Mapped[datetime]


class SeatSession(Base):
    """A login. It ends after the idle time that the settings give; the token is kept as a hash."""

    __tablename__ = "seat_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    seat_id: Mapped[str] = mapped_column(ForeignKey("seats.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]

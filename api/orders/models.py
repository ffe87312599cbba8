"""Tables of the order domain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class WorkOrder(Base):
    """A work order between a partner and us: in (the partner sent it), out (we handed a case over), or a talk.

    A talk is one invitation of the partner's person into the talk with a visitor; it goes on until the history says
    otherwise (``life.PARTNER_GONE``).

    What the partner is to be told is not kept a second time: it is the ticket's history after ``told``, so that
    nothing can be forgotten, and an event is sent again until the partner has confirmed it.
    """

    __tablename__ = "work_orders"
    __table_args__ = (UniqueConstraint("partner", "direction", "order_no"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    partner: Mapped[str] = mapped_column(String(80))
    order_no: Mapped[str] = mapped_column(String(64))
    direction: Mapped[str] = mapped_column(String(4))
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    heard: Mapped[int] = mapped_column(default=0)  # out: the last of the partner's events that came in its turn
    told: Mapped[int] = mapped_column(default=0)  # the last line of the history that the partner has; talk: its first
    told_seq: Mapped[int] = mapped_column(default=0)  # how many events it has: the next one is one more
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime]

"""The table of the partner domain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base


class PartnerNonce(Base):
    """A nonce that was used; kept for as long as its time stamp would still be accepted."""

    __tablename__ = "partner_nonces"

    partner: Mapped[str] = mapped_column(String(80), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)

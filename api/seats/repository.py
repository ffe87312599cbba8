"""Every query of the seat domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.seats.models import Seat, SeatSession


async def get(session: AsyncSession, seat_id: str) -> Seat | None:
    """A seat, or ``None``."""
    return await session.get(Seat, seat_id)


async def lock(session: AsyncSession, seat_id: str) -> None:
    """Hold a seat's row until the unit of work ends: what is counted of it meanwhile stays true."""
    await session.execute(select(Seat.id).where(Seat.id == seat_id).with_for_update(key_share=True))


async def by_username(session: AsyncSession, username: str) -> Seat | None:
    """A seat by its login name."""
    return (await session.execute(select(Seat).where(Seat.username == username))).scalar_one_or_none()


async def every(session: AsyncSession) -> Sequence[Seat]:
    """All seats, by login name."""
    return (await session.execute(select(Seat).order_by(Seat.username))).scalars().all()


async def login(session: AsyncSession, token_hash: str) -> SeatSession | None:
    """A login by its token's hash."""
    return await session.get(SeatSession, token_hash)


async def end_login(session: AsyncSession, token_hash: str) -> None:
    """Log out."""
    await session.execute(delete(SeatSession).where(SeatSession.token_hash == token_hash))


async def end_logins(session: AsyncSession, seat_id: str) -> None:
    """Log a seat out everywhere."""
    await session.execute(delete(SeatSession).where(SeatSession.seat_id == seat_id))


async def forget_expired(session: AsyncSession, now: datetime) -> None:
    """Remove logins that have ended by themselves."""
    await session.execute(delete(SeatSession).where(SeatSession.expires_at < now))


async def on_duty(session: AsyncSession, unit_id: str, since: datetime) -> Sequence[Seat]:
    """The seats of a unit who take cases and whose console has called since then."""
    query = select(Seat).where(
        Seat.unit_id == unit_id, Seat.available.is_(True), Seat.disabled.is_(False), Seat.seen_at > since
    )
    found = (await session.execute(query.order_by(Seat.username))).scalars().all()
    return [seat for seat in found if "seat" in seat.roles]


async def seen(session: AsyncSession, seat_id: str, at: datetime | None) -> None:
    """A seat's console called, or (None) it logged out."""
    await session.execute(update(Seat).where(Seat.id == seat_id).values(seen_at=at))

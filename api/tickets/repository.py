"""Every query of the ticket domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from api.tickets.models import Counter, Ticket, TicketEvent

OPEN = ("waiting", "active")


async def get(session: AsyncSession, ticket_id: str) -> Ticket | None:
    """A ticket, or ``None``."""
    return await session.get(Ticket, ticket_id)


async def lock(session: AsyncSession, ticket_id: str) -> Ticket | None:
    """A ticket's row, held until the unit of work ends."""
    query = select(Ticket).where(Ticket.id == ticket_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def open_of(session: AsyncSession, conversation_id: str) -> Ticket | None:
    """The conversation's ticket that is not resolved yet; there is at most one."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id, Ticket.status.in_(OPEN))
    return (await session.execute(query.order_by(Ticket.opened_at.desc()).limit(1))).scalar_one_or_none()


async def of_unit(
    session: AsyncSession, unit_id: str, statuses: Sequence[str], seat_id: str | None, limit: int
) -> Sequence[Ticket]:
    """A unit's tickets with these statuses, oldest first; resolved ones newest first."""
    query = select(Ticket).where(Ticket.unit_id == unit_id, Ticket.status.in_(statuses))
    if seat_id:
        query = query.where(Ticket.seat_id == seat_id)
    newest_first = list(statuses) == ["resolved"]
    order = Ticket.resolved_at.desc() if newest_first else Ticket.opened_at
    return (await session.execute(query.order_by(order, Ticket.number).limit(limit))).scalars().all()


async def waiting(session: AsyncSession, unit_id: str) -> Sequence[Ticket]:
    """A unit's waiting line, first come first served."""
    query = select(Ticket).where(Ticket.unit_id == unit_id, Ticket.status == "waiting")
    return (await session.execute(query.order_by(Ticket.opened_at, Ticket.number))).scalars().all()


async def active_of(session: AsyncSession, seat_id: str) -> int:
    """How many cases a seat serves now."""
    query = select(func.count()).select_from(Ticket).where(Ticket.seat_id == seat_id, Ticket.status == "active")
    return int((await session.execute(query)).scalar_one())


async def position(session: AsyncSession, ticket: Ticket) -> int | None:
    """The place in the line: 1 is next; ``None`` when the ticket does not wait."""
    if ticket.status != "waiting":
        return None
    before = (Ticket.opened_at < ticket.opened_at) | (
        (Ticket.opened_at == ticket.opened_at) & (Ticket.number < ticket.number)
    )
    query = select(func.count()).select_from(Ticket)
    query = query.where(Ticket.unit_id == ticket.unit_id, Ticket.status == "waiting", before)
    return int((await session.execute(query)).scalar_one()) + 1


async def next_number(session: AsyncSession, day: str) -> str:
    """The next ticket number of a day (``20261123``): counted by the database, so never given twice."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = (
        insert(Counter)
        .values(name=f"tickets-{day}", value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return f"12367-{day}-{(await session.execute(statement)).scalar_one():04d}"


def record(session: AsyncSession, ticket: Ticket, what: str, at: datetime, **details: object) -> None:
    """Write a line into the ticket's history."""
    seat_id = details.pop("seat_id", None)
    session.add(TicketEvent(ticket_id=ticket.id, what=what, seat_id=seat_id, details=details, at=at))


async def history(session: AsyncSession, ticket_id: str) -> Sequence[TicketEvent]:
    """A ticket's history, oldest first."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return (await session.execute(query)).scalars().all()

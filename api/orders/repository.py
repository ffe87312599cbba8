"""Every query of the order domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.orders.models import WorkOrder
from api.tickets.life import PARTNER_GONE
from api.tickets.models import TicketEvent


async def by_number(session: AsyncSession, partner: str, direction: str, order_no: str) -> WorkOrder | None:
    """An order by its number, its row held until the unit of work ends."""
    query = select(WorkOrder).where(
        WorkOrder.partner == partner, WorkOrder.direction == direction, WorkOrder.order_no == order_no
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def due(session: AsyncSession, now: datetime, events: Sequence[str], partners: Sequence[str]) -> Sequence[str]:
    """Orders of these partners with something to tell now.

    That is an event not told yet (in), the order itself (out), or an invitation while it holds (talk).
    """
    since = select(TicketEvent.id).where(
        TicketEvent.ticket_id == WorkOrder.ticket_id, TicketEvent.id > WorkOrder.told
    )
    untold, over = since.where(TicketEvent.what.in_(events)), since.where(TicketEvent.what.in_(PARTNER_GONE))
    news = or_(
        (WorkOrder.direction == "in") & untold.exists(),
        (WorkOrder.direction == "out") & (WorkOrder.told_seq == 0),
        (WorkOrder.direction == "talk") & (WorkOrder.told_seq == 0) & ~over.exists(),
    )
    query = select(WorkOrder.id).where(WorkOrder.due_at <= now, WorkOrder.partner.in_(partners), news)
    return (await session.execute(query.order_by(WorkOrder.due_at))).scalars().all()


async def talks(session: AsyncSession, ticket_id: str) -> int:
    """How often partners were invited to a ticket's talk."""
    query = select(func.count()).select_from(WorkOrder)
    query = query.where(WorkOrder.ticket_id == ticket_id, WorkOrder.direction == "talk")
    return int((await session.execute(query)).scalar_one())


async def end_of(session: AsyncSession, talk: WorkOrder) -> TicketEvent | None:
    """The line of the history that ended a talk; none while it goes on."""
    return await next_event(session, talk, PARTNER_GONE)


async def next_event(session: AsyncSession, order: WorkOrder, events: Sequence[str]) -> TicketEvent | None:
    """The next of these lines of the history after the last that the partner has."""
    query = select(TicketEvent).where(
        TicketEvent.ticket_id == order.ticket_id, TicketEvent.id > order.told, TicketEvent.what.in_(events)
    )
    return (await session.execute(query.order_by(TicketEvent.id).limit(1))).scalar_one_or_none()

"""Every query of the ticket domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.models import Conversation
from api.seats.models import Seat
from api.tickets.life import HELD, OPEN, PARTNER_GONE
from api.tickets.models import Counter, Ticket, TicketEvent, TicketGuest, TicketNote

LINE = (Ticket.urgent.desc(), Ticket.opened_at, Ticket.number)
"""The order of a waiting line: urgent ones first, then first come first served; who returns keeps its place."""


async def get(session: AsyncSession, ticket_id: str) -> Ticket | None:
    """A ticket, or ``None``."""
    return await session.get(Ticket, ticket_id)


async def by_number(session: AsyncSession, number: str) -> Ticket | None:
    """A ticket by the number that visitors know."""
    return (await session.execute(select(Ticket).where(Ticket.number == number))).scalar_one_or_none()


async def lock(session: AsyncSession, ticket_id: str) -> Ticket | None:
    """A ticket's row, held until the unit of work ends."""
    query = select(Ticket).where(Ticket.id == ticket_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def open_of(session: AsyncSession, conversation_id: str) -> Ticket | None:
    """The conversation's ticket that is not done yet, the live one first."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id, Ticket.status.in_(OPEN))
    query = query.order_by(Ticket.mode != "live", Ticket.opened_at.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def done_of(session: AsyncSession, conversation_id: str) -> Ticket | None:
    """The conversation's newest ticket that a visitor can still rate or reopen."""
    query = select(Ticket).where(
        Ticket.conversation_id == conversation_id, Ticket.status.in_(("resolved", "followed_up", "closed"))
    )
    return (await session.execute(query.order_by(Ticket.resolved_at.desc()).limit(1))).scalar_one_or_none()


async def of_unit(
    session: AsyncSession, unit_id: str, statuses: Sequence[str], seat_id: str | None, limit: int
) -> Sequence[Ticket]:
    """A unit's tickets with these statuses in the order of the line; done ones newest first.

    With ``seat_id``: those which that seat holds or was invited to, whichever their unit.
    """
    query = select(Ticket).where(Ticket.status.in_(statuses))
    invited = Ticket.id.in_(select(TicketGuest.ticket_id).where(TicketGuest.seat_id == seat_id))
    query = query.where(or_(Ticket.seat_id == seat_id, invited) if seat_id else Ticket.unit_id == unit_id)
    open_ones = any(status in OPEN for status in statuses)
    order = LINE if open_ones else (Ticket.resolved_at.desc(), Ticket.number)
    return (await session.execute(query.order_by(*order).limit(limit))).scalars().all()


async def waiting(session: AsyncSession, unit_id: str) -> Sequence[Ticket]:
    """A unit's waiting line, next one first."""
    query = select(Ticket).where(Ticket.unit_id == unit_id, Ticket.status == "waiting")
    return (await session.execute(query.order_by(*LINE))).scalars().all()


async def first_waiting(session: AsyncSession, unit_id: str, limit: int) -> Sequence[str]:
    """The conversations of the first of a unit's line."""
    query = select(Ticket.conversation_id).where(Ticket.unit_id == unit_id, Ticket.status == "waiting")
    return (await session.execute(query.order_by(*LINE).limit(limit))).scalars().all()


async def waiting_count(session: AsyncSession, unit_id: str) -> int:
    """How long a unit's line is."""
    query = select(func.count()).select_from(Ticket).where(Ticket.unit_id == unit_id, Ticket.status == "waiting")
    return int((await session.execute(query)).scalar_one())


async def held_by(session: AsyncSession, seat_id: str) -> Sequence[Ticket]:
    """The cases that a seat serves now."""
    query = select(Ticket).where(Ticket.seat_id == seat_id, Ticket.status.in_(HELD))
    return (await session.execute(query.order_by(Ticket.claimed_at))).scalars().all()


async def live_of(session: AsyncSession, seat_id: str) -> int:
    """How many live chats a seat serves now: what its capacity limits. Written cases wait without hurry."""
    query = select(func.count()).select_from(Ticket)
    query = query.where(Ticket.seat_id == seat_id, Ticket.status.in_(HELD), Ticket.mode == "live")
    return int((await session.execute(query)).scalar_one())


async def position(session: AsyncSession, ticket: Ticket) -> int | None:
    """The place in the line: 1 is next; ``None`` when the ticket does not wait."""
    if ticket.status != "waiting":
        return None
    earlier = or_(
        Ticket.opened_at < ticket.opened_at,
        and_(Ticket.opened_at == ticket.opened_at, Ticket.number < ticket.number),
    )
    same = and_(Ticket.urgent.is_(ticket.urgent), earlier)
    before = same if ticket.urgent else or_(Ticket.urgent.is_(True), same)
    query = select(func.count()).select_from(Ticket)
    query = query.where(Ticket.unit_id == ticket.unit_id, Ticket.status == "waiting", before)
    return int((await session.execute(query)).scalar_one()) + 1


async def recent_served(session: AsyncSession, unit_id: str, limit: int = 20) -> Sequence[Ticket]:
    """A unit's last live cases that a seat has ended."""
    query = select(Ticket).where(
        Ticket.unit_id == unit_id,
        Ticket.mode == "live",
        Ticket.claimed_at.is_not(None),
        Ticket.resolved_at.is_not(None),
    )
    return (await session.execute(query.order_by(Ticket.resolved_at.desc()).limit(limit))).scalars().all()


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


async def history(session: AsyncSession, ticket_id: str) -> Sequence[TicketEvent]:
    """A ticket's history, oldest first."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return (await session.execute(query)).scalars().all()


async def notes(session: AsyncSession, ticket_id: str) -> Sequence[tuple[TicketNote, str]]:
    """A ticket's private notes with their writers' names, oldest first."""
    query = select(TicketNote, Seat.name).join(Seat, Seat.id == TicketNote.seat_id)
    query = query.where(TicketNote.ticket_id == ticket_id).order_by(TicketNote.id)
    return [(note, name) for note, name in (await session.execute(query)).all()]


async def guests(session: AsyncSession, ticket_id: str) -> Sequence[Seat]:
    """The seats invited to a talk."""
    query = select(Seat).join(TicketGuest, TicketGuest.seat_id == Seat.id).where(TicketGuest.ticket_id == ticket_id)
    return (await session.execute(query.order_by(TicketGuest.at))).scalars().all()


async def partner_in(session: AsyncSession, ticket_id: str) -> str | None:
    """The partner that was invited to a talk and is in it still."""
    query = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket_id, TicketEvent.what.in_(("partner_invited", *PARTNER_GONE))
    )
    last = (await session.execute(query.order_by(TicketEvent.id.desc()).limit(1))).scalar_one_or_none()
    return last.details["partner"] if last and last.what == "partner_invited" else None


async def alerts(session: AsyncSession, now: datetime) -> Sequence[str]:
    """Tickets with a clock that may have something to say: past a warning or a limit not yet told."""
    late = [
        and_(alert < level, moment <= now)
        for alert, level, moment in (
            (Ticket.response_alert, 1, Ticket.response_warn_at),
            (Ticket.response_alert, 2, Ticket.response_due_at),
            (Ticket.completion_alert, 1, Ticket.completion_warn_at),
            (Ticket.completion_alert, 2, Ticket.completion_due_at),
        )
    ]
    query = select(Ticket.id).where(Ticket.status.in_(OPEN), or_(*late))
    return (await session.execute(query)).scalars().all()


async def silent(session: AsyncSession, owed_before: datetime, seen_before: datetime) -> Sequence[str]:
    """Held live chats whose seat is silent or gone."""
    query = select(Ticket.id).join(Seat, Seat.id == Ticket.seat_id)
    gone = and_(or_(Seat.seen_at.is_(None), Seat.seen_at < seen_before), Ticket.claimed_at < seen_before)
    silent_ = and_(Ticket.awaited_since < owed_before, Ticket.claimed_at < owed_before)
    query = query.where(Ticket.status.in_(HELD), Ticket.mode == "live", or_(gone, silent_))
    return (await session.execute(query)).scalars().all()


async def to_follow_up(session: AsyncSession, status: str, before: datetime) -> Sequence[str]:
    """Tickets of one status whose follow-up moment lies before another."""
    query = select(Ticket.id).where(Ticket.status == status, Ticket.follow_up_at <= before)
    return (await session.execute(query)).scalars().all()


def searched(wanted: dict[str, Any]) -> Any:
    """The query for a supervisor's search: unit, status, text (in number, category or note), days."""
    query = select(Ticket)
    if wanted.get("unit"):
        query = query.where(Ticket.unit_id == wanted["unit"])
    if wanted.get("status"):
        query = query.where(Ticket.status.in_(wanted["status"]))
    if wanted.get("since"):
        query = query.where(Ticket.opened_at >= wanted["since"])
    if wanted.get("until"):
        query = query.where(Ticket.opened_at < wanted["until"])
    if wanted.get("at_risk"):
        query = query.where(or_(Ticket.response_alert > 0, Ticket.completion_alert > 0), Ticket.status.in_(OPEN))
    if text := wanted.get("q"):
        like = f"%{text.replace('%', '').replace('_', '')}%"
        query = query.where(or_(Ticket.number.like(like), Ticket.category.like(like), Ticket.note.like(like)))
    return query.order_by(Ticket.opened_at.desc(), Ticket.number.desc())


async def found(session: AsyncSession, wanted: dict[str, Any], limit: int) -> Sequence[Ticket]:
    """The newest tickets that a search finds."""
    rows: Sequence[Ticket] = (await session.execute(searched(wanted).limit(limit))).scalars().all()
    return rows


async def counts(session: AsyncSession, unit_id: str | None) -> Sequence[tuple[str, str, int, datetime | None]]:
    """Open tickets as (unit id, status, how many, oldest opened); of one unit, or of all."""
    query = select(Ticket.unit_id, Ticket.status, func.count(), func.min(Ticket.opened_at))
    query = query.where(Ticket.status.in_(OPEN)).group_by(Ticket.unit_id, Ticket.status)
    if unit_id:
        query = query.where(Ticket.unit_id == unit_id)
    return [(unit, status, count, oldest) for unit, status, count, oldest in (await session.execute(query)).all()]


async def conversation_of(session: AsyncSession, ticket: Ticket) -> Conversation:
    """The conversation that a ticket belongs to."""
    found = await session.get(Conversation, ticket.conversation_id)
    assert found is not None
    return found

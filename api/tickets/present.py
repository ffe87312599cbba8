"""A ticket in its public shape."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import messages
from api.conversations import repository as conversations
from api.conversations.models import Message
from api.routing.endpoints import PlaceOut, QueueOut, UnitOut
from api.seats import repository as seats
from api.seats.models import Seat
from api.tickets import repository
from api.tickets.life import DONE, first_altered
from api.tickets.models import Ticket
from api.tickets.schemas import EventOut, NoteOut, SeatRef, Story, StoryMessage, TicketOut

COLUMNS = (
    "id", "number", "status", "mode", "business", "language", "reason", "rule", "routing", "opened_at", "claimed_at",
    "first_response_at", "resolved_at", "conversation_id", "category", "note", "urgent", "confidential",
    "supervised_at", "merged_into", "reopened", "score", "contact_hint", "awaited_since", "response_due_at",
    "response_alert", "completion_due_at", "completion_alert", "extended", "follow_up_at",
)  # fmt: skip


async def present(session: AsyncSession, ticket: Ticket, seat: Seat | None = None, whole: bool = False) -> TicketOut:
    """A ticket for the console. The words of a confidential one go only to the seats who work on it (``seat``)."""
    holder = await seats.get(session, ticket.seat_id) if ticket.seat_id else None
    guests = await repository.guests(session, ticket.id)
    involved = seat is not None and seat.id in {ticket.seat_id, *(guest.id for guest in guests)}
    last = await conversations.last_message(session, ticket.conversation_id)
    return TicketOut(
        **{name: getattr(ticket, name) for name in COLUMNS},
        queue=QueueOut(id=ticket.queue_id, kind=ticket.queue_kind, language=ticket.language),
        unit=UnitOut(id=ticket.unit_id, name=ticket.unit_name),
        place=PlaceOut(**ticket.place) if ticket.place else None,
        position=await repository.position(session, ticket),
        seat=SeatRef(id=holder.id, name=holder.name) if holder else None,
        guests=[SeatRef(id=guest.id, name=guest.name) for guest in guests],
        partner=await repository.partner_in(session, ticket.id),
        last_message=messages.present(last) if last and (involved or not ticket.confidential) else None,
        **(dict(await _story(session, ticket)) if whole else {}),
    )


def _told(message: Message) -> StoryMessage:
    shown = messages.present(message).model_dump()
    return StoryMessage(**shown, understood=message.details.get("understood"))


async def _story(session: AsyncSession, ticket: Ticket) -> Story:
    """The conversation so far, the notes and the history, and whether the history is whole."""
    found = await conversations.after(session, ticket.conversation_id, 0)
    if ticket.resolved_at and ticket.status in DONE:  # what the visitor says afterwards is not part of this case
        found = [message for message in found if message.created_at <= ticket.resolved_at]
    lines = await repository.history(session, ticket.id)
    return Story(
        messages=[_told(message) for message in found],
        history=[EventOut(what=one.what, seat_id=one.seat_id, details=one.details, at=one.at) for one in lines],
        history_whole=first_altered(ticket, lines) is None,
        notes=[
            NoteOut(name=name, text=note.text, at=note.at)
            for note, name in await repository.notes(session, ticket.id)
        ],
    )

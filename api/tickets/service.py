"""What seats do with tickets: look, claim, answer, resolve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.bus import Bus
from api.clock import Clock
from api.conversations import messages, owner
from api.conversations import repository as conversations
from api.conversations.models import Conversation, Message
from api.conversations.schemas import MessageOut
from api.database import Database
from api.problems import Problem
from api.routing.endpoints import PlaceOut, QueueOut, UnitOut
from api.seats import repository as seats
from api.seats.models import Seat
from api.tickets import repository
from api.tickets.handoff import Handoff
from api.tickets.models import Ticket
from api.tickets.schemas import EventOut, Resolution, SeatMessage, SeatRef, TicketOut
from knowledge.language import LanguageState
from knowledge.text.mask import mask
from knowledge.texts import Texts

MOVES = {"waiting": {"active", "resolved"}, "active": {"resolved", "waiting"}, "resolved": set[str]()}


class TicketService:
    """Tickets of one gateway."""

    def __init__(self, database: Database, bus: Bus, clock: Clock, texts: Texts, handoff: Handoff) -> None:
        self._database, self._bus, self._clock, self._texts = database, bus, clock, texts
        self.handoff = handoff

    async def list(self, seat: Seat, statuses: Sequence[str], mine: bool, limit: int) -> list[TicketOut]:
        """The tickets of the seat's unit."""
        async with self._database.read() as session:
            found = await repository.of_unit(session, seat.unit_id, statuses, seat.id if mine else None, limit)
            return [await self._present(session, ticket) for ticket in found]

    async def get(self, seat: Seat, ticket_id: str) -> TicketOut:
        """One ticket with its story and history."""
        async with self._database.read() as session:
            ticket = self._theirs(seat, await repository.get(session, ticket_id))
            return await self._present(session, ticket, whole=True)

    async def claim(self, seat: Seat, ticket_id: str) -> TicketOut:
        """Take a waiting ticket. Of two seats at once one wins, and the other is told who."""
        async with self._database.write() as session:
            conversation, ticket = await self._locked(session, seat, ticket_id)
            if ticket.status == "active" and ticket.seat_id == seat.id:
                return await self._present(session, ticket, whole=True)
            if ticket.status != "waiting":
                holder = await seats.get(session, ticket.seat_id) if ticket.seat_id else None
                who = holder.name if holder else "somebody else"
                raise Problem(409, "ticket-taken", f"ticket {ticket.number} is {ticket.status}, held by {who}")
            if await repository.active_of(session, seat.id) >= seat.capacity:
                raise Problem(409, "at-capacity", f"you already serve {seat.capacity}: resolve one first")
            now = self._clock.now()
            _move(ticket, "active")
            ticket.seat_id, ticket.claimed_at = seat.id, now
            owner.move(conversation, "seat")
            repository.record(session, ticket, "claimed", now, seat_id=seat.id)
            self._announce(session, conversation, "seat_joined", seat=seat.name, unit=ticket.unit_name)
            await session.flush()
            result = await self._present(session, ticket, whole=True)
        await self._wake(conversation.id, ticket)
        await self._wake_line(ticket.unit_id)
        return result

    async def say(self, seat: Seat, ticket_id: str, new: SeatMessage) -> MessageOut:
        """A seat's message to the visitor."""
        async with self._database.write() as session:
            conversation, ticket = await self._locked(session, seat, ticket_id)
            self._held(seat, ticket)
            text = mask(new.text).text
            if new.client_id and (
                before := await conversations.by_client_id(session, conversation.id, new.client_id)
            ):
                if before.text != text:
                    raise Problem(409, "client-id-reused", "this client_id was used for another text")
                return messages.present(before)
            now = self._clock.now()
            message = messages.append(
                session,
                conversation,
                now,
                sender="seat",
                kind="text",
                text=text,
                language=LanguageState.from_dict(conversation.language).current,
                client_id=new.client_id,
            )
            if ticket.first_response_at is None:
                ticket.first_response_at = now
                repository.record(session, ticket, "answered", now, seat_id=seat.id)
        await self._wake(conversation.id, ticket)
        shown = messages.present(message)
        await self._show_unit(ticket, shown)
        return shown

    async def resolve(self, seat: Seat, ticket_id: str, how: Resolution) -> TicketOut:
        """Close the case and give the conversation back to the bot."""
        async with self._database.write() as session:
            conversation, ticket = await self._locked(session, seat, ticket_id)
            self._held(seat, ticket)
            now = self._clock.now()
            _move(ticket, "resolved")
            ticket.resolved_at, ticket.category, ticket.note = (
                now,
                how.category,
                how.note and mask(how.note).text,
            )
            owner.move(conversation, "bot")
            repository.record(session, ticket, "resolved", now, seat_id=seat.id, category=how.category)
            self._announce(session, conversation, "seat_resolved", number=ticket.number)
            await session.flush()
            result = await self._present(session, ticket, whole=True)
        await self._wake(conversation.id, ticket)
        return result

    async def typing(self, seat: Seat, ticket_id: str, on: bool) -> None:
        """Tell the visitor that somebody is writing."""
        async with self._database.read() as session:
            ticket = self._theirs(seat, await repository.get(session, ticket_id))
            self._held(seat, ticket)
        frame = {"type": "typing", "sender": "seat", "on": on}
        await self._bus.publish(f"conversation:{ticket.conversation_id}", frame)

    async def visitor_spoke(self, conversation_id: str, message: Message) -> None:
        """Pass a visitor's message on to the unit that has or will have the case."""
        async with self._database.read() as session:
            ticket = await repository.open_of(session, conversation_id)
        if ticket:
            await self._show_unit(ticket, messages.present(message))

    async def unit_of(self, conversation_id: str) -> str | None:
        """The unit that has, or will have, the conversation's case."""
        async with self._database.read() as session:
            ticket = await repository.open_of(session, conversation_id)
        return ticket.unit_id if ticket else None

    async def left(self, unit_id: str) -> None:
        """Tell a unit that a case went elsewhere: its line moves up."""
        await self._bus.publish(f"unit:{unit_id}", {"type": "wake"})
        await self._wake_line(unit_id)

    async def opened(self, conversation_id: str) -> None:
        """Show the unit its new or changed ticket."""
        async with self._database.read() as session:
            ticket = await repository.open_of(session, conversation_id)
        if ticket:
            await self._wake(conversation_id, ticket)

    async def present(self, ticket_id: str) -> TicketOut | None:
        """A ticket for the console's stream, without its messages."""
        async with self._database.read() as session:
            ticket = await repository.get(session, ticket_id)
            return await self._present(session, ticket) if ticket else None

    def _announce(self, session: AsyncSession, conversation: Conversation, key: str, **values: object) -> None:
        """A system message to the visitor, in their language."""
        state = LanguageState.from_dict(conversation.language)
        text = self._texts.get(key, state.current, state.script, **values)
        messages.append(
            session,
            conversation,
            self._clock.now(),
            sender="system",
            kind="notice",
            text=text,
            language=state.current,
        )

    async def _locked(self, session: AsyncSession, seat: Seat, ticket_id: str) -> tuple[Conversation, Ticket]:
        """Conversation first, then ticket: everybody locks in this order, so nobody waits in a circle."""
        seen = self._theirs(seat, await repository.get(session, ticket_id))
        conversation = await conversations.lock(session, seen.conversation_id)
        return conversation, self._theirs(seat, await repository.lock(session, ticket_id))

    @staticmethod
    def _theirs(seat: Seat, ticket: Ticket | None) -> Ticket:
        if ticket is None or ticket.unit_id != seat.unit_id:  # another unit's case is none of this seat's business
            raise Problem(404, "no-such-ticket", "there is no such ticket in your unit's queue")
        return ticket

    @staticmethod
    def _held(seat: Seat, ticket: Ticket) -> None:
        if ticket.status != "active" or ticket.seat_id != seat.id:
            raise Problem(409, "not-your-ticket", f"ticket {ticket.number} is {ticket.status}: claim it first")

    async def _show_unit(self, ticket: Ticket, message: MessageOut) -> None:
        frame = {"type": "message", "ticket_id": ticket.id, "message": message.model_dump(mode="json")}
        await self._bus.publish(f"unit:{ticket.unit_id}", frame)

    async def _wake(self, conversation_id: str, ticket: Ticket) -> None:
        await self._bus.publish(f"conversation:{conversation_id}", {"type": "wake"})
        await self._bus.publish(f"unit:{ticket.unit_id}", {"type": "ticket", "ticket_id": ticket.id})

    async def _wake_line(self, unit_id: str) -> None:
        """Everybody who still waits has moved up."""
        async with self._database.read() as session:
            line = await repository.waiting(session, unit_id)
        for ticket in line:
            await self._wake(ticket.conversation_id, ticket)

    async def _present(self, session: AsyncSession, ticket: Ticket, whole: bool = False) -> TicketOut:
        holder = await seats.get(session, ticket.seat_id) if ticket.seat_id else None
        last = await conversations.last_message(session, ticket.conversation_id)
        story: dict[str, Any] = {}
        if whole:
            found = await conversations.after(session, ticket.conversation_id, 0)
            if ticket.resolved_at:  # what the visitor says afterwards is not part of this case
                found = [message for message in found if message.created_at <= ticket.resolved_at]
            lines = await repository.history(session, ticket.id)
            story["messages"] = [messages.present(message) for message in found]
            story["history"] = [
                EventOut(what=line.what, seat_id=line.seat_id, details=line.details, at=line.at) for line in lines
            ]
        columns = {
            name: getattr(ticket, name)
            for name in (
                "id", "number", "status", "business", "language", "reason", "rule", "routing", "opened_at",
                "claimed_at", "first_response_at", "resolved_at", "conversation_id", "category", "note",
            )
        }  # fmt: skip
        return TicketOut(
            **columns,
            queue=QueueOut(id=ticket.queue_id, kind=ticket.queue_kind, language=ticket.language),
            unit=UnitOut(id=ticket.unit_id, name=ticket.unit_name),
            place=PlaceOut(**ticket.place) if ticket.place else None,
            position=await repository.position(session, ticket),
            seat=SeatRef(id=holder.id, name=holder.name) if holder else None,
            last_message=messages.present(last) if last else None,
            **story,
        )


def _move(ticket: Ticket, to: str) -> None:
    if to not in MOVES[ticket.status]:
        raise Problem(409, "not-allowed-now", f"ticket {ticket.number} is {ticket.status}: it cannot become {to}")
    ticket.status = to

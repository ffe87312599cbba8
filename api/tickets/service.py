"""What seats do with tickets: look, claim, answer, resolve."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.bus import Frame
from api.conversations import messages, owner
from api.conversations.models import Conversation, Message
from api.conversations.schemas import MessageOut
from api.problems import Problem
from api.seats import repository as seats
from api.seats.models import Seat
from api.tickets import life, repository
from api.tickets.desk import Desk, Speaker, said_before
from api.tickets.handoff import Handoff
from api.tickets.messages import LeftMessages
from api.tickets.models import Ticket
from api.tickets.present import present
from api.tickets.schemas import Resolution, SeatMessage, TicketOut
from api.tickets.sweep import FollowUps, asked_grades
from knowledge.text.mask import mask

ONE_LOOK = timedelta(minutes=10)
KEPT_FRAMES = 64


class TicketService:
    """Tickets of one gateway."""

    def __init__(self, desk: Desk, handoff: Handoff, left: LeftMessages, follow_ups: FollowUps) -> None:
        self._desk, self._database, self._bus, self._clock = desk, desk.database, desk.bus, desk.clock
        self._looks: dict[tuple[str, str], datetime] = {}
        self._shown: dict[tuple[str, str], asyncio.Future[TicketOut | None]] = {}
        self.handoff, self.left_messages, self.follow_ups = handoff, left, follow_ups

    async def list(self, seat: Seat, statuses: Sequence[str], mine: bool, limit: int) -> list[TicketOut]:
        """The tickets of the seat's unit, or those that the seat works on."""
        async with self._database.read() as session:
            found = await repository.of_unit(session, seat.unit_id, statuses, seat.id if mine else None, limit)
            return [await present(session, ticket, seat) for ticket in found]

    async def get(self, seat: Seat, ticket_id: str) -> TicketOut:
        """One ticket with its story. A look by somebody who does not work on it goes into the audit log.

        Raises:
            Problem: 403 for a confidential ticket that the seat neither works on nor supervises.
        """
        async with self._database.read() as session:
            ticket = await self._desk.visible(session, seat, await repository.get(session, ticket_id))
            shown = await present(session, ticket, seat, whole=True)
        if seat.id in {ticket.seat_id, *(guest.id for guest in shown.guests)}:
            return shown
        if ticket.confidential and "supervisor" not in seat.roles:
            raise Problem(403, "confidential", f"ticket {ticket.number} is confidential: claim it to read it")
        await self._looked(seat, ticket)
        return shown

    async def _looked(self, seat: Seat, ticket: Ticket) -> None:
        """Audit a look; an open page that reads again and again is one look for ``ONE_LOOK``."""
        now = self._clock.now()
        self._looks = {look: at for look, at in self._looks.items() if now - at < ONE_LOOK}
        if (seat.id, ticket.id) in self._looks:
            return
        self._looks[seat.id, ticket.id] = now
        async with self._database.write() as session:
            await self._desk.audited(session, seat, "conversation.read", ticket.conversation_id, ticket=ticket.number)

    async def claim(self, seat: Seat, ticket_id: str) -> TicketOut:
        """Take a waiting ticket. Of two seats at once one wins, and the other is told who."""
        async with self._database.write() as session:
            conversation, ticket = await self._desk.locked(session, seat, ticket_id)
            if ticket.status in life.HELD and ticket.seat_id == seat.id:
                return await present(session, ticket, seat, whole=True)
            if ticket.status != "waiting":
                holder = await seats.get(session, ticket.seat_id) if ticket.seat_id else None
                who = holder.name if holder else "somebody else"
                raise Problem(409, "ticket-taken", f"ticket {ticket.number} is {ticket.status}, held by {who}")
            await self._able(session, seat, ticket)
            self.take(session, conversation, ticket, seat)
            await session.flush()
            result = await present(session, ticket, seat, whole=True)
        await self._desk.wake(ticket)
        await self._desk.wake_line(ticket.unit_id)
        return result

    async def claim_next(self, seat: Seat) -> TicketOut | None:
        """Take the next ticket of the line that this seat can serve; None when there is none."""
        async with self._database.read() as session:
            line = [ticket for ticket in await repository.waiting(session, seat.unit_id) if speaks(seat, ticket)]
        for ticket in line:
            try:
                return await self.claim(seat, ticket.id)
            except Problem as problem:
                if problem.code != "ticket-taken":  # another seat was faster: the next one, then
                    raise
        return None

    def take(self, session: AsyncSession, conversation: Conversation, ticket: Ticket, seat: Seat) -> None:
        """Give a locked, waiting ticket to a seat; the visitor of a live one is told who joins."""
        now = self._clock.now()
        life.move(ticket, "claim")
        ticket.seat_id, ticket.claimed_at = seat.id, now
        life.record(session, ticket, "claimed", now, seat_id=seat.id)
        if ticket.mode == "live":
            owner.move(conversation, "seat")
            self._desk.announce(session, conversation, "seat_joined", seat=seat.name, unit=ticket.unit_name)

    async def _able(self, session: AsyncSession, seat: Seat, ticket: Ticket) -> None:
        if not speaks(seat, ticket):
            raise Problem(
                409, "language-needed", f"ticket {ticket.number} needs a seat that speaks {ticket.language}"
            )
        await seats.lock(session, seat.id)  # claims of one seat on several gateways are counted one after another
        if ticket.mode == "live" and await repository.live_of(session, seat.id) >= seat.capacity:
            raise Problem(409, "at-capacity", f"you already serve {seat.capacity}: resolve one first")

    async def say(self, seat: Seat, ticket_id: str, new: SeatMessage) -> MessageOut:
        """A seat's message to the visitor, by who holds the case or was invited to it."""
        async with self._database.write() as session:
            conversation, ticket = await self._desk.locked(session, seat, ticket_id)
            await self._desk.talking(session, seat, ticket)
            text = mask(new.text).text
            if new.client_id and (before := await said_before(session, conversation, new.client_id, text)):
                return messages.present(before)
            by = Speaker(seat.name, seat.id)
            message = self._desk.answer(session, conversation, ticket, by, text, new.client_id)
        return await self._desk.deliver(ticket, message)

    async def resolve(self, seat: Seat, ticket_id: str, how: Resolution) -> TicketOut:
        """Close the case and give the conversation back to the bot; the follow-up is set."""
        async with self._database.write() as session:
            conversation, ticket = await self._desk.locked(session, seat, ticket_id)
            self._desk.held(seat, ticket)
            now = self._clock.now()
            life.move(ticket, "resolve")
            ticket.resolved_at, ticket.category, ticket.note = now, how.category, how.note and mask(how.note).text
            self._desk.deadlines.stop(ticket)
            if ticket.mode != "order":  # a partner asks its own people
                ticket.follow_up_at = self._desk.deadlines.follow_up.due(now)
            life.record(session, ticket, "resolved", now, seat_id=seat.id, category=how.category)
            self._desk.to_bot(conversation)
            if ticket.mode != "order":
                grades = asked_grades(ticket)
                self._desk.announce(session, conversation, "seat_resolved", number=ticket.number, choices=grades)
            await session.flush()
            result = await present(session, ticket, seat, whole=True)
        await self._desk.wake(ticket)
        return result

    async def typing(self, seat: Seat, ticket_id: str, on: bool) -> None:
        """Tell the visitor that somebody is writing."""
        async with self._database.read() as session:
            ticket = await self._desk.visible(session, seat, await repository.get(session, ticket_id))
            await self._desk.talking(session, seat, ticket)
        frame = {"type": "typing", "sender": "seat", "on": on}
        await self._bus.publish(f"conversation:{ticket.conversation_id}", frame)

    async def asked(self, session: AsyncSession, conversation_id: str) -> bool:
        """The visitor spoke to the humans: where an answer was given, another one is owed from now on.

        Returns:
            Whether that changed the ticket.
        """
        ticket = await repository.open_of(session, conversation_id)
        if ticket is None or (ticket := await repository.lock(session, ticket.id)) is None:
            return False
        if ticket.status != "answered":
            return False
        life.move(ticket, "ask")
        self._desk.deadlines.owe(ticket, self._desk.hours(ticket), self._clock.now())
        return True

    async def visitor_spoke(self, conversation_id: str, message: Message) -> None:
        """Pass a visitor's message on to the seats that have or will have the case."""
        async with self._database.read() as session:
            ticket = await repository.open_of(session, conversation_id)
        if ticket:
            await self._desk.show(ticket, messages.present(message))

    async def place(self, session: AsyncSession, ticket: Ticket) -> dict[str, Any]:
        """A waiting ticket's place in the line, as the visitor sees it."""
        place = await repository.position(session, ticket)
        standing = await self._desk.queues.standing(session, self._desk.unit(ticket.unit_id))
        return {
            "ticket": ticket.id,
            "number": ticket.number,
            "position": place,
            "unit": ticket.unit_name,
            "expected_minutes": standing.expected_minutes(place) if place else None,
        }

    async def unit_of(self, conversation_id: str) -> str | None:
        """The unit that has, or will have, the conversation's case."""
        async with self._database.read() as session:
            ticket = await repository.open_of(session, conversation_id)
        return ticket.unit_id if ticket else None

    async def left(self, unit_id: str) -> None:
        """Tell a unit that a case went elsewhere: its line moves up."""
        await self._bus.publish(f"unit:{unit_id}", {"type": "wake"})
        await self._desk.wake_line(unit_id)

    async def changed(self, ticket_id: str) -> None:
        """Show a ticket's seats and visitor what changed."""
        async with self._database.read() as session:
            ticket = await repository.get(session, ticket_id)
        if ticket:
            await self._desk.wake(ticket)

    async def opened(self, conversation_id: str) -> None:
        """Show the unit its new or changed ticket."""
        async with self._database.read() as session:
            ticket = await repository.open_of(session, conversation_id)
        if ticket:
            await self._desk.wake(ticket)

    async def shown(self, frame: Frame, seat: Seat) -> TicketOut | None:
        """What a frame of the bus is about, for a console's stream: read once for all consoles that got the frame.

        Only the words of a confidential ticket differ by who looks.
        """
        key = (frame["ticket_id"], frame["stamp"])
        if key not in self._shown:
            self._shown[key] = asyncio.ensure_future(self.present(frame["ticket_id"]))
            while len(self._shown) > KEPT_FRAMES:
                self._shown.pop(next(iter(self._shown)))
        ticket = await asyncio.shield(self._shown[key])
        return await self.present(ticket.id, seat) if ticket and ticket.confidential else ticket

    async def present(self, ticket_id: str, seat: Seat | None = None) -> TicketOut | None:
        """A ticket for the console's stream, without its messages."""
        async with self._database.read() as session:
            ticket = await repository.get(session, ticket_id)
            return await present(session, ticket, seat) if ticket else None


def speaks(seat: Seat, ticket: Ticket) -> bool:
    """Whether the seat can answer the ticket: on the mainland a Cantonese speaker may be served in Mandarin."""
    served_in = "zh" if ticket.language == "yue" and ticket.queue_kind != "service_centre" else ticket.language
    return served_in in seat.languages or ticket.language in seat.languages

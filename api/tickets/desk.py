"""What everything done to a ticket has in common: who may, the locks, the words to the visitor, and who is woken."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.bus import Bus, Frame
from api.calendar import Hours
from api.clock import Clock
from api.conversations import messages, owner
from api.conversations import repository as conversations
from api.conversations.models import Conversation, Message
from api.conversations.schemas import MessageOut
from api.database import Database
from api.problems import Problem
from api.routing.geography import SERVICE_CENTRE, Unit
from api.routing.service import RoutingService
from api.seats.models import Seat
from api.settings import Settings
from api.tickets import life, repository
from api.tickets.deadlines import Deadlines
from api.tickets.models import Ticket
from api.tickets.queues import Queues
from knowledge.language import LanguageState
from knowledge.texts import Texts

TOLD_AT_ONCE = 20
"""How much of a line hears at once that it moved: telling all would make a claim as costly as the line is long."""


@dataclass(frozen=True)
class Speaker:
    """Who answers the visitor: a seat, or a person of a partner, who goes by the partner's name."""

    name: str
    seat_id: str | None = None


@dataclass(frozen=True)
class Desk:
    """The parts that ticket work needs, and its common steps."""

    settings: Settings
    database: Database
    bus: Bus
    clock: Clock
    texts: Texts
    routing: RoutingService
    queues: Queues
    deadlines: Deadlines

    def hours(self, ticket: Ticket) -> Hours:
        """When the ticket's unit answers."""
        return self.routing.rules.hours_of(self.unit(ticket.unit_id))

    def unit(self, unit_id: str) -> Unit:
        """A unit.

        Raises:
            Problem: 422 when there is none with this id.
        """
        unit = self.routing.geography.unit(unit_id)
        if unit is None:
            raise Problem(422, "unknown-unit", f"there is no unit {unit_id!r}; for example masc", field="unit")
        return unit

    async def visible(self, session: AsyncSession, seat: Seat, ticket: Ticket | None) -> Ticket:
        """The ticket, if it is this seat's business: of its unit, invited to, or supervised by the service centre.

        Raises:
            Problem: 404 otherwise: another unit's case is none of this seat's business.
        """
        if ticket is not None and (ticket.unit_id == seat.unit_id or _leads_everywhere(seat)):
            return ticket
        if ticket is not None and any(guest.id == seat.id for guest in await repository.guests(session, ticket.id)):
            return ticket
        raise Problem(404, "no-such-ticket", "there is no such ticket in your unit's queue")

    async def locked(self, session: AsyncSession, seat: Seat, ticket_id: str) -> tuple[Conversation, Ticket]:
        """Conversation first, then ticket: everybody locks in this order, so nobody waits in a circle."""
        seen = await self.visible(session, seat, await repository.get(session, ticket_id))
        conversation = await conversations.lock(session, seen.conversation_id)
        return conversation, await self.visible(session, seat, await repository.lock(session, ticket_id))

    async def talking(self, session: AsyncSession, seat: Seat, ticket: Ticket) -> None:
        """Check that the seat holds the case or was invited to it.

        Raises:
            Problem: 409 when it does neither.
        """
        if ticket.status in life.HELD and ticket.seat_id != seat.id:
            invited = await repository.guests(session, ticket.id)
            if any(guest.id == seat.id for guest in invited):
                return
        self.held(seat, ticket)

    @staticmethod
    def held(seat: Seat, ticket: Ticket) -> None:
        """Check that the seat holds the case.

        Raises:
            Problem: 409 when it does not.
        """
        if ticket.status not in life.HELD or ticket.seat_id != seat.id:
            raise Problem(409, "not-your-ticket", f"ticket {ticket.number} is {ticket.status}: claim it first")

    def in_charge(self, seat: Seat, ticket: Ticket) -> None:
        """Check that the seat holds the case or leads the unit.

        Raises:
            Problem: 409 when it does neither.
        """
        if "supervisor" not in seat.roles:
            self.held(seat, ticket)

    async def audited(self, session: AsyncSession, seat: Seat, action: str, subject: str, **details: object) -> None:
        """Write who did it into the audit log, in the caller's unit of work."""
        await audit.record(session, self.clock.now(), seat.username, action, subject, **details)

    def announce(self, session: AsyncSession, conversation: Conversation, key: str, **values: object) -> Message:
        """A system message to the visitor, in their language; ``choices`` maps labels' keys to payloads."""
        choices = cast("dict[str, str]", values.pop("choices", {}))
        state = LanguageState.from_dict(conversation.language)
        say = self.texts.get
        listed = [
            {"label": say(label, state.current, state.script, **values), "payload": payload}
            for label, payload in choices.items()
        ]
        return messages.append(
            session,
            conversation,
            self.clock.now(),
            sender="system",
            kind="notice",
            text=say(key, state.current, state.script, **values),
            language=state.current,
            details={"choices": listed},
        )

    def answer(
        self,
        session: AsyncSession,
        conversation: Conversation,
        ticket: Ticket,
        by: Speaker,
        text: str,
        client_id: str | None,
    ) -> Message:
        """A person's words to the visitor, masked before: what was owed is answered.

        Raises:
            Problem: 409 when nobody holds the case.
        """
        now, state = self.clock.now(), LanguageState.from_dict(conversation.language)
        partner = {} if by.seat_id else {"partner": by.name}
        choices = []
        if ticket.mode == "message":  # the bot has the talk: a press on this brings the seat back into it
            label = self.texts.get("answer_reply", state.current, state.script)
            choices = [{"label": label, "payload": "/handoff"}]
        message = messages.append(
            session,
            conversation,
            now,
            sender="seat",
            kind="text",
            text=text,
            language=state.current,
            details={"seat": by.name, **partner, "choices": choices},
            client_id=client_id,
        )
        if ticket.first_response_at is None:
            ticket.first_response_at = now
        if ticket.status == "active":
            life.record(session, ticket, "answered", now, seat_id=by.seat_id, **partner)
        life.move(ticket, "answer")
        self.deadlines.answered(ticket)
        return message

    async def deliver(self, ticket: Ticket, message: Message) -> MessageOut:
        """Bring an answer to the visitor and to everybody at work on the case."""
        await self.wake(ticket)
        shown = messages.present(message)
        await self.show(ticket, shown)
        return shown

    @staticmethod
    def to_bot(conversation: Conversation) -> None:
        """No human has, or will have, the talk any more."""
        if conversation.owner in ("queue", "seat"):
            owner.move(conversation, "bot")

    async def show(self, ticket: Ticket, message: MessageOut) -> None:
        """A message to everybody at work on the case."""
        frame = {"type": "message", "ticket_id": ticket.id, "message": message.model_dump(mode="json")}
        await self.to_seats(ticket, frame)

    async def to_seats(self, ticket: Ticket, frame: Frame) -> None:
        """A frame to the ticket's unit and to the seats invited from others."""
        await self.bus.publish(f"unit:{ticket.unit_id}", frame)
        async with self.database.read() as session:
            guests = await repository.guests(session, ticket.id)
        for guest in guests:
            if guest.unit_id != ticket.unit_id:
                await self.bus.publish(f"seat:{guest.id}", frame)

    async def wake(self, ticket: Ticket, *units: str) -> None:
        """Visitor, unit and guests look again; ``units`` are others whose lists change, such as the one before."""
        await self.bus.publish(f"conversation:{ticket.conversation_id}", {"type": "wake"})
        await self.to_seats(ticket, {"type": "ticket", "ticket_id": ticket.id, "stamp": token_hex(8)})
        for unit in units:
            if unit != ticket.unit_id:
                await self.bus.publish(f"unit:{unit}", {"type": "wake"})

    async def wake_line(self, unit_id: str) -> None:
        """Everybody who still waits has moved up: the first are told at once, the others when they look again.

        Consoles number the line themselves.
        """
        async with self.database.read() as session:
            first = await repository.first_waiting(session, unit_id, TOLD_AT_ONCE)
        for conversation_id in first:
            await self.bus.publish(f"conversation:{conversation_id}", {"type": "wake"})


async def said_before(session: AsyncSession, conversation: Conversation, client_id: str, text: str) -> Message | None:
    """The message that was sent under this id before.

    Raises:
        Problem: 409 when it was another one.
    """
    before = await conversations.by_client_id(session, conversation.id, client_id)
    if before and before.text != text:
        raise Problem(409, "client-id-reused", "this client_id was used for another text")
    return before


def _leads_everywhere(seat: Seat) -> bool:
    """The service centre is the line's headquarters: its supervisors oversee every unit."""
    return "supervisor" in seat.roles and seat.unit_id == SERVICE_CENTRE

"""Work orders in and out: each is taken once however often it is sent, and lives on as a ticket."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import messages
from api.conversations import repository as conversations
from api.conversations.models import Conversation
from api.orders import repository
from api.orders.models import WorkOrder
from api.orders.schemas import MoreText, NewOrder, OrderOut, Progress, ToPartner
from api.problems import Problem
from api.routing.endpoints import UnitOut
from api.routing.resolve import Inquiry
from api.seats.models import Seat
from api.security import new_token, token_hash
from api.settings import Settings
from api.tickets import life
from api.tickets import repository as tickets
from api.tickets.contacts import Contacts
from api.tickets.desk import Desk
from api.tickets.handoff import Handoff
from api.tickets.models import Ticket
from api.tickets.present import present
from api.tickets.schemas import TicketOut
from knowledge.language import LanguageState
from knowledge.text.mask import mask


class OrderService:
    """Work orders of one gateway."""

    def __init__(self, desk: Desk, handoff: Handoff, contacts: Contacts) -> None:
        self._desk, self._handoff, self._contacts = desk, handoff, contacts

    async def take(self, partner: str, new: NewOrder) -> tuple[OrderOut, bool]:
        """Take an order in; the same one again, even at the same time, is answered with how far it is.

        Returns:
            The order, and whether it is new.

        Raises:
            Problem: 409 when the number was used for another text.
        """
        try:
            async with self._desk.database.write() as session:
                known = await repository.by_number(session, partner, "in", new.order_no)
                ticket = None if known else await self._accept(session, partner, new)
        except IntegrityError:  # the same order on another gateway was faster
            ticket = None
        if ticket:
            await self._desk.wake(ticket)
        return await self.read(partner, new.order_no, _digest(new)), ticket is not None

    async def _accept(self, session: AsyncSession, partner: str, new: NewOrder) -> Ticket:
        now = self._desk.clock.now()
        conversation = Conversation(
            id=str(uuid4()),
            token_hash=token_hash(new_token()),
            channel="partner",
            owner="bot",
            language=LanguageState(current=new.language).to_dict(),
            origin=new.origin,
            region=new.region,
            memory={},
            last_seq=0,
            created_at=now,
            updated_at=now,
        )
        session.add(conversation)
        await session.flush()
        text = mask(f"{new.title}\n{new.text}").text
        messages.append(session, conversation, now, sender="user", kind="text", text=text, language=new.language)
        known = new.model_dump(include={"language", "business", "origin", "place", "region", "urgent"})
        ticket = await self._handoff.open_order(session, conversation, Inquiry(line="phone", **known), partner)
        if new.contact:
            ticket.contact, ticket.contact_hint = self._contacts.sealed(new.contact)
        keep(session, now, partner, new.order_no, "in", ticket, _digest(new))
        await session.flush()
        return ticket

    async def read(self, partner: str, order_no: str, digest: str | None = None) -> OrderOut:
        """How far an order is.

        Raises:
            Problem: 404 for no such order; 409 when ``digest`` is given and is not the order's.
        """
        async with self._desk.database.read() as session:
            order, ticket = await found(session, partner, "in", order_no)
            if digest not in (None, order.body_hash):
                raise Problem(409, "order-no-reused", f"order {order_no!r} was sent before with another content")
            return await shown(session, order, ticket)

    async def add(self, partner: str, order_no: str, more: MoreText) -> OrderOut:
        """Add words to an open order: an answer is owed to them; the same addition again changes nothing."""
        async with self._desk.database.write() as session:
            order, conversation, ticket = await locked(session, partner, "in", order_no)
            key, text = f"addition:{more.id}"[:64], mask(more.text).text
            if await conversations.by_client_id(session, conversation.id, key) is None:
                if ticket.status not in life.OPEN:
                    raise Problem(409, "not-allowed-now", f"order {order.order_no} is {ticket.status}")
                now = self._desk.clock.now()
                said = {"sender": "user", "kind": "text", "language": ticket.language, "client_id": key}
                messages.append(session, conversation, now, text=text, **said)  # type: ignore[arg-type]
                life.move(ticket, "ask")
                self._desk.deadlines.owe(ticket, self._desk.hours(ticket), now)
        await self._desk.wake(ticket)
        return await self.read(partner, order_no)

    async def hand_over(self, seat: Seat, ticket_id: str, to: ToPartner) -> TicketOut:
        """Transfer a case to a partner; the visitor is told, and told again what comes of it."""
        check_address(self._desk.settings, to.partner)
        async with self._desk.database.write() as session:
            conversation, ticket = await self._desk.locked(session, seat, ticket_id)
            self._desk.in_charge(seat, ticket)
            if ticket.mode == "order":
                raise Problem(409, "order-stays", "a partner's order goes back with its reason: return it")
            again = await repository.by_number(session, to.partner, "out", ticket.number)
            if again:
                raise Problem(409, "handed-over-before", f"{to.partner} had this case before")
            life.move(ticket, "hand_over")
            self._desk.deadlines.answered(ticket)  # the partner owes the answer now
            now, reason = self._desk.clock.now(), mask(to.reason).text
            life.record(session, ticket, "handed_over", now, seat_id=seat.id, partner=to.partner, reason=reason)
            keep(session, now, to.partner, ticket.number, "out", ticket)
            self._desk.to_bot(conversation)
            values = {"number": ticket.number, "partner": to.partner}
            self._desk.announce(session, conversation, "ticket_handed_over", **values)
            await session.flush()
            result = await present(session, ticket, seat, whole=True)
        await self._desk.wake(ticket)
        return result

    async def progress(self, partner: str, order_no: str, news: Progress) -> None:
        """What a partner tells of a case that we handed over. Events count from 1: known ones change nothing.

        Raises:
            Problem: 409 for one that comes before its turn: the partner sends it again after the missing one.
        """
        async with self._desk.database.write() as session:
            order, conversation, ticket = await locked(session, partner, "out", order_no)
            if news.seq <= order.heard:
                return
            if news.seq != order.heard + 1:
                raise Problem(409, "out-of-turn", f"event {order.heard + 1} is missing: send it first")
            order.heard = news.seq
            await self._hear(session, conversation, ticket, partner, news)
        await self._desk.wake(ticket)

    async def _hear(
        self, session: AsyncSession, conversation: Conversation, ticket: Ticket, partner: str, news: Progress
    ) -> None:
        now, text = self._desk.clock.now(), mask(news.text or "").text
        life.record(session, ticket, "partner_told", now, partner=partner, event=news.event, text=text)
        if text and news.event in ("answered", "resolved"):
            self._desk.announce(session, conversation, "partner_answered", partner=partner, text=text)
        if ticket.status != "away":
            return
        if news.event == "resolved":
            life.move(ticket, "settle_away")
            ticket.resolved_at, ticket.follow_up_at = now, self._desk.deadlines.follow_up.due(now)
            self._desk.deadlines.stop(ticket)
        elif news.event == "returned":
            life.move(ticket, "come_back")
            ticket.mode, ticket.seat_id, ticket.claimed_at = "message", None, None
            self._desk.deadlines.owe(ticket, self._desk.hours(ticket), now)
            self._desk.announce(session, conversation, "ticket_reopened", number=ticket.number, unit=ticket.unit_name)


def check_address(settings: Settings, partner: str) -> None:
    """Check that a partner can be told anything.

    Raises:
        Problem: 422 when there is no such partner, or no address of it.
    """
    if partner not in settings.partner_urls:
        raise Problem(422, "unknown-partner", "there is no such partner with an address", field="partner")


def keep(
    session: AsyncSession,
    now: datetime,
    partner: str,
    order_no: str,
    direction: str,
    ticket: Ticket,
    digest: str = "",
    told: int = 0,
) -> None:
    """Add an order; where the partner has something to be told, that is due at once."""
    order = WorkOrder(
        id=str(uuid4()),
        partner=partner,
        order_no=order_no,
        direction=direction,
        ticket_id=ticket.id,
        body_hash=digest,
        told=told,
        due_at=now,
        created_at=now,
    )
    session.add(order)


async def found(session: AsyncSession, partner: str, direction: str, order_no: str) -> tuple[WorkOrder, Ticket]:
    """A partner's order and its ticket.

    Raises:
        Problem: 404 for no such order of this partner.
    """
    order = await repository.by_number(session, partner, direction, order_no)
    ticket = await tickets.get(session, order.ticket_id) if order else None
    if order is None or ticket is None:
        name = "talk" if direction == "talk" else "order"
        raise Problem(404, f"no-such-{name}", f"there is no {name} {order_no!r} of yours")
    return order, ticket


async def locked(
    session: AsyncSession, partner: str, direction: str, order_no: str
) -> tuple[WorkOrder, Conversation, Ticket]:
    """The same for work on it, with the conversation.

    Raises:
        Problem: 404 for no such order of this partner.
    """
    order, seen = await found(session, partner, direction, order_no)
    conversation = await conversations.lock(session, seen.conversation_id)
    ticket = await tickets.lock(session, seen.id)
    assert ticket is not None
    return order, conversation, ticket


async def shown(session: AsyncSession, order: WorkOrder, ticket: Ticket) -> OrderOut:
    """An order in the public shape."""
    said = await conversations.after(session, ticket.conversation_id, 0)
    lines = await tickets.history(session, ticket.id)
    return OrderOut(
        order_no=order.order_no,
        ticket=ticket.number,
        status=ticket.status,
        unit=UnitOut(id=ticket.unit_id, name=ticket.unit_name),
        complete_by=ticket.completion_due_at,
        answers=[message.text for message in said if message.sender == "seat"],
        category=ticket.category,
        return_reason=next((str(line.details["reason"]) for line in reversed(lines) if line.what == "refused"), None),
    )


def _digest(body: BaseModel) -> str:
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()

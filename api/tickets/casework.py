"""What else happens to a case: 改派, 退单, merge, reopen, back to the bot, three-way talk, notes, and 督办."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import owner
from api.conversations.models import Conversation
from api.problems import Problem
from api.routing.geography import SERVICE_CENTRE, Unit
from api.seats import repository as seats
from api.seats.models import Seat
from api.tickets import life, repository
from api.tickets.contacts import Contacts
from api.tickets.desk import Desk
from api.tickets.models import Ticket, TicketGuest, TicketNote
from api.tickets.present import present
from api.tickets.schemas import Assignment, Extension, Flag, Merge, TicketOut, Transfer
from knowledge.language import LanguageState
from knowledge.text.mask import mask


class _Case:
    """One unit of work on one locked case."""

    def __init__(self, session: AsyncSession, conversation: Conversation, ticket: Ticket) -> None:
        self.session, self.conversation, self.ticket = session, conversation, ticket
        self.unit_before, self.status_before = ticket.unit_id, ticket.status
        self.shown: TicketOut | None = None


class Casework:
    """Case work of one gateway. Every method returns the case as it is afterwards."""

    def __init__(self, desk: Desk, contacts: Contacts) -> None:
        self._desk, self._contacts, self._clock = desk, contacts, desk.clock

    @asynccontextmanager
    async def _case(self, seat: Seat, ticket_id: str) -> AsyncIterator[_Case]:
        """Lock a case, let the block work on it, and wake whoever it concerns."""
        async with self._desk.database.write() as session:
            case = _Case(session, *await self._desk.locked(session, seat, ticket_id))
            yield case
            await session.flush()
            case.shown = await present(session, case.ticket, seat, whole=True)
        await self._desk.wake(case.ticket, case.unit_before)
        before, after = (case.unit_before, case.status_before), (case.ticket.unit_id, case.ticket.status)
        for unit in {unit for unit, status in (before, after) if status == "waiting" and before != after}:
            await self._desk.wake_line(unit)

    async def transfer(self, seat: Seat, ticket_id: str, to: Transfer) -> TicketOut:
        """改派: to another unit, whose hours and limits hold from now on; the visitor is told."""
        unit = self._desk.unit(to.unit)
        async with self._case(seat, ticket_id) as case:
            self._desk.in_charge(seat, case.ticket)
            if unit.id == case.ticket.unit_id:
                raise Problem(422, "same-unit", "it is with this unit already; release it to give it to others")
            if to.note:
                self._note(case, seat, to.note)
            await self._dispatch(case, unit, "transfer", "transferred", seat, to.reason)
        assert case.shown
        return case.shown

    async def give_back(self, seat: Seat, ticket_id: str, reason: str) -> TicketOut:
        """退单: wrongly dispatched; back to who dispatched it, which is the service centre, or the partner."""
        async with self._case(seat, ticket_id) as case:
            ticket = case.ticket
            if ticket.status != "waiting":
                self._desk.in_charge(seat, ticket)
            if ticket.mode == "order":
                life.move(ticket, "refuse")
                self._desk.deadlines.stop(ticket)
                ticket.resolved_at = self._clock.now()
                life.record(case.session, ticket, "refused", self._clock.now(), seat_id=seat.id, reason=_said(reason))
            elif ticket.unit_id == SERVICE_CENTRE:
                raise Problem(
                    409, "nowhere-to-return", "the service centre dispatches: transfer it to the right unit"
                )
            else:
                await self._dispatch(case, self._desk.unit(SERVICE_CENTRE), "return", "returned", seat, reason)
        assert case.shown
        return case.shown

    async def release(self, seat: Seat, ticket_id: str, reason: str) -> TicketOut:
        """Back into the unit's own queue, to its old place."""
        async with self._case(seat, ticket_id) as case:
            self._desk.in_charge(seat, case.ticket)
            self.back_to_queue(case.session, case.conversation, case.ticket, reason=_said(reason), seat_id=seat.id)
        assert case.shown
        return case.shown

    def back_to_queue(
        self, session: AsyncSession, conversation: Conversation, ticket: Ticket, *, reason: str, seat_id: str | None
    ) -> None:
        """Give a locked, held case back to its queue; the visitor of a live one is told and keeps the place."""
        life.move(ticket, "release")
        life.record(
            session, ticket, "released", self._clock.now(), seat_id=seat_id, reason=reason, held_by=ticket.seat_id
        )
        ticket.seat_id = ticket.claimed_at = None
        if conversation.owner == "seat":
            owner.move(conversation, "queue")
            self._desk.announce(session, conversation, "seat_left", unit=ticket.unit_name, number=ticket.number)

    async def assign(self, seat: Seat, ticket_id: str, to: Assignment) -> TicketOut:
        """A supervisor gives a case of the unit to one of its seats."""
        async with self._case(seat, ticket_id) as case:
            chosen = await seats.get(case.session, to.seat)
            if chosen is None or chosen.disabled or chosen.unit_id != case.ticket.unit_id:
                raise Problem(422, "unknown-seat", "there is no such seat in the ticket's unit", field="seat")
            life.move(case.ticket, "assign")
            now = self._clock.now()
            case.ticket.seat_id, case.ticket.claimed_at = chosen.id, now
            if case.conversation.owner == "queue" and case.ticket.mode == "live":
                owner.move(case.conversation, "seat")
            if case.conversation.owner == "seat":
                names = {"seat": chosen.name, "unit": case.ticket.unit_name}
                self._desk.announce(case.session, case.conversation, "seat_joined", **names)
            if case.ticket.awaited_since is None:
                self._desk.deadlines.owe(case.ticket, self._desk.hours(case.ticket), now)
            life.record(
                case.session, case.ticket, "assigned", now, seat_id=seat.id, to=chosen.id, reason=_said(to.reason)
            )
        assert case.shown
        return case.shown

    async def merge(self, seat: Seat, ticket_id: str, with_: Merge) -> TicketOut:
        """A duplicate ends in another case of the unit; its visitor is told the number that goes on."""
        async with self._case(seat, ticket_id) as case:
            session, ticket = case.session, case.ticket
            other = await repository.by_number(session, with_.into) or await repository.get(session, with_.into)
            if (
                other is None
                or other.id == ticket.id
                or other.unit_id != ticket.unit_id
                or other.status not in life.OPEN
            ):
                detail = "there is no other open ticket of this number in the unit"
                raise Problem(422, "cannot-merge", detail, field="into")
            if ticket.mode == "order":
                raise Problem(409, "order-stays", "a partner's order is answered for itself: merge the other into it")
            now = self._clock.now()
            life.move(ticket, "merge")
            ticket.merged_into, ticket.resolved_at = other.id, now
            self._desk.deadlines.stop(ticket)
            if ticket.conversation_id != other.conversation_id:
                self._desk.to_bot(case.conversation)
            self._desk.announce(session, case.conversation, "ticket_merged", number=ticket.number, into=other.number)
            reason = _said(with_.reason)
            life.record(session, ticket, "merged", now, seat_id=seat.id, into=other.number, reason=reason)
            if other := await repository.lock(session, other.id):
                life.record(session, other, "duplicate", now, seat_id=seat.id, of=ticket.number, reason=reason)
        assert case.shown
        return case.shown

    async def reopen(self, seat: Seat, ticket_id: str, reason: str) -> TicketOut:
        """A done case is taken up again."""
        async with self._case(seat, ticket_id) as case:
            self.take_up(case.session, case.conversation, case.ticket, reason=_said(reason), seat_id=seat.id)
        assert case.shown
        return case.shown

    def take_up(
        self, session: AsyncSession, conversation: Conversation, ticket: Ticket, *, reason: str, seat_id: str | None
    ) -> None:
        """Reopen a locked case. Nobody sits waiting now, so the answer will come as to a message left behind."""
        life.move(ticket, "reopen")
        now = self._clock.now()
        life.record(session, ticket, "reopened", now, seat_id=seat_id, reason=reason)
        if ticket.mode == "live":
            ticket.mode = "message"
        ticket.reopened += 1
        ticket.seat_id = ticket.claimed_at = ticket.resolved_at = ticket.follow_up_at = None
        self._desk.deadlines.start(ticket, self._desk.hours(ticket), now)
        if ticket.mode != "order":
            self._desk.announce(session, conversation, "ticket_reopened", number=ticket.number, unit=ticket.unit_name)

    async def to_bot(self, seat: Seat, ticket_id: str, reason: str) -> TicketOut:
        """Give the talk back to the bot: no human was needed."""
        async with self._case(seat, ticket_id) as case:
            self._desk.held(seat, case.ticket)
            if case.ticket.mode == "order":
                raise Problem(409, "not-a-chat", "a partner's order has no visitor in a chat: resolve or return it")
            now = self._clock.now()
            life.move(case.ticket, "to_bot")
            case.ticket.resolved_at = now
            self._desk.deadlines.stop(case.ticket)
            self._desk.to_bot(case.conversation)
            life.record(case.session, case.ticket, "to_bot", now, seat_id=seat.id, reason=_said(reason))
            self._desk.announce(case.session, case.conversation, "back_to_bot", number=case.ticket.number)
        assert case.shown
        return case.shown

    async def confidential(self, seat: Seat, ticket_id: str, how: Flag) -> TicketOut:
        """Set or lift the flag: only who works on a confidential case, or supervises it, reads it."""
        async with self._case(seat, ticket_id) as case:
            self._desk.in_charge(seat, case.ticket)
            case.ticket.confidential = how.on
            what = "confidential" if how.on else "not_confidential"
            life.record(case.session, case.ticket, what, self._clock.now(), seat_id=seat.id, reason=_said(how.reason))
        assert case.shown
        return case.shown

    async def supervise(self, seat: Seat, ticket_id: str, reason: str) -> TicketOut:
        """督办: mark the case, with what is asked of the unit."""
        async with self._case(seat, ticket_id) as case:
            if case.ticket.status not in life.OPEN:
                raise Problem(409, "not-allowed-now", f"ticket {case.ticket.number} is {case.ticket.status}")
            now = self._clock.now()
            case.ticket.supervised_at = now
            life.record(case.session, case.ticket, "supervised", now, seat_id=seat.id, reason=_said(reason))
            await self._desk.audited(case.session, seat, "ticket.supervise", case.ticket.number)
        assert case.shown
        return case.shown

    async def extend(self, seat: Seat, ticket_id: str, by: Extension) -> TicketOut:
        """Give a case more working days, once."""
        most = self._desk.deadlines.extension_days
        async with self._case(seat, ticket_id) as case:
            ticket, hours = case.ticket, self._desk.hours(case.ticket)
            if by.days > most:
                raise Problem(422, "too-long", f"at most {most} working days", field="days")
            if ticket.extended or ticket.completion_due_at is None:
                raise Problem(409, "not-allowed-now", "extended before, or no completion is due")
            ticket.extended, ticket.completion_alert = True, 0
            base = ticket.completion_due_at
            ticket.completion_warn_at = hours.add_days(base, max(by.days - 1, 0)) if by.days > 1 else base
            ticket.completion_due_at = hours.add_days(base, by.days)
            details = {"days": by.days, "reason": _said(by.reason)}
            life.record(case.session, ticket, "extended", self._clock.now(), seat_id=seat.id, **details)
        assert case.shown
        return case.shown

    async def note(self, seat: Seat, ticket_id: str, text: str) -> TicketOut:
        """A private note."""
        async with self._case(seat, ticket_id) as case:
            self._note(case, seat, text)
        assert case.shown
        return case.shown

    async def invite(self, seat: Seat, ticket_id: str, guest_id: str) -> TicketOut:
        """A second seat, of any unit, joins the talk; the visitor is told who."""
        async with self._case(seat, ticket_id) as case:
            self._desk.held(seat, case.ticket)
            guest = await seats.get(case.session, guest_id)
            if guest is None or guest.disabled or guest.id == seat.id or "seat" not in guest.roles:
                raise Problem(422, "unknown-seat", "there is no such other seat", field="seat")
            if any(one.id == guest.id for one in await repository.guests(case.session, case.ticket.id)):
                raise Problem(409, "already-there", f"{guest.name} is in this talk")
            now = self._clock.now()
            case.session.add(TicketGuest(ticket_id=case.ticket.id, seat_id=guest.id, at=now))
            life.record(case.session, case.ticket, "invited", now, seat_id=seat.id, guest=guest.id)
            unit = self._desk.unit(guest.unit_id)
            state = LanguageState.from_dict(case.conversation.language)
            self._desk.announce(
                case.session, case.conversation, "seat_invited", seat=guest.name, unit=unit.name(state.current)
            )
        assert case.shown
        return case.shown

    async def leave(self, seat: Seat, ticket_id: str) -> TicketOut:
        """An invited seat leaves the talk."""
        async with self._case(seat, ticket_id) as case:
            guest = await case.session.get(TicketGuest, (case.ticket.id, seat.id))
            if guest is None:
                raise Problem(409, "not-there", "you were not invited to this talk")
            await case.session.delete(guest)
            life.record(case.session, case.ticket, "guest_left", self._clock.now(), seat_id=seat.id)
            self._desk.announce(case.session, case.conversation, "guest_left", seat=seat.name)
        await self._desk.bus.publish(f"seat:{seat.id}", {"type": "wake"})
        assert case.shown
        return case.shown

    async def contact(self, seat: Seat, ticket_id: str, reason: str) -> str:
        """The way to reach the visitor, in clear; who read it and why stands in the audit log."""
        async with self._desk.database.write() as session:
            _, ticket = await self._desk.locked(session, seat, ticket_id)
            self._desk.in_charge(seat, ticket)
            if ticket.contact is None:
                raise Problem(404, "no-contact", "the visitor left no way to be reached")
            await self._desk.audited(session, seat, "contact.read", ticket.number, reason=_said(reason))
            return self._contacts.read(ticket.contact)

    async def _dispatch(self, case: _Case, unit: Unit, action: str, what: str, seat: Seat, reason: str) -> None:
        ticket, now = case.ticket, self._clock.now()
        life.move(ticket, action)
        details = {"before": ticket.unit_id, "after": unit.id, "reason": _said(reason)}
        life.record(case.session, ticket, what, now, seat_id=seat.id, **details)
        ticket.unit_id, ticket.unit_name = unit.id, unit.name(ticket.language)  # type: ignore[arg-type]
        ticket.queue_kind, ticket.queue_id = unit.kind, f"{unit.kind}:{unit.id}"
        ticket.seat_id = ticket.claimed_at = None
        self._desk.deadlines.owe(ticket, self._desk.hours(ticket), now)
        if case.conversation.owner == "seat":
            owner.move(case.conversation, "queue")
        if ticket.mode != "order":
            self._desk.announce(
                case.session, case.conversation, "ticket_moved", unit=ticket.unit_name, number=ticket.number
            )

    def _note(self, case: _Case, seat: Seat, text: str) -> None:
        note = TicketNote(ticket_id=case.ticket.id, seat_id=seat.id, text=mask(text).text, at=self._clock.now())
        case.session.add(note)


def _said(reason: str) -> str:
    """A reason as the history keeps it: without personal numbers."""
    return mask(reason).text

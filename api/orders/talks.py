"""A partner's person in the talk with a visitor: invited by a seat, reads along, speaks, and leaves."""

from __future__ import annotations

import asyncio
import contextlib
import time
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import messages
from api.conversations import repository as conversations
from api.conversations.schemas import MessageOut
from api.orders import repository
from api.orders.models import WorkOrder
from api.orders.schemas import TalkOut, ToPartner, Words
from api.orders.service import check_address, found, keep, locked
from api.problems import Problem
from api.seats.models import Seat
from api.tickets import life
from api.tickets import repository as tickets
from api.tickets.desk import Desk, Speaker, said_before
from api.tickets.models import Ticket
from api.tickets.present import present
from api.tickets.schemas import TicketOut
from knowledge.text.mask import mask

LONGEST_WAIT = 25
"""Seconds that a partner may wait for news in one call: proxies give up a silent connection after 30 or 60."""


class Talks:
    """Three-way talks with partners, on one gateway."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def invite(self, seat: Seat, ticket_id: str, to: ToPartner) -> TicketOut:
        """Ask a partner's person into the talk of a case; the visitor is told, and the partner by the outbox.

        Raises:
            Problem: 422 for a partner without an address, 409 while a partner is there or for a partner's own order.
        """
        check_address(self._desk.settings, to.partner)
        async with self._desk.database.write() as session:
            conversation, ticket = await self._desk.locked(session, seat, ticket_id)
            self._desk.held(seat, ticket)
            if ticket.mode == "order":
                raise Problem(409, "not-a-chat", "a partner's order has no visitor in a chat: resolve or return it")
            if there := await tickets.partner_in(session, ticket.id):
                raise Problem(409, "partner-is-there", f"{there} is in this talk")
            now, details = self._desk.clock.now(), {"partner": to.partner, "reason": mask(to.reason).text}
            line = life.record(session, ticket, "partner_invited", now, seat_id=seat.id, **details)
            self._desk.announce(session, conversation, "partner_invited", partner=to.partner)
            await session.flush()
            before = await repository.talks(session, ticket.id)
            number = f"{ticket.number}-{before + 1}" if before else ticket.number
            keep(session, now, to.partner, number, "talk", ticket, told=line.id)
            result = await present(session, ticket, seat, whole=True)
        await self._desk.wake(ticket)
        return result

    async def read(self, partner: str, number: str, after: int, wait: float) -> TalkOut:
        """What was said after a sequence number; where that is nothing, waits for it as many seconds."""
        until = time.monotonic() + wait
        async with self._desk.database.read() as session:
            talk, ticket = await found(session, partner, "talk", number)
        async with self._desk.bus.subscribe(f"conversation:{ticket.conversation_id}") as frames:
            while True:
                async with self._desk.database.read() as session:
                    news = await shown(session, talk, ticket, after)
                left = until - time.monotonic()
                if news.messages or not news.open or left <= 0:
                    return news
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(frames.get(), left)

    async def say(self, partner: str, number: str, words: Words) -> MessageOut:
        """The partner's words to visitor and seats, which count as an answer; the same ``id`` again changes nothing.

        Raises:
            Problem: 409 when the talk has ended, when no seat holds the case, or for an id used for other words.
        """
        async with self._desk.database.write() as session:
            talk, conversation, ticket = await locked(session, partner, "talk", number)
            key, text = str(uuid5(UUID(talk.id), words.id)), mask(words.text).text
            if before := await said_before(session, conversation, key, text):
                return messages.present(before)
            if await repository.end_of(session, talk):
                raise Problem(409, "talk-ended", f"talk {number} has ended")
            message = self._desk.answer(session, conversation, ticket, Speaker(partner), text, key)
        return await self._desk.deliver(ticket, message)

    async def leave(self, partner: str, number: str) -> None:
        """The partner's person leaves; nothing changes where the talk has ended."""
        async with self._desk.database.write() as session:
            talk, conversation, ticket = await locked(session, partner, "talk", number)
            if await repository.end_of(session, talk):
                return
            life.record(session, ticket, "partner_left", self._desk.clock.now(), partner=partner)
            self._desk.announce(session, conversation, "guest_left", seat=partner)
        await self._desk.wake(ticket)


async def shown(session: AsyncSession, talk: WorkOrder, ticket: Ticket, after: int) -> TalkOut:
    """A talk as the partner reads it: what the visitor says when it has ended is none of the partner's business."""
    end = await repository.end_of(session, talk)
    said = await conversations.after(session, ticket.conversation_id, after)
    read = [messages.present(message) for message in said if end is None or message.created_at <= end.at]
    return TalkOut(number=talk.order_no, open=end is None, messages=read)

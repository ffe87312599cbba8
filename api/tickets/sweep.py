"""What happens to tickets by the passing of time: warnings, escalations, silent chats, follow-ups.

Every gateway may sweep: each step locks its ticket and looks again, so nothing happens twice.
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import repository as conversations
from api.conversations.models import Conversation, Message, Rating
from api.seats import repository as seats
from api.tickets import life, repository
from api.tickets.casework import Casework
from api.tickets.desk import Desk
from api.tickets.models import Ticket

log = structlog.get_logger()
CLOCKS = ("response", "completion")
GRADES = (5, 4, 3, 2, 1)
DISSATISFIED = 2
"""Up to this grade the follow-up is still owed: somebody has to ask what went wrong."""


class Sweeper:
    """Looks again and again for what is due."""

    def __init__(self, desk: Desk, casework: Casework) -> None:
        self._desk, self._casework = desk, casework

    async def run(self) -> None:
        """Sweep until cancelled; a sweep that fails is logged and the next one tries again."""
        while True:
            await asyncio.sleep(self._desk.settings.sweep_seconds)
            try:
                await self.sweep()
            except Exception:
                log.exception("sweep_failed")

    async def sweep(self) -> None:
        """Everything that is due now."""
        now, settings = self._desk.clock.now(), self._desk.settings
        silent_since = now - timedelta(minutes=settings.silent_minutes)
        async with self._desk.database.read() as session:
            alerts = await repository.alerts(session, now)
            silent = await repository.silent(session, silent_since, self._desk.queues.here_since(now))
            asks = await repository.to_follow_up(session, "resolved", now)
            ends = await repository.to_follow_up(session, "followed_up", now)
        for ticket_id in alerts:
            await self._step(ticket_id, self._alert)
        for ticket_id in silent:
            await self._step(ticket_id, self._take_back)
        for ticket_id in asks:
            await self._step(ticket_id, self._ask)
        for ticket_id in ends:
            await self._step(ticket_id, self._settle)

    async def _step(self, ticket_id: str, what) -> None:  # type: ignore[no-untyped-def]
        async with self._desk.database.write() as session:
            seen = await repository.get(session, ticket_id)
            if seen is None:
                return
            conversation = await conversations.lock(session, seen.conversation_id)
            ticket = await repository.lock(session, ticket_id)
            if ticket is None or not await what(session, conversation, ticket, self._desk.clock.now()):
                return
        await self._desk.wake(ticket)
        if ticket.status == "waiting":
            await self._desk.wake_line(ticket.unit_id)

    async def _alert(self, session: AsyncSession, conversation: Conversation, ticket: Ticket, now: datetime) -> bool:
        """Warn before a limit and escalate after it, each once; outside the unit's hours it can wait."""
        if ticket.status not in life.OPEN or not self._desk.hours(ticket).is_open(now):
            return False
        told = False
        for clock in CLOCKS:
            level = _level(ticket, clock, now)
            if level <= getattr(ticket, f"{clock}_alert"):
                continue
            setattr(ticket, f"{clock}_alert", level)
            life.record(session, ticket, "escalated" if level == 2 else "warned", now, clock=clock)
            told = True
            if (clock, level, ticket.status, ticket.mode) == ("response", 2, "waiting", "live"):
                await self._offer_other(session, conversation, ticket)
        return told

    async def _offer_other(self, session: AsyncSession, conversation: Conversation, ticket: Ticket) -> None:
        """Who has waited too long is told, and asked whether the next unit in line should serve."""
        standing = await self._desk.queues.standing(session, self._desk.unit(ticket.unit_id))
        choices = {}
        if standing.offered:
            choices = {"handoff_to": f'/handoff{{"unit": "{standing.offered.id}"}}'}
        unit = standing.offered.name(ticket.language) if standing.offered else ""  # type: ignore[arg-type]
        self._desk.announce(session, conversation, "wait_is_long", unit=unit, number=ticket.number, choices=choices)

    async def _take_back(
        self, session: AsyncSession, conversation: Conversation, ticket: Ticket, now: datetime
    ) -> bool:
        """A chat whose seat is silent or gone returns to its queue."""
        if ticket.status not in life.HELD or ticket.mode != "live" or not ticket.seat_id or not ticket.claimed_at:
            return False
        holder = await seats.get(session, ticket.seat_id)
        here_since = self._desk.queues.here_since(now)
        gone = holder is None or holder.seen_at is None or holder.seen_at < here_since
        silent_since = now - timedelta(minutes=self._desk.settings.silent_minutes)
        silent = ticket.awaited_since is not None and max(ticket.awaited_since, ticket.claimed_at) < silent_since
        if not silent and not (gone and ticket.claimed_at < here_since):
            return False
        reason = "silent" if silent else "gone"
        self._casework.back_to_queue(session, conversation, ticket, reason=reason, seat_id=None)
        if ticket.awaited_since is None:  # nobody has it any more, so somebody is owed
            self._desk.deadlines.owe(ticket, self._desk.hours(ticket), now)
        return True

    async def _ask(self, session: AsyncSession, conversation: Conversation, ticket: Ticket, now: datetime) -> bool:
        """回访: is it settled? Asked in the visitor's own channel, at an hour at which one may ask."""
        rule = self._desk.deadlines.follow_up
        if ticket.status != "resolved" or not rule.hours.is_open(now):
            return False
        life.move(ticket, "follow_up")
        ticket.follow_up_at = rule.hours.add_days(now, rule.settle_days)
        life.record(session, ticket, "followed_up", now)
        payload = '/settled{{"ticket": "{}", "settled": "{}"}}'
        choices = {f"settled_{answer}": payload.format(ticket.number, answer) for answer in ("yes", "no")}
        self._desk.announce(
            session, conversation, "settled_ask", number=ticket.number, unit=ticket.unit_name, choices=choices
        )
        return True

    async def _settle(self, session: AsyncSession, _: Conversation, ticket: Ticket, now: datetime) -> bool:
        """No answer to the follow-up: the case ends."""
        if ticket.status != "followed_up":
            return False
        life.move(ticket, "settle")
        life.record(session, ticket, "settled", now, by="time")
        return True


def asked_grades(ticket: Ticket) -> dict[str, str]:
    """评价's five grades as choices, the best first; nothing where a grade was given."""
    if ticket.score is not None:
        return {}
    return {f"grade_{score}": f'/rate{{"ticket": "{ticket.number}", "score": "{score}"}}' for score in GRADES}


class FollowUps:
    """What the visitor answers to a follow-up, and the grade that the visitor gives."""

    def __init__(self, desk: Desk, casework: Casework) -> None:
        self._desk, self._casework = desk, casework

    async def answer(self, session: AsyncSession, conversation: Conversation, message: Message) -> str | None:
        """Yes ends the case, no opens it again, a grade is noted. Works on a locked conversation; the ticket's id."""
        said = _payload(message.payload or "")
        ticket = await repository.by_number(session, said.get("ticket", ""))
        if ticket is not None and ticket.conversation_id == conversation.id and "score" in said:
            return await self._graded(session, conversation, ticket, int(said["score"]), message)
        if ticket is None or ticket.conversation_id != conversation.id or ticket.status != "followed_up":
            self._desk.announce(session, conversation, "settled_late").reply_to = message.seq
            return None
        locked = await repository.lock(session, ticket.id)
        assert locked is not None
        now = self._desk.clock.now()
        if said.get("settled") == "no":
            self._casework.take_up(session, conversation, locked, reason="follow-up: not settled", seat_id=None)
        else:
            life.move(locked, "settle")
            life.record(session, locked, "settled", now, by="visitor")
            thanks = self._desk.announce(
                session, conversation, "settled_thanks", number=locked.number, choices=asked_grades(locked)
            )
            thanks.reply_to = message.seq
        return locked.id

    async def rated(self, session: AsyncSession, conversation_id: str, score: int, comment: str | None) -> None:
        """评价 (1 to 5; the comment masked): of the conversation, and of its newest case that is done."""
        ticket = await repository.done_of(session, conversation_id)
        await self._rate(session, conversation_id, ticket, score, comment)

    async def _graded(
        self, session: AsyncSession, conversation: Conversation, ticket: Ticket, score: int, message: Message
    ) -> str | None:
        """A grade by button or number; only that of a case that is done counts."""
        done = ticket.status in life.DONE
        if done:
            await self._rate(session, conversation.id, ticket, score, None)
        key = "settled_late" if not done else "grade_sorry" if score <= DISSATISFIED else "grade_thanks"
        self._desk.announce(session, conversation, key, number=ticket.number).reply_to = message.seq
        return ticket.id if done else None

    async def _rate(
        self, session: AsyncSession, conversation_id: str, ticket: Ticket | None, score: int, comment: str | None
    ) -> None:
        now = self._desk.clock.now()
        await session.merge(Rating(conversation_id=conversation_id, score=score, comment=comment, created_at=now))
        if ticket is None or (locked := await repository.lock(session, ticket.id)) is None:
            return
        if locked.status != "resolved" or score > DISSATISFIED:
            life.move(locked, "rate")
        locked.score = score
        life.record(session, locked, "rated", now, score=score)


def _level(ticket: Ticket, clock: str, now: datetime) -> int:
    """0, 1 (the warning's moment has come) or 2 (the limit has passed)."""
    warn, due = getattr(ticket, f"{clock}_warn_at"), getattr(ticket, f"{clock}_due_at")
    if due is not None and due <= now:
        return 2
    return 1 if warn is not None and warn <= now else 0


def _payload(text: str) -> dict[str, str]:
    _, brace, rest = text.partition("{")
    return {name: str(value) for name, value in json.loads(brace + rest).items()} if brace else {}

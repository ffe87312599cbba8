"""From "a human, please" to a place in a queue: routing, what must still be asked, and what the visitor is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from actions.replies import HandoffWish
from api.clock import SHANGHAI, Clock
from api.conversations import messages, owner
from api.conversations.models import Conversation, Message
from api.routing.geography import Unit
from api.routing.resolve import UNKNOWN_PLACE, Ask, Decision, Inquiry
from api.routing.service import RoutingService
from api.tickets import life, repository
from api.tickets.deadlines import Deadlines
from api.tickets.models import Ticket
from api.tickets.queues import Queues
from knowledge.language import Language
from knowledge.texts import Script, Texts

MAX_CHOICES = 24


@dataclass(frozen=True)
class Speech:
    """In which language and script to speak, and which message is answered."""

    language: Language
    script: Script
    reply_to: int | None = None


class Handoff:
    """Opens tickets. Works inside the caller's unit of work, on a locked conversation."""

    def __init__(
        self, routing: RoutingService, texts: Texts, clock: Clock, queues: Queues, deadlines: Deadlines
    ) -> None:
        self._routing, self._texts, self._clock, self._queues = routing, texts, clock, queues
        self._deadlines = deadlines

    async def request(
        self,
        session: AsyncSession,
        conversation: Conversation,
        wish: HandoffWish,
        speech: Speech,
        lead: str = "",
    ) -> Message:
        """Route a wish for a human: a ticket and the place in the queue, or the question that comes first.

        ``lead`` is what the bot has to say before that (for example: call 110 now).
        """
        ticket = await repository.open_of(session, conversation.id)
        if ticket is not None:
            return await self._already(session, conversation, ticket, wish, speech)
        inquiry = _inquiry(conversation, wish, speech.language)
        found = self._routing.resolve(inquiry)
        if isinstance(found, Ask):
            return self._ask(session, conversation, found, wish, inquiry, speech)
        if wish.unit and self._offers(wish.unit):
            found = self._instead(found, wish.unit)
        ticket = await self._open(session, conversation, found, inquiry, wish)
        owner.move(conversation, "queue")
        return await self._tell(session, conversation, ticket, "handoff_opened", speech, lead)

    async def open_message(
        self, session: AsyncSession, conversation: Conversation, wish: HandoffWish, language: Language
    ) -> Ticket:
        """A case for a message left behind: nothing is asked back, the service centre dispatches what is unclear."""
        inquiry = _inquiry(conversation, wish, language)
        return await self._open(session, conversation, self._routing.decide(inquiry), inquiry, wish, mode="message")

    async def open_order(
        self, session: AsyncSession, conversation: Conversation, inquiry: Inquiry, partner: str
    ) -> Ticket:
        """A case that a partner sent, by the same rules."""
        wish = HandoffWish(inquiry.business, urgent=inquiry.urgent, why=f"order:{partner}")
        return await self._open(session, conversation, self._routing.decide(inquiry), inquiry, wish, mode="order")

    def _offers(self, unit_id: str) -> bool:
        """Whether the rule file offers this unit as the next in line: nobody names a unit of their own."""
        return any(row.to == unit_id for row in self._routing.rules.overflow)

    def _instead(self, decision: Decision, unit_id: str) -> Decision:
        unit = cast(Unit, self._routing.geography.unit(unit_id))  # the rule file was checked to name real units
        reason = "来访者同意改由其接待" if decision.language != "en" else "accepted by the visitor instead"
        return Decision(
            unit,
            decision.language,
            "overflow",
            f"{decision.reason}; {reason}",
            decision.located,
            decision.version,
        )

    async def _open(
        self,
        session: AsyncSession,
        conversation: Conversation,
        decision: Decision,
        inquiry: Inquiry,
        wish: HandoffWish,
        mode: str = "live",
    ) -> Ticket:
        now = self._clock.now()
        located = decision.located
        ticket = Ticket(
            id=str(uuid4()),
            number=await repository.next_number(session, f"{now.astimezone(SHANGHAI):%Y%m%d}"),
            conversation_id=conversation.id,
            status="waiting",
            mode=mode,
            urgent=inquiry.urgent,
            queue_id=decision.queue_id,
            queue_kind=decision.unit.kind,
            unit_id=decision.unit.id,
            unit_name=decision.unit.name(decision.language),
            business=inquiry.business,
            language=decision.language,
            place=located
            and {
                "code": located.place.code,
                "name": located.name(decision.language),
                "source": located.source,
            },
            reason=decision.reason,
            rule=decision.rule,
            routing=inquiry.recorded()
            | {"channel": conversation.channel, "version": decision.version, "why": wish.why},
            opened_at=now,
        )
        self._deadlines.start(ticket, self._routing.rules.hours_of(decision.unit), now)
        session.add(ticket)
        conversation.memory = {
            k: v for k, v in conversation.memory.items() if k not in ("awaiting", "wish", "misses")
        }
        life.record(session, ticket, "accepted", now, why=wish.why)
        life.record(session, ticket, "dispatched", now, unit=ticket.unit_id, rule=ticket.rule)
        await session.flush()
        return ticket

    async def _already(
        self,
        session: AsyncSession,
        conversation: Conversation,
        ticket: Ticket,
        wish: HandoffWish,
        speech: Speech,
    ) -> Message:
        """A second wish while one is open: where it stands, or the move to the unit the visitor accepted."""
        movable = ticket.status == "waiting" and wish.unit and self._offers(wish.unit)
        unit = self._routing.geography.unit(wish.unit) if movable and wish.unit else None
        if ticket.mode == "message":  # who left a message is there again and wants to talk
            await self._resume(session, conversation, ticket)
        if unit is None or unit.id == ticket.unit_id:
            return await self._tell(session, conversation, ticket, "handoff_already", speech)
        now = self._clock.now()
        life.record(session, ticket, "moved", now, before=ticket.unit_id, after=unit.id, rule="overflow")
        self._deadlines.owe(ticket, self._routing.rules.hours_of(unit), now)
        ticket.unit_id, ticket.unit_name = unit.id, unit.name(speech.language)
        ticket.queue_kind, ticket.queue_id, ticket.rule = unit.kind, f"{unit.kind}:{unit.id}", "overflow"
        await session.flush()
        return await self._tell(session, conversation, ticket, "handoff_moved", speech)

    async def _resume(self, session: AsyncSession, conversation: Conversation, ticket: Ticket) -> None:
        now = self._clock.now()
        ticket.mode = "live"
        owner.move(conversation, "queue" if ticket.status == "waiting" else "seat")
        unit = cast(Unit, self._routing.geography.unit(ticket.unit_id))
        self._deadlines.owe(ticket, self._routing.rules.hours_of(unit), now)
        life.record(session, ticket, "visitor_is_back", now)
        await session.flush()

    async def _tell(
        self,
        session: AsyncSession,
        conversation: Conversation,
        ticket: Ticket,
        key: str,
        speech: Speech,
        lead: str = "",
    ) -> Message:
        """The message that says where the case went, the place in the line, and what to do if nobody is there."""
        place = await repository.position(session, ticket)
        unit = cast(Unit, self._routing.geography.unit(ticket.unit_id))
        queue = await self._queues.standing(session, unit)
        standing = self._say("handoff_next", speech)
        if place and place > 1:
            standing = self._say("handoff_position", speech, ahead=place - 1)
        if place and (minutes := queue.expected_minutes(place)):
            standing = self._say("handoff_wait", speech, standing=standing, minutes=minutes)
        text = self._say(key, speech, unit=ticket.unit_name, number=ticket.number, position=standing)
        choices: list[dict[str, str]] = []
        if ticket.status == "waiting" and queue.why:
            offered = queue.offered
            text += " " + self._say(f"handoff_{queue.why}" if offered else "handoff_alone", speech)
            if offered:
                label = self._say("handoff_to", speech, unit=offered.name(speech.language))
                choices = [_choice(label, unit=offered.id)]
            choices.append(_choice(self._say("handoff_leave", speech), leave="message"))
        reference = {"id": ticket.id, "number": ticket.number, "queue": ticket.queue_id, "position": place}
        details = {"ticket": reference, "choices": choices}
        return self._append(session, conversation, f"{lead}\n{text}" if lead else text, speech, details)

    def _ask(
        self,
        session: AsyncSession,
        conversation: Conversation,
        asked: Ask,
        wish: HandoffWish,
        inquiry: Inquiry,
        speech: Speech,
    ) -> Message:
        """The question that comes first. What is known of the wish is kept for the answer."""
        remembered = {"business": wish.business, "why": wish.why}
        conversation.memory = {**conversation.memory, "wish": remembered, "awaiting": asked.ask}
        listed = asked.candidates[:MAX_CHOICES]
        if asked.ask == "business":
            choices = [_choice(c.name, business=c.code) for c in listed]
            return self._append(
                session, conversation, self._say("handoff_ask_business", speech), speech, {"choices": choices}
            )
        wider = inquiry.place is None or len(listed) > 6
        key = "handoff_ask_place" if not listed else "handoff_ask_city" if wider else "handoff_ask_which"
        if len(listed) == 1:  # known from the network address alone: proposed, not assumed
            key = "handoff_ask_here"
        known = {"business": wish.business} if wish.business else {}
        choices = [_choice(c.name, place=c.code, **known) for c in listed]
        choices.append(_choice(self._say("handoff_place_unknown", speech), place=UNKNOWN_PLACE, **known))
        return self._append(session, conversation, self._say(key, speech), speech, {"choices": choices})

    def _say(self, key: str, speech: Speech, **values: object) -> str:
        return self._texts.get(key, speech.language, speech.script, **values)

    def _append(
        self,
        session: AsyncSession,
        conversation: Conversation,
        text: str,
        speech: Speech,
        details: dict[str, Any],
    ) -> Message:
        return messages.append(
            session,
            conversation,
            self._clock.now(),
            sender="bot",
            kind="handoff",
            text=text,
            language=speech.language,
            details=details,
            reply_to=speech.reply_to,
        )


def _choice(label: str, **entities: str) -> dict[str, str]:
    return {"label": label, "payload": "/handoff" + json.dumps(entities, ensure_ascii=False)}


def _inquiry(conversation: Conversation, wish: HandoffWish, language: Language) -> Inquiry:
    memory = conversation.memory
    business = wish.business or memory.get("business")
    return Inquiry(
        line="chat",
        language=language,
        business=business,
        origin=conversation.origin,
        place=wish.place,
        port=memory.get("port") if business == "clearance" and not wish.place else None,
        region=memory.get("place") or conversation.region,
        network=conversation.network,
        urgent=wish.urgent,
    )

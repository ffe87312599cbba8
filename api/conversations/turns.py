"""One turn: who answers a stored message, and how the answer is stored."""

from __future__ import annotations

import json
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from actions.replies import HandoffWish, Reply
from actions.services import Services
from api.bus import Bus
from api.clock import Clock
from api.conversations import messages, repository
from api.conversations.models import Conversation, Message
from api.database import Database
from api.engine.client import EngineClient, EngineError, Understood
from api.engine.fallback import reply_without_engine
from api.tickets import repository as tickets
from api.tickets.handoff import Speech
from api.tickets.service import TicketService
from knowledge.language import Language, LanguageState, decide, detect

log = structlog.get_logger()
ABOUT_THE_CASE = ("/settled", "/rate")
"""Payloads that answer 回访 and 评价: they are for the ticket, not for the bot."""


class Turns:
    """Answers messages one at a time: by the engine, by the fallback, or by passing them to a human."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Clock,
        engine: EngineClient,
        services: Services,
        ticket_service: TicketService,
    ) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._engine, self._services, self._tickets = engine, services, ticket_service

    async def take(self, message: Message) -> None:
        """Answer one stored message. Whatever fails is logged, and the visitor is told: nobody waits in vain."""
        try:
            async with self._database.exclusive(message.conversation_id):
                async with self._database.read() as session:
                    conversation = await repository.get(session, message.conversation_id)
                assert conversation is not None
                if (message.payload or "").startswith(ABOUT_THE_CASE):
                    await self._followed_up(message)
                elif conversation.owner == "bot":
                    await self._answer(conversation, message)
                else:
                    await self._to_humans(conversation, message)
        except Exception:
            log.exception("turn_failed", conversation=message.conversation_id, seq=message.seq)
            await self._apologise(message)

    async def _apologise(self, message: Message) -> None:
        """Say that a message could not be answered, and offer a human.

        Where this fails too (no database), the message stays unanswered and is taken again at the next start.
        """
        async with self._database.write() as session:
            conversation = await repository.lock(session, message.conversation_id)
            if not await repository.take(session, message.id):
                return
            state = LanguageState.from_dict(conversation.language)
            texts = self._services.texts
            text, human = (texts.get(key, state.current, state.script) for key in ("turn_failed", "human"))
            messages.append(
                session, conversation, self._clock.now(), sender="bot", kind="notice", text=text,
                language=state.current, details={"choices": [{"label": human, "payload": "/handoff"}]},
                reply_to=message.seq,
            )  # fmt: skip
        await self._bus.publish(f"conversation:{message.conversation_id}", {"type": "wake"})

    async def _followed_up(self, message: Message) -> None:
        """What is said about a case that is done."""
        async with self._database.write() as session:
            conversation = await repository.lock(session, message.conversation_id)
            if not await repository.take(session, message.id):
                return
            ticket_id = await self._tickets.follow_ups.answer(session, conversation, message)
        await self._bus.publish(f"conversation:{message.conversation_id}", {"type": "wake"})
        if ticket_id:
            await self._tickets.changed(ticket_id)

    async def _answer(self, conversation: Conversation, message: Message) -> None:
        state, metadata = self._context(conversation, message)
        sent = message.payload or message.text
        try:
            result = await self._engine.ask(conversation.id, sent, metadata)
        except EngineError as error:
            log.warning("engine_away", conversation=conversation.id, error=str(error))
            result = reply_without_engine(self._services, sent, metadata)
        await self._store_replies(message, result, state)

    def _context(self, conversation: Conversation, message: Message) -> tuple[LanguageState, dict[str, Any]]:
        """The language of the reply, the language state after it, and what the engine is told."""
        state = LanguageState.from_dict(conversation.language)
        other = None
        if message.payload:
            reply_language: Language = _chosen_language(message.payload) or state.current
            if reply_language != state.current:
                state = LanguageState(current=reply_language, bound=True, script=state.script)
        else:
            found = detect(message.text)
            reply_language, state = decide(state, found)
            other = found.other
        return state, {
            "language": reply_language,
            "script": state.script,
            "region": conversation.region,
            "origin": conversation.origin,
            "channel": conversation.channel,
            "other": other,
            "memory": conversation.memory,
        }

    async def _store_replies(self, message: Message, result: Understood, state: LanguageState) -> None:
        """Replies, memory and ticket in one unit of work; a reply that comes after the bot's time is dropped."""
        async with self._database.write() as session:
            conversation = await repository.lock(session, message.conversation_id)
            if not await repository.take(session, message.id):
                return
            if conversation.owner != "bot":
                log.info("late_reply_dropped", conversation=conversation.id, owner=conversation.owner)
                return
            if chosen := result.memory.pop("language", None):  # asked for in words: binds like the button
                state = LanguageState(current=chosen, bound=True, script=state.script)
            conversation.memory = result.memory
            conversation.language = state.to_dict()
            for reply in result.replies:
                await self._say(session, conversation, reply, state, message.seq, result.understood)
            handed_over = conversation.owner == "queue"
        await self._bus.publish(f"conversation:{message.conversation_id}", {"type": "wake"})
        if handed_over:
            await self._tickets.opened(message.conversation_id)

    async def _say(
        self,
        session: AsyncSession,
        conversation: Conversation,
        reply: Reply,
        state: LanguageState,
        reply_to: int,
        understood: dict[str, Any],
    ) -> None:
        if reply.handoff:
            speech = Speech(reply.language, state.script, reply_to)
            said = await self._tickets.handoff.request(session, conversation, reply.handoff, speech, reply.text)
            said.details = said.details | {"understood": understood}
            return
        details = reply.to_payload() | {"understood": understood}
        messages.append(
            session,
            conversation,
            self._clock.now(),
            sender="bot",
            kind=reply.kind,
            text=reply.text,
            language=reply.language,
            details={key: details[key] for key in (*messages.SHOWN, "understood") if key in details},
            reply_to=reply_to,
        )

    async def _to_humans(self, conversation: Conversation, message: Message) -> None:
        """A message while a human has the case, or will have it."""
        pressed = (message.payload or "").startswith("/handoff")
        before = await self._tickets.unit_of(conversation.id) if pressed else None
        async with self._database.write() as session:
            conversation = await repository.lock(session, conversation.id)
            if not await repository.take(session, message.id):
                return
            state, changed = LanguageState.from_dict(conversation.language), True
            if pressed:
                await self._pressed(session, conversation, state, message)
            else:
                changed = await self._tickets.asked(session, conversation.id)
                if conversation.owner == "queue":
                    await self._note_waiting(session, conversation, state, message.seq)
        await self._bus.publish(f"conversation:{conversation.id}", {"type": "wake"})
        await self._tickets.visitor_spoke(conversation.id, message)
        if changed:
            await self._tickets.opened(conversation.id)
        if before and before != await self._tickets.unit_of(conversation.id):
            await self._tickets.left(before)

    async def _pressed(
        self, session: AsyncSession, conversation: Conversation, state: LanguageState, message: Message
    ) -> None:
        """A button of the queue: another unit, a message instead, or where it stands."""
        said = _entities(message.payload or "")
        left = self._tickets.left_messages
        if said.get("leave") == "message":
            await left.begin(session, conversation, message.seq)
        elif said.get("leave") == "done":
            await left.end(session, conversation, message.seq)
        else:
            speech = Speech(state.current, state.script, message.seq)
            wish = HandoffWish(unit=said.get("unit"))
            await self._tickets.handoff.request(session, conversation, wish, speech)

    async def _note_waiting(
        self, session: AsyncSession, conversation: Conversation, state: LanguageState, reply_to: int
    ) -> None:
        """Say once a ticket that what is written now reaches the human."""
        ticket = await tickets.open_of(session, conversation.id)
        if ticket is None or conversation.memory.get("noted") == ticket.number:
            return
        conversation.memory = {**conversation.memory, "noted": ticket.number}
        messages.append(
            session,
            conversation,
            self._clock.now(),
            sender="system",
            kind="notice",
            text=self._services.texts.get("waiting_note", state.current, state.script, number=ticket.number),
            language=state.current,
            reply_to=reply_to,
        )


def _entities(payload: str) -> dict[str, str]:
    """The JSON of a button's payload; an empty one where there is none."""
    _, brace, rest = payload.partition("{")
    return {name: str(value) for name, value in json.loads(brace + rest).items()} if brace else {}


def _chosen_language(payload: str) -> Language | None:
    if not payload.startswith("/choose_language"):
        return None
    chosen = _entities(payload).get("language")
    return next((code for code in ("zh", "yue", "en") if code == chosen), None)

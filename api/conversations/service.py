"""The path of one message: stored first, answered in order, by the bot, a seat, or the fallback."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from actions.replies import HandoffWish, Reply
from actions.services import Services
from api.bus import Bus
from api.clock import Clock
from api.conversations import messages, repository
from api.conversations.lanes import Lanes
from api.conversations.models import Conversation, Message, Rating
from api.conversations.schemas import (
    ConversationOut,
    Exchange,
    HandoffRequest,
    History,
    NewConversation,
    NewMessage,
    NewRating,
    QueuePlace,
    RatingOut,
    SeatName,
    Started,
    Switch,
)
from api.database import Database
from api.engine.client import EngineClient, EngineError, Understood
from api.engine.fallback import reply_without_engine
from api.problems import Problem
from api.routing.geography import Geography
from api.security import new_token, same, token_hash
from api.seats import repository as seats
from api.settings import Settings
from api.tickets import repository as tickets
from api.tickets.handoff import Speech
from api.tickets.service import TicketService
from knowledge.language import Language, LanguageState, decide, detect
from knowledge.text.mask import mask

log = structlog.get_logger()
ALWAYS_OFFERED = "/handoff"
RESUME_WITHIN = timedelta(minutes=10)


class ConversationService:
    """Conversations of one gateway."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        bus: Bus,
        clock: Clock,
        engine: EngineClient,
        services: Services,
        ticket_service: TicketService,
        geography: Geography,
    ) -> None:
        self._settings, self._database, self._bus, self._clock = settings, database, bus, clock
        self._engine, self._services, self._tickets = engine, services, ticket_service
        self._geography = geography
        self.lanes = Lanes()

    # --- the visitor's calls -------------------------------------------------------------------------

    async def start(self, new: NewConversation) -> Started:
        """Begin a conversation with a greeting."""
        self._known_region(new.region)
        token, now = new_token(), self._clock.now()
        language: Language = new.language or "zh"
        conversation = Conversation(
            id=str(uuid4()),
            token_hash=token_hash(token),
            channel=new.channel,
            owner="bot",
            language=LanguageState(current=language).to_dict(),
            origin=new.origin,
            region=new.region,
            memory={},
            last_seq=0,
            created_at=now,
            updated_at=now,
        )
        async with self._database.write() as session:
            session.add(conversation)
            await session.flush()
            greeting = messages.append(
                session,
                conversation,
                now,
                sender="bot",
                kind="greeting",
                text=self._services.texts.get("greeting", language),
                language=language,
                details={"choices": self._menu(language)},
            )
        return Started(
            id=conversation.id, token=token, language=language, messages=[messages.present(greeting)]
        )

    async def authorise(self, conversation_id: str, token: str) -> Conversation:
        """The conversation that a token opens.

        Raises:
            Problem: 404 for no such conversation, 403 for a token that is not its own.
        """
        async with self._database.read() as session:
            conversation = await repository.get(session, conversation_id)
        if conversation is None:
            raise Problem(404, "no-such-conversation", "there is no such conversation; start a new one")
        if not same(token, conversation.token_hash):
            raise Problem(403, "wrong-token", "this token does not open this conversation")
        return conversation

    async def receive(self, conversation_id: str, new: NewMessage) -> Exchange:
        """Store a visitor's message, then wait for the bot, though not for longer than ``reply_wait``."""
        async with self.lanes.intake(conversation_id):
            message, fresh = await self._store(conversation_id, new)
            if fresh:
                self.lanes.submit(conversation_id, lambda: self._turn(message))
            turn = self.lanes.latest(conversation_id)
        if turn is not None:
            await asyncio.wait({turn}, timeout=self._settings.reply_wait)
        return await self._exchange(message.id)

    async def request_human(self, conversation_id: str, wish: HandoffRequest) -> Exchange:
        """The button "human": no engine is asked."""
        self._known_region(wish.region)
        replies: list[Message] = []

        async def job() -> None:
            replies.append(await self._hand_over(conversation_id, wish))

        await self.lanes.submit(conversation_id, job)
        async with self._database.read() as session:
            conversation = await repository.get(session, conversation_id)
        assert conversation is not None
        return Exchange(
            message=None,
            replies=[messages.present(reply) for reply in replies],
            owner=conversation.owner,  # type: ignore[arg-type]
            pending=False,
        )

    async def history(self, conversation_id: str, after: int) -> History:
        """What came after ``after``, and where the talk stands."""
        async with self._database.read() as session:
            conversation = await repository.get(session, conversation_id)
            assert conversation is not None
            found = await repository.after(session, conversation_id, after)
            ticket = await tickets.open_of(session, conversation_id)
            queue = seat = None
            if ticket and ticket.status == "waiting":
                place = await tickets.position(session, ticket)
                queue = QueuePlace(ticket=ticket.id, number=ticket.number, position=place, unit=ticket.unit_name)
            elif ticket and ticket.seat_id and (holder := await seats.get(session, ticket.seat_id)):
                seat = SeatName(name=holder.name, unit=ticket.unit_name)
        shown = [messages.present(message) for message in found]
        return History(messages=shown, owner=conversation.owner, queue=queue, seat=seat)  # type: ignore[arg-type]

    async def visitor_types(self, conversation_id: str, on: bool) -> None:
        """Tell the seat that the visitor is writing."""
        async with self._database.read() as session:
            ticket = await tickets.open_of(session, conversation_id)
        if ticket:
            frame = {"type": "typing", "ticket_id": ticket.id, "on": on}
            await self._bus.publish(f"unit:{ticket.unit_id}", frame)

    async def rate(self, conversation_id: str, new: NewRating) -> RatingOut:
        """好差评; a second rating replaces the first."""
        async with self._database.write() as session:
            comment = mask(new.comment).text if new.comment else None
            rating = Rating(
                conversation_id=conversation_id, score=new.score, comment=comment, created_at=self._clock.now()
            )
            await session.merge(rating)
        return RatingOut(score=new.score, comment=comment)

    async def switch(self, conversation_id: str, change: Switch) -> ConversationOut:
        """The visitor's own switch of language, place or origin."""
        self._known_region(change.region)
        async with self._database.write() as session:
            conversation = await repository.lock(session, conversation_id)
            state = LanguageState.from_dict(conversation.language)
            if change.language:
                state = LanguageState(current=change.language, bound=True, script=state.script)
                conversation.language = state.to_dict()
            if "region" in change.model_fields_set:
                conversation.region = change.region
                conversation.memory = {k: v for k, v in conversation.memory.items() if k != "place"}
            if "origin" in change.model_fields_set:
                conversation.origin = change.origin
            conversation.updated_at = self._clock.now()
            return ConversationOut(
                id=conversation.id,
                language=state.current,
                region=conversation.region,
                origin=conversation.origin,  # type: ignore[arg-type]
                owner=conversation.owner,  # type: ignore[arg-type]
            )

    async def resume(self) -> int:
        """Answer what a process that died had stored but not answered; returns how many there were."""
        async with self._database.read() as session:
            owed = await repository.unanswered(session, self._clock.now() - RESUME_WITHIN)
        for message in owed:
            self.lanes.submit(message.conversation_id, lambda message=message: self._turn(message))  # type: ignore[misc]
        return len(owed)

    # --- one message ---------------------------------------------------------------------------------

    async def _store(self, conversation_id: str, new: NewMessage) -> tuple[Message, bool]:
        """Mask and store; false when this ``client_id`` brought it before."""
        masked = mask(new.text).text
        digest = hashlib.sha256(masked.encode("utf-8", "replace")).hexdigest()
        async with self._database.write() as session:
            conversation = await repository.lock(session, conversation_id)
            if new.client_id and (
                before := await repository.by_client_id(session, conversation_id, new.client_id)
            ):
                if before.body_hash != digest:
                    raise Problem(409, "client-id-reused", "this client_id was used for another text")
                return before, False
            if conversation.owner == "closed":
                raise Problem(409, "conversation-closed", "this conversation has ended; start a new one")
            text, payload = await self._pressed(session, conversation_id, masked)
            state = LanguageState.from_dict(conversation.language)
            message = messages.append(
                session,
                conversation,
                self._clock.now(),
                sender="user",
                kind="text",
                text=text,
                language=state.current if payload else detect(text).language or state.current,
                client_id=new.client_id,
                body_hash=digest,
                payload=payload,
                handled=False,
            )
        await self._bus.publish(f"conversation:{conversation_id}", {"type": "wake"})
        return message, True

    async def _pressed(self, session: AsyncSession, conversation_id: str, text: str) -> tuple[str, str | None]:
        """A button's payload as what the visitor saw and what the engine gets.

        Only payloads that were offered count: nobody types their way into the engine's commands.
        """
        if not text.startswith("/"):
            return text, None
        for message in await repository.recent_from_bot(session, conversation_id):
            for choice in message.details.get("choices", ()):
                if choice["payload"] == text:
                    return choice["label"], text
        if text == ALWAYS_OFFERED:
            return self._services.texts.get("human", "zh"), text
        return text.lstrip("/") or text, None

    async def _turn(self, message: Message) -> None:
        """Answer one stored message. A failure is logged and answered by the fallback; nothing is lost."""
        try:
            async with self._database.read() as session:
                conversation = await repository.get(session, message.conversation_id)
            assert conversation is not None
            if conversation.owner == "bot":
                await self._answer(conversation, message)
            else:
                await self._to_humans(conversation, message)
        except Exception:
            log.exception("turn_failed", conversation=message.conversation_id, seq=message.seq)
            raise

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
            await self._tickets.handoff.request(session, conversation, reply.handoff, speech, reply.text)
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
        async with self._database.write() as session:
            conversation = await repository.lock(session, conversation.id)
            if not await repository.take(session, message.id):
                return
            state = LanguageState.from_dict(conversation.language)
            if message.payload and message.payload.startswith("/handoff"):
                speech = Speech(state.current, state.script, message.seq)
                wish = HandoffWish(unit=_entities(message.payload).get("unit"))
                await self._tickets.handoff.request(session, conversation, wish, speech)
            elif conversation.owner == "queue":
                await self._note_waiting(session, conversation, state, message.seq)
        await self._bus.publish(f"conversation:{conversation.id}", {"type": "wake"})
        await self._tickets.visitor_spoke(conversation.id, message)
        await self._tickets.opened(conversation.id)

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

    async def _hand_over(self, conversation_id: str, wish: HandoffRequest) -> Message:
        async with self._database.write() as session:
            conversation = await repository.lock(session, conversation_id)
            if conversation.owner == "closed":
                raise Problem(409, "conversation-closed", "this conversation has ended; start a new one")
            if wish.region:
                conversation.region = wish.region
            state = LanguageState.from_dict(conversation.language)
            reply = await self._tickets.handoff.request(
                session, conversation, HandoffWish(wish.business), Speech(state.current, state.script)
            )
        await self._bus.publish(f"conversation:{conversation_id}", {"type": "wake"})
        await self._tickets.opened(conversation_id)
        return reply

    async def _exchange(self, message_id: str) -> Exchange:
        async with self._database.read() as session:
            message = await session.get(Message, message_id)
            assert message is not None
            conversation = await repository.get(session, message.conversation_id)
            assert conversation is not None
            replies: Sequence[Message] = await repository.replies(session, conversation.id, message.seq)
        return Exchange(
            message=messages.present(message),
            replies=[messages.present(reply) for reply in replies],
            owner=conversation.owner,  # type: ignore[arg-type]
            pending=not message.handled,
        )

    def _known_region(self, code: str | None) -> None:
        if code is not None and self._geography.place(code) is None:
            raise Problem(422, "unknown-region", f"there is no division with the code {code!r}", field="region")

    def _menu(self, language: Language) -> list[dict[str, str]]:
        """The phone line's two layers as buttons: language and business. Both can be skipped by asking."""
        texts = self._services.texts
        languages: tuple[Language, ...] = ("zh", "yue", "en")
        others = [
            {"label": texts.name("language_names", code, code), "payload": f'/choose_language{{"language": "{code}"}}'}
            for code in languages
            if code != language
        ]
        businesses = [
            {
                "label": texts.name("businesses", code, language),
                "payload": f'/choose_business{{"business": "{code}"}}',
            }
            for code in ("clearance", "documents", "suggestions")
        ]
        return [*businesses, *others, {"label": texts.get("human", language), "payload": "/handoff"}]


def _entities(payload: str) -> dict[str, str]:
    """The JSON of a button's payload; an empty one where there is none."""
    _, brace, rest = payload.partition("{")
    return {name: str(value) for name, value in json.loads(brace + rest).items()} if brace else {}


def _chosen_language(payload: str) -> Language | None:
    if not payload.startswith("/choose_language"):
        return None
    chosen = _entities(payload).get("language")
    return next((code for code in ("zh", "yue", "en") if code == chosen), None)  # type: ignore[return-value]

"""The visitor's calls: what is said is stored first, then answered in order (``turns``)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from actions import menu
from actions.replies import HandoffWish
from actions.services import Services
from actions.turn import Memory
from api.bus import Bus
from api.clock import Clock
from api.conversations import messages, repository
from api.conversations.lanes import Lanes
from api.conversations.models import Conversation, Message
from api.conversations.schemas import (
    ConversationOut,
    Exchange,
    FeedbackOut,
    HandoffRequest,
    History,
    NewConversation,
    NewFeedback,
    NewMessage,
    NewRating,
    QueuePlace,
    RatingOut,
    SeatName,
    Started,
    Switch,
)
from api.conversations.turns import Turns
from api.database import Database
from api.engine.client import EngineClient
from api.problems import Problem
from api.routing.geography import Geography
from api.seats import repository as seats
from api.security import new_token, same, token_hash
from api.settings import Settings
from api.tickets import repository as tickets
from api.tickets.handoff import Speech
from api.tickets.service import TicketService
from knowledge.language import Language, LanguageState, detect
from knowledge.text.mask import mask

ALWAYS_OFFERED = "/handoff"
JUDGED = ("answer", "clarify", "decline")  # what the bot says about the matter itself
NOTHING: Mapping[str, str] = {}
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
        self._texts, self._tickets, self._geography = services.texts, ticket_service, geography
        self._turns = Turns(database, bus, clock, engine, services, ticket_service)
        self.lanes = Lanes()

    async def start(self, new: NewConversation, network: str | None = None, channel: str | None = None) -> Started:
        """Begin a conversation with a greeting.

        ``network`` is the place that the visitor's address tells; ``channel`` the platform the talk is held on, where
        that is not ours.
        """
        self._known_region(new.region)
        token, now = new_token(), self._clock.now()
        language: Language = new.language or "zh"
        conversation = Conversation(
            id=str(uuid4()),
            token_hash=token_hash(token),
            channel=channel or new.channel,
            owner="bot",
            language=LanguageState(current=language).to_dict(),
            origin=new.origin,
            region=new.region,
            network=network,
            memory=Memory(options=list(menu.BUSINESSES)).to_dict(),
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
                text=self._texts.get("greeting", language),
                language=language,
                details={"choices": self._menu(language)},
            )
        return Started(id=conversation.id, token=token, language=language, messages=[messages.present(greeting)])

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

    async def receive(self, conversation_id: str, new: NewMessage, offered: Mapping[str, str] = NOTHING) -> Exchange:
        """Store a visitor's message, then wait for the bot, though not for longer than ``reply_wait``.

        ``offered`` are buttons (payload → label) of the channel itself, beside those of the bot's messages.
        """
        async with self.lanes.intake(conversation_id):
            message, fresh = await self._store(conversation_id, new, offered)
            if fresh:
                self.lanes.submit(conversation_id, lambda: self._turns.take(message))
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
            owner=conversation.owner,
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
            if ticket and ticket.status == "waiting" and conversation.owner == "queue":
                queue = QueuePlace(**await self._tickets.place(session, ticket))
            elif ticket and ticket.seat_id and (holder := await seats.get(session, ticket.seat_id)):
                seat = SeatName(name=holder.name, unit=ticket.unit_name)
        shown = [messages.present(message) for message in found]
        return History(messages=shown, owner=conversation.owner, queue=queue, seat=seat)

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
            await self._tickets.follow_ups.rated(session, conversation_id, new.score, comment)
        return RatingOut(score=new.score, comment=comment)

    async def judge(self, conversation_id: str, message_id: str, new: NewFeedback) -> FeedbackOut:
        """Whether one of the bot's answers helped. The same again changes nothing, another one replaces it.

        Raises:
            Problem: 404 when that message is not in this conversation, 422 when it is not an answer of the bot.
        """
        async with self._database.write() as session:
            message = await repository.message(session, conversation_id, message_id)
            if message is None:
                raise Problem(404, "no-such-message", "there is no such message in this conversation")
            if message.sender != "bot" or message.kind not in JUDGED:
                detail = f"only the bot's messages of the kinds {', '.join(JUDGED)} can be judged"
                raise Problem(422, "not-an-answer", detail, field="message_id")
            message.helpful = new.helpful
            message.remark = mask(new.comment).text if new.comment else None
        return FeedbackOut(message_id=message.id, helpful=new.helpful, comment=message.remark)

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
                origin=conversation.origin,
                owner=conversation.owner,
            )

    async def resume(self) -> int:
        """Answer what a process that died had stored but not answered; returns how many there were."""
        async with self._database.read() as session:
            owed = await repository.unanswered(session, self._clock.now() - RESUME_WITHIN)
        for message in owed:
            self.lanes.submit(message.conversation_id, lambda message=message: self._turns.take(message))  # type: ignore[misc]
        return len(owed)

    async def _store(self, conversation_id: str, new: NewMessage, offered: Mapping[str, str]) -> tuple[Message, bool]:
        """Mask and store; false when this ``client_id`` brought it before."""
        masked = mask(new.text).text
        digest = hashlib.sha256(masked.encode("utf-8", "replace")).hexdigest()
        async with self._database.write() as session:
            conversation = await repository.lock(session, conversation_id)
            if new.client_id and (before := await repository.by_client_id(session, conversation_id, new.client_id)):
                if before.body_hash != digest:
                    raise Problem(409, "client-id-reused", "this client_id was used for another text")
                return before, False
            if conversation.owner == "closed":
                raise Problem(409, "conversation-closed", "this conversation has ended; start a new one")
            text, payload = await self._pressed(session, conversation_id, masked, offered)
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

    async def _pressed(
        self, session: AsyncSession, conversation_id: str, text: str, offered: Mapping[str, str]
    ) -> tuple[str, str | None]:
        """A button's payload as what the visitor saw and what the engine gets.

        Only payloads that were offered count: nobody types their way into the engine's commands.
        """
        if not text.startswith("/"):
            return text, None
        if text in offered:
            return offered[text], text
        for message in await repository.recent_from_bot(session, conversation_id):
            for choice in message.details.get("choices", ()):
                if choice["payload"] == text:
                    return choice["label"], text
        if text == ALWAYS_OFFERED:
            return self._texts.get("human", "zh"), text
        return text.lstrip("/") or text, None

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
            owner=conversation.owner,
            pending=not message.handled,
        )

    def _known_region(self, code: str | None) -> None:
        if code is not None and self._geography.place(code) is None:
            raise Problem(422, "unknown-region", f"there is no division with the code {code!r}", field="region")

    def _menu(self, language: Language) -> list[dict[str, str]]:
        """The phone line's two layers as buttons: language and business. Both can be skipped by asking."""
        texts = self._texts
        languages: tuple[Language, ...] = ("zh", "yue", "en")
        others = [
            {
                "label": texts.name("language_names", code, code),
                "payload": f'/choose_language{{"language": "{code}"}}',
            }
            for code in languages
            if code != language
        ]
        businesses = [asdict(choice) for choice in menu.businesses(texts, language)]
        return [*businesses, *others, {"label": texts.get("human", language), "payload": "/handoff"}]

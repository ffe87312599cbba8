"""What every platform does alike: find the conversation, take what was said, and hand over what there is to say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from api.channels import rendering, repository
from api.channels.models import Contact, Outgoing
from api.clock import Clock
from api.conversations import messages
from api.conversations import repository as conversations
from api.conversations.schemas import MAX_TEXT, Choice, NewConversation, NewMessage, Switch
from api.conversations.service import ConversationService
from api.database import Database
from api.problems import Problem
from api.security import RateLimits
from api.settings import Settings
from knowledge.language import LanguageState
from knowledge.texts import Texts

PUSH_LEASE = timedelta(seconds=6)
"""How long a push may keep the courier away: a little longer than a platform waits for its reply."""

BETWEEN = "\n\n"
HINT_BYTES = 80
"""Room for the line that says how to choose (``channel_choose``)."""


@dataclass(frozen=True)
class Window:
    """What a visitor's deed allows us: so many messages for so long."""

    quota: int
    lasts: timedelta


class ChannelService:
    """The contacts of one platform."""

    def __init__(
        self,
        channel: str,
        settings: Settings,
        database: Database,
        clock: Clock,
        texts: Texts,
        service: ConversationService,
        limits: RateLimits,
    ) -> None:
        self.channel = channel
        self._settings, self._database, self._clock = settings, database, clock
        self._texts, self._conversations, self._limits = texts, service, limits

    async def arrive(self, account: str, address: str, window: Window, greet: bool) -> tuple[Contact, bool]:
        """The contact who does something now, and whether they are new; opens the window for our messages.

        Somebody new is greeted, unless they begin with a question: then the answer comes first, and alone. A shorter
        window never cuts a longer one. While the push lasts the courier waits: the answer goes out as the
        reply to the push, which costs none of the quota.
        """
        now = self._clock.now()
        fresh = False
        async with self._database.exclusive(f"contact:{self.channel}:{account}:{address}"):
            async with self._database.read() as session:
                found = await repository.contact(session, self.channel, account, address)
            if found is None:
                found, fresh = await self._first_seen(account, address, greet), True
        async with self._database.write() as session:
            contact = await repository.lock(session, found.id)
            ends = now + window.lasts
            if contact.window_ends is None or contact.window_ends <= now or ends >= contact.window_ends:
                contact.quota, contact.window_ends = window.quota, ends
            contact.gone = False
            await session.flush()
            await repository.lease(session, contact.id, "push", now, now + PUSH_LEASE)
        return contact, fresh

    async def _first_seen(self, account: str, address: str, greet: bool) -> Contact:
        started = await self._conversations.start(NewConversation(channel="api"), channel=self.channel)
        now = self._clock.now()
        contact = Contact(
            id=str(uuid4()), channel=self.channel, account=account, address=address,
            conversation_id=started.id, rendered_seq=0 if greet else started.messages[-1].seq, lease_by="push",
            lease_until=now + PUSH_LEASE, created_at=now,
        )  # fmt: skip
        async with self._database.write() as session:
            session.add(contact)
        return contact

    async def leave(self, account: str, address: str) -> None:
        """They unfollowed: nothing is sent until they are back."""
        async with self._database.write() as session:
            if contact := await repository.contact(session, self.channel, account, address):
                contact.gone = True

    async def say(self, contact: Contact, text: str, push: str) -> None:
        """Take what a visitor typed, or the number or label of a choice. The same push again changes nothing.

        What has no words (a space, a smile that the platform drops) is a question mark: it is answered too.
        """
        text = text[:MAX_TEXT] if text.strip() else "?"
        try:
            await self._limits.check(self._settings.limit_messages, "message", contact.conversation_id)
        except Problem:
            await self.note(contact, "channel_too_fast", push)
            return
        typed = await self._taken(contact, text, push) or await self._payload(contact, text)
        try:
            await self._conversations.receive(contact.conversation_id, NewMessage(text=typed, client_id=push))
        except Problem as problem:
            if problem.code != "conversation-closed":
                raise
            await self._restart(contact)
            await self._conversations.receive(contact.conversation_id, NewMessage(text=text, client_id=push))

    async def _taken(self, contact: Contact, text: str, push: str) -> str | None:
        """What a push that comes again was taken for: the choices offered since must not change that."""
        async with self._database.read() as session:
            before = await conversations.by_client_id(session, contact.conversation_id, push)
        if before is None:
            return None
        chose = text.strip().isdigit() or rendering.chosen(text, [before.text], by_number=False) is not None
        return before.payload if before.payload and chose else text

    async def press(self, contact: Contact, choice: Choice, push: str) -> None:
        """Take a click on the account's own menu, which is always offered."""
        offered = {choice.payload: choice.label}
        message = NewMessage(text=choice.payload, client_id=push)
        await self._conversations.receive(contact.conversation_id, message, offered)

    async def locate(self, contact: Contact, code: str, name: str, push: str) -> None:
        """Take a place that was sent as a location: the answer to what was asked, or where the visitor is."""
        async with self._database.read() as session:
            conversation = await conversations.get(session, contact.conversation_id)
            before = await conversations.by_client_id(session, contact.conversation_id, push)
        assert conversation is not None
        if before is not None:
            return
        awaited = conversation.memory.get("awaiting")
        if awaited == "place" and conversation.owner == "bot":
            wish = {key: value for key, value in conversation.memory.get("wish", {}).items() if key == "business"}
            known = {key: value for key, value in wish.items() if value}
            choice = Choice(label=name, payload="/handoff" + json.dumps({"place": code, **known}))
            await self.press(contact, choice, push)
        elif awaited == "city":
            await self._conversations.receive(contact.conversation_id, NewMessage(text=name, client_id=push))
        else:
            await self._conversations.switch(contact.conversation_id, Switch(region=code))
            await self.note(contact, "channel_located", push, place=name)

    async def place(self, contact: Contact, code: str) -> None:
        """Remember silently where a visitor is, as the platform reports it."""
        await self._conversations.switch(contact.conversation_id, Switch(region=code))

    async def note(self, contact: Contact, key: str, push: str, **values: object) -> None:
        """Say a fixed sentence, in the language and script of the talk; once for each push."""
        once = f"{push[:59]}-note"  # beside what the push itself may bring into the talk
        async with self._database.write() as session:
            conversation = await conversations.lock(session, contact.conversation_id)
            if await conversations.by_client_id(session, conversation.id, once):
                return
            state = LanguageState.from_dict(conversation.language)
            text = self._texts.get(key, state.current, state.script, **values)
            messages.append(
                session, conversation, self._clock.now(),
                sender="system", kind="notice", text=text, language=state.current, client_id=once,
            )  # fmt: skip

    async def reply(self, contact: Contact, push: str) -> str | None:
        """What to answer a push with: everything that fits into one message; the courier brings the rest.

        The same push again gives the same text, also when the courier has looked in since: whoever asks again did
        not hear it. None when there is nothing to say, or the courier is at it.
        """
        async with self._database.write() as session:
            held = await repository.lock(session, contact.id)
            before = await repository.pushed(session, contact.id, push)
            if held.lease_by != "push" and not before:
                return None
            rows = before or fitting(await self.render(session, held))
            now = self._clock.now()
            for row in rows:
                row.state, row.push, row.sent_at = "sent", push, row.sent_at or now
            return as_text(rows, self._texts) or None

    async def release(self, contact: Contact) -> None:
        """The push is over: the courier may deliver what is left."""
        async with self._database.write() as session:
            held = await repository.lock(session, contact.id)
            if held.lease_by == "push":
                held.lease_until = self._clock.now()

    async def failed(self, account: str, address: str, span: tuple[int, int], *, late: bool) -> None:
        """The platform tells afterwards that it could not deliver: what came too late waits for the next message."""
        async with self._database.write() as session:
            contact = await repository.contact(session, self.channel, account, address)
            if contact is None:
                return
            for row in await repository.between(session, contact.id, *span):
                row.state, row.error = ("waiting", None) if late else ("failed", "refused after sending")
            if late:
                contact.quota = 0

    async def render(self, session: AsyncSession, contact: Contact) -> Sequence[Outgoing]:
        """Put what was said since the last time into `Outgoing`; returns everything that waits, in order."""
        new = await conversations.after(session, contact.conversation_id, contact.rendered_seq)
        for message in new:
            contact.rendered_seq = message.seq
            if message.sender == "user":
                continue
            shown = messages.present(message)
            parts = rendering.pieces(rendering.readable(shown, self._texts))
            labels = [choice.label for choice in shown.choices]
            if labels and size_of(parts[-1], labels) > rendering.LIMIT_BYTES:
                parts.append("")  # the list of choices is a message of its own
            for place, part in enumerate(parts, 1):
                session.add(
                    Outgoing(
                        contact_id=contact.id, seq=message.seq, text=part, language=shown.language,
                        choices=labels if place == len(parts) else [], next_at=message.created_at,
                    )
                )  # fmt: skip
        await session.flush()
        return await repository.waiting(session, contact.id)

    async def _payload(self, contact: Contact, text: str) -> str:
        """The payload of the choice that a typed number or label means, or the text as it is.

        A number counts in the newest list; a label also in older ones, whose menus can still be tapped.
        """
        async with self._database.read() as session:
            recent = await conversations.recent_from_bot(session, contact.conversation_id)
        newest = next((m for m in recent if m.kind != "notice" or m.details.get("choices")), None)
        for message in recent:
            choices = message.details.get("choices", [])
            place = rendering.chosen(text, [choice["label"] for choice in choices], by_number=message is newest)
            if place is not None:
                return str(choices[place]["payload"])
        return text

    async def _restart(self, contact: Contact) -> None:
        """The old talk has ended: a new one begins with what is said now, without another greeting."""
        started = await self._conversations.start(NewConversation(channel="api"), channel=self.channel)
        async with self._database.write() as session:
            held = await repository.lock(session, contact.id)
            held.conversation_id, held.rendered_seq = started.id, started.messages[-1].seq
        contact.conversation_id = started.id


def size_of(text: str, choices: Sequence[str]) -> int:
    """Bytes of a piece as text, its numbered choices and their hint included."""
    return len(text.encode()) + (len(rendering.numbered(choices).encode()) + HINT_BYTES if choices else 0)


def fitting(rows: Sequence[Outgoing]) -> list[Outgoing]:
    """The first pieces that fit into one message together; a piece with choices is the last one in it."""
    taken: list[Outgoing] = []
    size = 0
    for row in rows:
        size += size_of(row.text, row.choices) + len(BETWEEN)
        if taken and size > rendering.LIMIT_BYTES:
            break
        taken.append(row)
        if row.choices:
            break
    return taken


def as_text(rows: Sequence[Outgoing], texts: Texts) -> str:
    """Pieces as one message, with their choices as a numbered list."""
    parts = [row.text for row in rows if row.text]
    if rows and rows[-1].choices:
        hint = texts.get("channel_choose", rows[-1].language)  # type: ignore[arg-type]  # the column holds a Language
        parts.append(f"{rendering.numbered(rows[-1].choices)}\n{hint}")
    return BETWEEN.join(parts)

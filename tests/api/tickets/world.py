"""A gateway's services in one process, on a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from api.app import Container, build
from api.clock import SHANGHAI
from api.conversations.schemas import HandoffRequest, NewConversation, NewMessage
from api.migrations import migrate
from api.seats.models import Seat
from api.tickets import repository
from api.tickets.schemas import (
    SeatMessage,
    TicketOut,
)
from tests.processes import settings

PASSWORD = "long enough for a test"
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
SEATS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "s1": ("psb-440300", ("zh", "yue"), ("seat",)),
    "s2": ("psb-440300", ("zh",), ("seat",)),
    "boss": ("psb-440300", ("zh",), ("supervisor",)),
    "station": ("gs-8220", ("zh",), ("seat",)),
    "centre": ("masc", ("zh", "yue"), ("seat",)),
    "head": ("masc", ("zh", "yue", "en"), ("supervisor",)),
}


@dataclass
class World:
    """A gateway's services, its seats, and its clock."""

    container: Container
    seats: dict[str, Seat]

    def at(self, moment: datetime) -> None:
        self.container.clock.move(moment)

    def later(self, **lasting: float) -> datetime:
        now = self.container.clock.now() + timedelta(**lasting)
        self.at(now)
        return now

    async def here(self, *names: str) -> None:
        """These seats' consoles call now."""
        async with self.container.database.write() as session:
            for name in names:
                seat = await session.get(Seat, self.seats[name].id)
                assert seat
                seat.seen_at = self.container.clock.now()

    async def visitor(self, **new: Any) -> str:
        new = {"region": "440300"} | new
        return (await self.container.conversations.start(NewConversation(channel="web", **new))).id

    async def queued(self, business: str = "documents", **new: Any) -> tuple[str, TicketOut]:
        conversation = await self.visitor(**new)
        await self.container.conversations.request_human(conversation, HandoffRequest(business=business))  # type: ignore[arg-type]
        return conversation, await self.open(conversation)

    async def open(self, conversation: str) -> TicketOut:
        async with self.container.database.read() as session:
            ticket = await repository.open_of(session, conversation)
        assert ticket
        return await self.ticket(ticket.id)

    async def ticket(self, ticket_id: str) -> TicketOut:
        shown = await self.container.tickets.present(ticket_id)
        assert shown
        return shown

    async def held(self, name: str = "s1", **new: Any) -> tuple[str, TicketOut]:
        conversation, ticket = await self.queued(**new)
        await self.here(name)
        return conversation, await self.container.tickets.claim(self.seats[name], ticket.id)

    async def says(self, conversation: str, words: str) -> list[Any]:
        return (await self.container.conversations.receive(conversation, NewMessage(text=words))).replies

    async def answers(self, name: str, ticket: TicketOut, words: str = "您好") -> None:
        await self.container.tickets.say(self.seats[name], ticket.id, SeatMessage(text=words))

    async def said(self, conversation: str) -> list[str]:
        return [message.text for message in (await self.container.conversations.history(conversation, 0)).messages]

    async def events(self, ticket: TicketOut) -> list[str]:
        async with self.container.database.read() as session:
            return [line.what for line in await repository.history(session, ticket.id)]

    async def press(self, conversation: str, part: str) -> list[Any]:
        """Press the newest button whose payload contains this."""
        shown = (await self.container.conversations.history(conversation, 0)).messages
        payload = next(c.payload for m in reversed(shown) for c in m.choices if part in c.payload)
        return await self.says(conversation, payload)


async def template(folder: Path, **given: Any) -> None:
    """A database with the seats, made once: hashing passwords takes longer than most tests."""
    container = build(settings(folder, **given))
    await migrate(container.database)
    for name, (unit, languages, roles) in SEATS.items():
        await container.seats.add(name, f"工号{name}", unit, PASSWORD, languages, 2, roles)  # type: ignore[arg-type]
    await container.engine.close()
    await container.database.close()

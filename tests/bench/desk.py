"""Speed of the desk: `python -m tests.bench.desk`; `make bench` runs it too.

One gateway process on SQLite, without an engine (what is said to a seat never passes it), and this process with all
visitors and seats: real HTTP, real WebSockets. First tickets by the second, then the time from a visitor's POST to
the words in the seat's console, with 200 live conversations.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from api.app import build
from api.migrations import migrate
from api.settings import Settings
from tests.api.knowledge.test_gateways import process
from tests.bench.__main__ import quantiles
from tests.processes import settings, small_data

PASSWORD = "long enough for a test"
SEATS = 10
AT_ONCE = 20
TICKETS = 300
LIVE = 200
EACH_SAYS = 3
PING_EVERY = 20.0
PAUSE = 20.0
"""Seconds between two messages of a visitor: people in a talk read, think and type."""


@dataclass
class Visitor:
    """One conversation, and the ticket it got."""

    id: str
    headers: dict[str, str]
    token: str
    ticket: str = ""


@dataclass
class Seat:
    """One console: its session, and when each of the words came."""

    headers: dict[str, str]
    token: str
    came: dict[str, float] = field(default_factory=dict)


async def prepare(current: Settings) -> None:
    """Tables, and seats with room for everybody."""
    container = build(current)
    await migrate(container.database)
    for number in range(SEATS):
        await container.seats.add(f"s{number}", f"工号{number}", "masc", PASSWORD, ("zh", "en"), TICKETS + LIVE)
    await container.engine.close()
    await container.database.close()


async def together(jobs: Sequence[Callable[[], Awaitable[Any]]], at_once: int = AT_ONCE) -> float:
    """Do all of them, so many at a time; seconds it took."""
    gate = asyncio.Semaphore(at_once)

    async def one(job: Callable[[], Awaitable[Any]]) -> None:
        async with gate:
            await job()

    begun = time.perf_counter()
    await asyncio.gather(*(one(job) for job in jobs))
    return time.perf_counter() - begun


class Bench:
    """Calls of one bench."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=AT_ONCE * 4, keepalive_expiry=2)  # before the gateway closes it
        self.url, self.http = url, httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits)

    async def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        """POST that must be taken."""
        answer = await self.http.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def login(self, name: str) -> Seat:
        """A seat's session."""
        token = (await self.post("/v1/seats/login", {"username": name, "password": PASSWORD}))["token"]
        return Seat({"Authorization": f"Bearer {token}"}, token)

    async def visitors(self, count: int) -> list[Visitor]:
        """Conversations from abroad: nothing has to be asked before the queue."""
        found: list[Visitor] = []

        async def start() -> None:
            new = await self.post("/v1/conversations", {"channel": "web", "origin": "overseas"})
            found.append(Visitor(new["id"], {"Authorization": f"Bearer {new['token']}"}, new["token"]))

        await together([start] * count)
        return found

    async def opened(self, visitor: Visitor) -> None:
        """A ticket in the queue."""
        exchange = await self.post(f"/v1/conversations/{visitor.id}/handoff", {}, visitor.headers)
        visitor.ticket = exchange["replies"][0]["ticket"]["id"]

    async def act(self, seat: Seat, visitor: Visitor, what: str) -> None:
        """Claim or resolve."""
        await self.post(f"/v1/tickets/{visitor.ticket}/{what}", {}, seat.headers)

    @asynccontextmanager
    async def line(self, path: str, token: str) -> AsyncIterator[ClientConnection]:
        """An open stream."""
        async with connect(self.url.replace("http", "ws") + path, proxy=None, max_queue=None) as socket:
            await socket.send(json.dumps({"type": "auth", "token": token}))
            yield socket


def processor() -> float:
    """Seconds of processor time that the gateway, our only child, has used: a busy machine's clock says little."""
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    fields = Path(f"/proc/{children[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def throughput(bench: Bench, seats: list[Seat]) -> None:
    """Tickets opened, claimed and resolved, each by the second."""
    people = await bench.visitors(TICKETS)
    steps: dict[str, list[Callable[[], Awaitable[Any]]]] = {
        "opened": [lambda one=one: bench.opened(one) for one in people],  # type: ignore[misc]
        "claimed": [
            lambda one=one, seat=seats[n % SEATS]: bench.act(seat, one, "claim")  # type: ignore[misc]
            for n, one in enumerate(people)
        ],
        "resolved": [
            lambda one=one, seat=seats[n % SEATS]: bench.act(seat, one, "resolve")  # type: ignore[misc]
            for n, one in enumerate(people)
        ],
    }
    for name, jobs in steps.items():
        before = processor()
        rate = TICKETS / await together(jobs)
        cost = (processor() - before) / TICKETS * 1000
        print(f"tickets {name:9} {rate:6.1f} /s, {cost:5.1f} ms of the gateway's processor time each", flush=True)


async def listen(socket: ClientConnection, seat: Seat) -> None:
    """Note when each message came to the console."""
    async for text in socket:
        frame = json.loads(text)
        if frame["type"] == "message":
            seat.came.setdefault(frame["message"]["text"], time.perf_counter())


async def ping(socket: ClientConnection) -> None:
    """A console tells every now and then that its seat is there."""
    while True:
        await asyncio.sleep(PING_EVERY)
        await socket.send(json.dumps({"type": "ping"}))


async def drain(socket: ClientConnection) -> None:
    """A visitor's page reads what comes."""
    async for _ in socket:
        pass


async def latency(bench: Bench, seats: list[Seat]) -> None:
    """From a visitor's POST to the console, while everybody's streams are open."""
    people = await bench.visitors(LIVE)
    holder = {one.id: seats[n % SEATS] for n, one in enumerate(people)}
    await together([lambda one=one: bench.opened(one) for one in people])  # type: ignore[misc]
    await together([lambda one=one: bench.act(holder[one.id], one, "claim") for one in people])  # type: ignore[misc]
    said: dict[str, float] = {}
    readers_of: dict[str, Seat] = {}
    answered: list[float] = []

    async def talk(place: int, one: Visitor) -> None:
        await asyncio.sleep(PAUSE * place / LIVE)
        for turn in range(EACH_SAYS):
            words = f"{place}号的第{turn}句"  # short numbers: long ones would be masked
            readers_of[words] = holder[one.id]
            said[words] = begun = time.perf_counter()
            await bench.post(f"/v1/conversations/{one.id}/messages", {"text": words}, one.headers)
            answered.append(time.perf_counter() - begun)
            await asyncio.sleep(max(0.0, PAUSE - (time.perf_counter() - begun)))

    async with AsyncExitStack() as stack:
        readers: list[asyncio.Task[None]] = []
        for seat in seats:
            socket = await stack.enter_async_context(bench.line("/v1/seats/stream", seat.token))
            readers += [asyncio.create_task(listen(socket, seat)), asyncio.create_task(ping(socket))]
        for one in people:
            socket = await stack.enter_async_context(bench.line(f"/v1/conversations/{one.id}/stream", one.token))
            readers.append(asyncio.create_task(drain(socket)))
        before = processor()
        await asyncio.gather(*(talk(n, one) for n, one in enumerate(people)))
        cost = (processor() - before) / len(said) * 1000
        await asyncio.sleep(2)
        for reader in readers:
            reader.cancel()
    took = [readers_of[words].came[words] - begun for words, begun in said.items() if words in readers_of[words].came]
    print(f"{LIVE} live conversations, {LIVE / PAUSE:.0f} messages/s, {SEATS} consoles: {cost:.1f} ms each")
    print(f"visitor to seat           {quantiles(took)}")
    print(f"visitor's POST answered   {quantiles(answered)}")
    assert len(took) == len(said), f"{len(said) - len(took)} never came"


async def main() -> None:
    """Measure on a gateway of its own."""
    with tempfile.TemporaryDirectory() as folder:
        current = settings(Path(folder) / "var", data_dir=small_data(Path(folder)))
        await prepare(current)
        print(f"load {os.getloadavg()[0]:.1f} before")
        with process(current) as url:
            bench = Bench(url)
            seats = [await bench.login(f"s{number}") for number in range(SEATS)]
            await throughput(bench, seats)
            await latency(bench, seats)
            await bench.http.aclose()


if __name__ == "__main__":
    asyncio.run(main())

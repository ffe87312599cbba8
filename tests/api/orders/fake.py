"""A 12345 on a bad line, and what it sends."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from api.app import Container
from api.conversations.schemas import HandoffRequest, NewConversation, NewMessage
from api.orders.outbox import Outbox
from api.orders.schemas import ToPartner
from api.partners.signature import SIGNATURE, signature, signed
from api.seats.models import Seat
from api.tickets import repository
from api.tickets.schemas import TicketOut

SECRET = "a secret of at least thirty-two letters"
PASSWORD = "long enough for a test"
PATH = "/v1/partners/12345/work-orders"
TALKS = "/v1/partners/12345/talks"
INVITED = ToPartner(partner="12345", reason="问的是社保，电话 13800138000")


class Fake12345:
    """A 12345 on a bad line: as a server it may lose calls or its own answers; as a client it repeats until told."""

    def __init__(self, app: FastAPI, container: Container, seed: int, bad: float = 0.35) -> None:
        self.container, self.random, self.bad = container, random.Random(seed), bad
        self.heard: dict[str, dict[int, dict[str, Any]]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.talks: dict[str, dict[str, Any]] = {}
        self.wrong: list[str] = []
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.receive))
        self.outbox = Outbox(container.outbox._desk, container.outbox._contacts, http)

    async def receive(self, request: httpx.Request) -> httpx.Response:
        """A call of the gateway: checked, stored by its number, and perhaps lost before or after."""
        if self.random.random() < self.bad:
            raise httpx.ConnectTimeout("dropped before it came", request=request)
        await asyncio.sleep(self.random.random() / 500)
        told = {name: request.headers[f"X-Consult-{name}"] for name in ("Timestamp", "Nonce")}
        expected = signature(
            SECRET, "PUT", request.url.raw_path.decode(), told["Timestamp"], told["Nonce"], request.content
        )
        if request.headers[SIGNATURE] != expected:
            return httpx.Response(401)
        parts, body = request.url.path.split("/"), json.loads(request.content)
        if "events" not in parts:
            {"orders": self.orders, "talks": self.talks}[parts[-2]][parts[-1]] = body
        else:
            events = self.heard.setdefault(parts[-3], {})
            seq = int(parts[-1])
            if seq in events and events[seq]["event"] != body["event"]:
                self.wrong.append(f"event {seq} of {parts[-3]} changed")
            if seq > 1 and seq - 1 not in events:
                self.wrong.append(f"event {seq} of {parts[-3]} before its turn")
            events[seq] = body
        if self.random.random() < self.bad:
            raise httpx.ReadTimeout("the answer was dropped", request=request)
        return httpx.Response(204)

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """One signed call on a good line."""
        content = json.dumps(body).encode() if body is not None else b""
        headers = signed("12345", SECRET, method, path, content, self.container.clock.now())
        return await self.http.request(
            method, path, content=content, headers=headers | {"Content-Type": "application/json"}
        )

    async def insist(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """The same on a bad line: sent until an answer comes back, sometimes twice at once."""
        while True:
            if self.random.random() < self.bad:
                continue  # lost on the way
            copies = 1 + (self.random.random() < self.bad)
            await asyncio.sleep(self.random.random() / 200)
            answers = await asyncio.gather(*(self.call(method, path, body) for _ in range(copies)))
            if self.random.random() >= self.bad:
                return answers[0]

    async def told(self) -> None:
        """Give the gateway the time to tell everything, also what gets lost again and again."""
        for _ in range(60):
            self.container.clock.move(self.container.clock.now() + timedelta(minutes=11))
            await self.outbox.send_due()


async def seat(container: Container, name: str, unit: str) -> Seat:
    return await container.seats.add(name, f"工号{name}", unit, PASSWORD, ("zh",), 100, ("seat", "supervisor"))


async def held(container: Container, worker: Seat) -> tuple[str, TicketOut]:
    """A visitor's case that a seat holds, with its conversation."""
    conversation = (await container.conversations.start(NewConversation(channel="web", region="440300"))).id
    await container.conversations.request_human(conversation, HandoffRequest(business="documents"))
    async with container.database.read() as session:
        ticket = await repository.open_of(session, conversation)
    assert ticket
    return conversation, await container.tickets.claim(worker, ticket.id)


async def invited(container: Container) -> tuple[str, TicketOut, Seat]:
    """The same, when its seat has just invited 12345 to the talk."""
    worker = await seat(container, "w1", "psb-440300")
    conversation, ticket = await held(container, worker)
    await container.conversations.receive(conversation, NewMessage(text="社保断了能办居住证吗，我叫王小明"))
    return conversation, await container.talks.invite(worker, ticket.id, INVITED), worker


def order(number: int, **more: Any) -> dict[str, Any]:
    return {
        "order_no": f"GZ-{number}",
        "title": "护照办理咨询",
        "text": "请问护照怎么补办，我的身份证 11010519491231002X",
        "business": "documents",
        "region": "440100",
        **more,
    }

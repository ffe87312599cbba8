"""Work orders with a 12345 that drops, repeats, delays and reorders: no order lost, none doubled."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI
from sqlalchemy import text

from api.app import Container, create_app
from api.clock import SHANGHAI
from api.migrations import migrate
from api.orders.outbox import Outbox
from api.partners.signature import SIGNATURE, signature, signed
from api.problems import Problem
from api.seats.models import Seat
from api.tickets import repository
from api.tickets.schemas import Resolution, SeatMessage
from tests.processes import settings

SECRET = "a secret of at least thirty-two letters"
PASSWORD = "long enough for a test"


class Fake12345:
    """A 12345 on a bad line: as a server it may lose calls or its own answers; as a client it repeats until told."""

    def __init__(self, app: FastAPI, container: Container, seed: int, bad: float = 0.35) -> None:
        self.container, self.random, self.bad = container, random.Random(seed), bad
        self.heard: dict[str, dict[int, dict[str, Any]]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.wrong: list[str] = []
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")
        self.outbox_http = httpx.AsyncClient(transport=httpx.MockTransport(self.receive))

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
            self.orders[parts[-1]] = body
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

    async def insist(self, method: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """The same on a bad line: sent until an answer comes back, sometimes twice at once."""
        while True:
            if self.random.random() < self.bad:
                continue  # lost on the way
            copies = 1 + (self.random.random() < self.bad)
            await asyncio.sleep(self.random.random() / 200)
            answers = await asyncio.gather(*(self.call(method, path, body) for _ in range(copies)))
            if self.random.random() >= self.bad:
                return answers[0]


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)
    current = settings(tmp_path, partners={"12345": SECRET}, partner_urls={"12345": "http://12345.example/12367"})
    made = create_app(current)
    container: Container = made.state.container
    await migrate(container.database)
    container.clock.move(datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI))
    yield made
    await container.engine.close()
    await container.outbox.close()
    await container.database.close()


async def seat(container: Container, name: str, unit: str) -> Seat:
    return await container.seats.add(name, f"工号{name}", unit, PASSWORD, ("zh",), 100, ("seat", "supervisor"))


def order(number: int, **more: Any) -> dict[str, Any]:
    return {
        "order_no": f"GZ-{number}",
        "title": "护照办理咨询",
        "text": "请问护照怎么补办，我的身份证 11010519491231002X",
        "business": "documents",
        "region": "440100",
        **more,
    }


PATH = "/v1/partners/12345/work-orders"


async def test_an_order_is_routed_by_the_same_rules_and_taken_once(app: FastAPI) -> None:
    fake = Fake12345(app, app.state.container, 1)
    first, again = await fake.call("POST", PATH, order(1)), await fake.call("POST", PATH, order(1))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() and first.json()["unit"]["id"] == "psb-440100"
    other = await fake.call("POST", PATH, order(1, text="别的内容"))
    assert other.status_code == 409
    assert (await fake.call("GET", f"{PATH}/GZ-1")).json()["ticket"] == first.json()["ticket"]
    unclear = await fake.call("POST", PATH, order(2, business=None, region=None))
    assert unclear.json()["unit"]["id"] == "masc", "what is unclear goes to who dispatches"
    async with app.state.container.database.read() as session:
        stored = (await session.execute(text("select text from messages"))).scalars().all()
    assert all("11010519491231002X" not in words for words in stored)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"order_no": ""}, "order_no"),
        ({"region": "99"}, "region"),
        ({"surprise": 1}, "surprise"),
        ({"text": " "}, "text"),
    ],
)
async def test_a_wrong_order_is_refused_with_the_field(app: FastAPI, change: dict[str, Any], field: str) -> None:
    fake = Fake12345(app, app.state.container, 1)
    answer = await fake.call("POST", PATH, order(1) | change)
    assert answer.status_code == 422 and field in answer.json()["detail"]


async def test_only_the_partner_itself_gets_in(app: FastAPI) -> None:
    fake = Fake12345(app, app.state.container, 1)
    assert (await fake.http.post(PATH, json=order(1))).status_code == 401
    assert (await fake.call("POST", "/v1/partners/other/work-orders", order(1))).status_code == 403


@pytest.mark.parametrize("seed", range(3))
async def test_on_a_bad_line_no_order_is_lost_and_none_doubled(app: FastAPI, seed: int) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, seed)
    outbox = Outbox(container.outbox._desk, container.outbox._contacts, fake.outbox_http)
    worker, count = await seat(container, "s1", "psb-440100"), 12
    sent = [fake.insist("POST", PATH, order(n)) for n in range(count)]
    fake.random.shuffle(sent)
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["ticket"] for answer in answers}) == count

    async with container.database.read() as session:
        tickets = await repository.waiting(session, "psb-440100")
    assert len(tickets) == count
    for place, ticket in enumerate(tickets):
        await outbox.send_due()
        if place % 4 == 3:
            await container.casework.give_back(worker, ticket.id, "不属于本单位")
            continue
        await container.tickets.claim(worker, ticket.id)
        await container.tickets.say(worker, ticket.id, SeatMessage(text="请到窗口补办"))
        await container.tickets.resolve(worker, ticket.id, Resolution(category="护照"))
    for _ in range(60):
        container.clock.move(container.clock.now() + timedelta(minutes=11))
        await outbox.send_due()

    assert fake.wrong == []
    assert len(fake.heard) == count
    for events in fake.heard.values():
        told = [events[seq]["event"] for seq in sorted(events)]
        assert sorted(events) == list(range(1, len(events) + 1))
        assert told in (["accepted", "answered", "resolved"], ["accepted", "returned"])
        assert events[len(events)].get("reason") == ("不属于本单位" if told[-1] == "returned" else None)
        if told[-1] == "resolved":
            assert events[len(events)]["answers"] == ["请到窗口补办"]
    assert await outbox.send_due() == 0


async def test_the_pause_between_tries_grows(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1, bad=0.0)
    calls: list[float] = []

    def dead(request: httpx.Request) -> httpx.Response:
        calls.append((container.clock.now() - begun).total_seconds())
        return httpx.Response(503)

    await fake.call("POST", PATH, order(1))
    begun = container.clock.now()
    http = httpx.AsyncClient(transport=httpx.MockTransport(dead))
    outbox = Outbox(container.outbox._desk, container.outbox._contacts, http)
    for second in range(0, 3000, 5):
        container.clock.move(begun + timedelta(seconds=second))
        await outbox.send_due()
    pauses = [round(after - before) for before, after in pairwise(calls)]
    assert pauses == sorted(pauses) and pauses[0] <= 10 and 600 <= pauses[-1] <= 610
    await http.aclose()


async def test_additions_count_once_and_restart_the_clock(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1)
    ticket_no = (await fake.call("POST", PATH, order(1))).json()["ticket"]
    for _ in range(2):
        answer = await fake.call("POST", f"{PATH}/GZ-1/additions", {"id": "a1", "text": "补充：人在广州"})
        assert answer.status_code == 200
    async with container.database.read() as session:
        ticket = await repository.by_number(session, ticket_no)
        assert ticket
        said = (await session.execute(text("select count(*) from messages where text like '补充%'"))).scalar_one()
    assert said == 1 and ticket.response_due_at
    assert (await fake.call("POST", f"{PATH}/none/additions", {"id": "a1", "text": "x"})).status_code == 404


async def test_a_case_is_handed_over_and_its_end_comes_back_in_order(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 3)
    outbox = Outbox(container.outbox._desk, container.outbox._contacts, fake.outbox_http)
    worker = await seat(container, "s1", "psb-440300")
    from api.conversations.schemas import HandoffRequest, NewConversation
    from api.orders.schemas import TransferOut

    conversation = (await container.conversations.start(NewConversation(channel="web", region="440300"))).id
    await container.conversations.request_human(conversation, HandoffRequest(business="documents"))
    async with container.database.read() as session:
        ticket = await repository.open_of(session, conversation)
    assert ticket
    await container.tickets.claim(worker, ticket.id)
    away = await container.orders.hand_over(worker, ticket.id, TransferOut(partner="12345", reason="属于社保业务"))
    assert away.status == "away"
    for _ in range(60):
        container.clock.move(container.clock.now() + timedelta(minutes=11))
        await outbox.send_due()
    assert fake.orders[ticket.number]["reason"] == "属于社保业务"

    events = f"/v1/partners/12345/transfers/{ticket.number}/events"
    second = {"seq": 2, "event": "resolved", "text": "已由社保局答复"}
    assert (await fake.call("PUT", f"{events}/2", second)).status_code == 409, "the first one is missing"
    await fake.insist("PUT", f"{events}/1", {"seq": 1, "event": "accepted"})
    for _ in range(2):
        assert (await fake.call("PUT", f"{events}/2", second)).status_code == 204
    history = await container.conversations.history(conversation, 0)
    texts = [message.text for message in history.messages]
    assert texts.count("来自12345的答复：已由社保局答复") == 1 and history.owner == "bot"
    shown = await container.tickets.present(ticket.id)
    assert shown and shown.status == "resolved" and shown.follow_up_at
    with pytest.raises(Problem):
        await container.orders.hand_over(worker, ticket.id, TransferOut(partner="nobody", reason="不存在"))

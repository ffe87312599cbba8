"""Work orders with a 12345 that drops, repeats, delays and reorders: no order lost, none doubled."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.app import Container
from api.orders.outbox import Outbox
from api.orders.schemas import ToPartner
from api.problems import Problem
from api.tickets import repository
from api.tickets.schemas import Resolution, SeatMessage
from tests.api.orders.fake import PATH, Fake12345, held, order, seat


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
        await fake.outbox.send_due()
        if place % 4 == 3:
            await container.casework.give_back(worker, ticket.id, "不属于本单位")
            continue
        await container.tickets.claim(worker, ticket.id)
        await container.tickets.say(worker, ticket.id, SeatMessage(text="请到窗口补办"))
        await container.tickets.resolve(worker, ticket.id, Resolution(category="护照"))
    await fake.told()

    assert fake.wrong == []
    assert len(fake.heard) == count
    for events in fake.heard.values():
        told = [events[seq]["event"] for seq in sorted(events)]
        assert sorted(events) == list(range(1, len(events) + 1))
        assert told in (["accepted", "answered", "resolved"], ["accepted", "returned"])
        assert events[len(events)].get("reason") == ("不属于本单位" if told[-1] == "returned" else None)
        if told[-1] == "resolved":
            assert events[len(events)]["answers"] == ["请到窗口补办"]
    assert await fake.outbox.send_due() == 0


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
    worker = await seat(container, "s1", "psb-440300")
    conversation, ticket = await held(container, worker)
    away = await container.orders.hand_over(worker, ticket.id, ToPartner(partner="12345", reason="属于社保业务"))
    assert away.status == "away"
    await fake.told()
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
        await container.orders.hand_over(worker, ticket.id, ToPartner(partner="nobody", reason="不存在"))

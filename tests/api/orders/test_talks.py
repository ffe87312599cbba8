"""A person of 12345 joins a talk: on a bad line nothing is lost, nothing is said twice, and nothing after the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Container
from api.conversations.schemas import HandoffRequest, NewMessage
from api.orders.schemas import ToPartner
from api.problems import Problem
from api.tickets import repository
from api.tickets.schemas import Resolution, SeatMessage
from tests.api.orders.fake import INVITED, PATH, TALKS, Fake12345, invited, order, seat


async def said(container: Container, conversation: str) -> list[tuple[str, str | None, str]]:
    """Who said what, as the visitor reads it."""
    shown = (await container.conversations.history(conversation, 0)).messages
    return [(message.sender, message.seat, message.text) for message in shown]


async def test_the_visitor_is_told_and_12345_rung_with_what_a_person_needs(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 5)
    conversation, ticket, _ = await invited(container)
    assert ticket.partner == "12345" and (await said(container, conversation))[-1] == (
        "system", None, "“12345”的工作人员受邀加入，一起为您解答。",
    )  # fmt: skip
    await fake.told()
    assert await fake.outbox.send_due() == 0
    rung = fake.talks.pop(ticket.number)
    assert not fake.talks and rung["place"]["code"] == "440300"
    assert {name: rung[name] for name in ("number", "ticket", "language", "business", "address")} == {
        "number": ticket.number, "ticket": ticket.number, "language": "zh", "business": "documents",
        "address": f"{TALKS}/{ticket.number}",
    }  # fmt: skip
    assert rung["reason"].startswith("问的是社保") and "13800138000" not in rung["reason"]
    words = [message["text"] for message in rung["messages"]]
    assert any("社保断了" in text for text in words) and not any("王小明" in text for text in words)


@pytest.mark.parametrize("seed", range(3))
async def test_on_a_bad_line_every_word_arrives_once_and_in_order(app: FastAPI, seed: int) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, seed)
    conversation, ticket, worker = await invited(container)
    await fake.told()
    path = f"{TALKS}/{fake.talks[ticket.number]['number']}"
    for number in range(8):
        await fake.insist("POST", f"{path}/messages", {"id": f"w-{number}", "text": f"社保答复{number}"})
        await container.tickets.say(worker, ticket.id, SeatMessage(text=f"出入境答复{number}"))
        await container.conversations.receive(conversation, NewMessage(text=f"问题{number}"))
    read: list[dict[str, Any]] = []
    while not read or read[-1]["text"] != "问题7":
        after = read[-1]["seq"] if read else 0
        read += (await fake.insist("GET", f"{path}/messages?after={after}")).json()["messages"]
    everything = await said(container, conversation)
    assert [(one["sender"], one["seat"], one["text"]) for one in read] == everything
    expected = [
        (sender, name, f"{words}{number}")
        for number in range(8)
        for sender, name, words in (
            ("seat", "12345", "社保答复"), ("seat", "工号w1", "出入境答复"), ("user", None, "问题"),
        )
    ]  # fmt: skip
    assert everything[-len(expected) :] == expected
    await fake.insist("DELETE", path)
    await fake.insist("DELETE", path)
    left = [words for _, _, words in await said(container, conversation) if "离开" in words]
    assert left == ["“12345”已离开，原来的工作人员继续为您服务。"]
    shown = await container.tickets.get(worker, ticket.id)
    assert shown.partner is None and shown.history_whole
    assert [line.what for line in shown.history or []].count("partner_left") == 1


async def test_12345s_answer_counts_as_the_seats_would(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1)
    _, ticket, worker = await invited(container)
    assert (ticket.status, ticket.first_response_at) == ("active", None) and ticket.awaited_since
    async with container.bus.subscribe(f"unit:{ticket.unit.id}") as console:
        words = {"id": "w", "text": "我的电话 13900139000"}
        answer = await fake.call("POST", f"{TALKS}/{ticket.number}/messages", words)
        frames = [console.get_nowait() for _ in range(console.qsize())]
    shown = answer.json()
    assert (answer.status_code, shown["seat"], shown["partner"]) == (201, "12345", "12345")
    assert "13900139000" not in shown["text"]
    assert shown in [frame["message"] for frame in frames if frame["type"] == "message"]
    after = await container.tickets.get(worker, ticket.id)
    assert (after.status, after.awaited_since) == ("answered", None) and after.first_response_at
    assert [(line.seat_id, line.details) for line in after.history or [] if line.what == "answered"] == [
        (None, {"partner": "12345"})
    ]
    with pytest.raises(Problem, match="not a seat's answer"):
        await container.drafts.make(worker, ticket.id, shown["seq"])
    reused = await fake.call("POST", f"{TALKS}/{ticket.number}/messages", {"id": "w", "text": "别的"})
    assert reused.status_code == 409
    for words in ({"id": "e", "text": " "}, {"id": "e", "text": "长" * 2001}, {"text": "没有编号"}):
        assert (await fake.call("POST", f"{TALKS}/{ticket.number}/messages", words)).status_code == 422


async def test_who_waits_hears_at_once_and_nobody_waits_for_ever(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1)
    conversation, ticket, worker = await invited(container)
    seq = (await container.conversations.history(conversation, 0)).messages[-1].seq
    path = f"{TALKS}/{ticket.number}/messages?after={seq}"
    assert (await fake.call("GET", f"{path}&wait=0.2")).json()["messages"] == []
    waiting = asyncio.create_task(fake.call("GET", f"{path}&wait=25"))
    await asyncio.sleep(0.2)
    await container.tickets.say(worker, ticket.id, SeatMessage(text="请稍等"))
    assert [one["text"] for one in (await asyncio.wait_for(waiting, 10)).json()["messages"]] == ["请稍等"]
    waiting = asyncio.create_task(fake.call("GET", f"{TALKS}/{ticket.number}/messages?after={seq + 1}&wait=25"))
    await asyncio.sleep(0.2)
    await container.tickets.resolve(worker, ticket.id, Resolution())
    assert (await asyncio.wait_for(waiting, 10)).json()["open"] is False
    assert (await fake.call("GET", f"{path}&wait=26")).status_code == 422


@pytest.mark.parametrize("end", ["resolve", "to_bot", "hand_over", "leave"])
async def test_after_the_end_nothing_is_said_or_read_and_the_last_words_still_are(app: FastAPI, end: str) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1, bad=0)
    conversation, ticket, worker = await invited(container)
    path = f"{TALKS}/{ticket.number}"
    mine = {"id": "w-1", "text": "我是12345"}
    assert (await fake.call("POST", f"{path}/messages", mine)).status_code == 201
    await container.tickets.say(worker, ticket.id, SeatMessage(text="再见"))
    container.clock.move(container.clock.now().replace(minute=30))
    if end == "resolve":
        await container.tickets.resolve(worker, ticket.id, Resolution())
    elif end == "to_bot":
        await container.casework.to_bot(worker, ticket.id, "不需要人工")
    elif end == "hand_over":
        await container.orders.hand_over(worker, ticket.id, INVITED)
    else:
        await fake.call("DELETE", path)
    container.clock.move(container.clock.now().replace(minute=40))
    await container.conversations.request_human(conversation, HandoffRequest(business="documents"))
    newest = (await said(container, conversation))[-1][2]
    assert (await fake.call("POST", f"{path}/messages", mine)).status_code == 201, "the answer may have been lost"
    late = await fake.call("POST", f"{path}/messages", {"id": "w-2", "text": "还在"})
    assert (late.status_code, late.json()["type"].split("/")[-1]) == (409, "talk-ended")
    read = (await fake.call("GET", f"{path}/messages")).json()
    words = [one["text"] for one in read["messages"]]
    assert read["open"] is False and "再见" in words and newest not in words
    assert (await fake.call("DELETE", path)).status_code == 204
    shown = await container.tickets.present(ticket.id)
    assert shown and shown.partner is None
    await fake.outbox.send_due()
    assert fake.talks == {}, "12345 is not rung for a talk that is over"


async def test_a_case_back_in_the_queue_waits_for_a_seat_before_12345_goes_on(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1)
    _, ticket, worker = await invited(container)
    await container.casework.release(worker, ticket.id, "换班")
    words = {"id": "w", "text": "我还在"}
    assert (await fake.call("POST", f"{TALKS}/{ticket.number}/messages", words)).status_code == 409
    again = await container.tickets.claim(worker, ticket.id)
    assert again.partner == "12345"
    assert (await fake.call("POST", f"{TALKS}/{ticket.number}/messages", words)).status_code == 201


async def test_one_partner_at_a_time_and_each_invitation_is_a_talk_of_its_own(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1, bad=0)
    _, ticket, worker = await invited(container)
    with pytest.raises(Problem, match="12345 is in this talk") as twice:
        await container.talks.invite(worker, ticket.id, INVITED)
    assert (twice.value.status, twice.value.code) == (409, "partner-is-there")
    await fake.call("DELETE", f"{TALKS}/{ticket.number}")
    await container.talks.invite(worker, ticket.id, INVITED)
    await fake.outbox.send_due()
    assert list(fake.talks) == [f"{ticket.number}-2"]
    for number, status in ((ticket.number, 409), (f"{ticket.number}-2", 201)):
        answer = await fake.call("POST", f"{TALKS}/{number}/messages", {"id": "w", "text": "您好"})
        assert answer.status_code == status


async def test_who_may_invite_whom(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1, bad=0)
    _, ticket, worker = await invited(container)
    other = await seat(container, "s2", "psb-440300")
    taken = (await fake.call("POST", PATH, order(1, region="440300"))).json()["ticket"]
    async with container.database.read() as session:
        ordered = await repository.by_number(session, taken)
    assert ordered
    await container.tickets.claim(worker, ordered.id)
    for who, number, partner, refusal in (
        (worker, ticket.id, "nobody", (422, "unknown-partner")),
        (other, ticket.id, "12345", (409, "not-your-ticket")),
        (worker, ordered.id, "12345", (409, "not-a-chat")),
    ):
        with pytest.raises(Problem) as refused:
            await container.talks.invite(who, number, ToPartner(partner=partner, reason="请协助"))
        assert (refused.value.status, refused.value.code) == refusal


async def test_only_the_partner_that_was_invited_gets_in(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1, bad=0)
    _, ticket, _ = await invited(container)
    path = f"{TALKS}/{ticket.number}"
    assert (await fake.http.get(f"{path}/messages")).status_code == 401
    assert (await fake.call("GET", f"/v1/partners/other/talks/{ticket.number}/messages")).status_code == 403
    for method, where in (("GET", "none/messages"), ("POST", "none/messages"), ("DELETE", "none")):
        body = {"id": "w", "text": "您好"} if method == "POST" else None
        answer = await fake.call(method, f"{TALKS}/{where}", body)
        assert (answer.status_code, answer.json()["type"].split("/")[-1]) == (404, "no-such-talk")

"""Places in a queue, languages, capacity, and who is next when nobody is there."""

from __future__ import annotations

from datetime import datetime

import pytest

from actions.replies import HandoffWish
from api.clock import SHANGHAI
from api.conversations import repository as conversations
from api.problems import Problem
from api.tickets.handoff import Speech
from tests.api.tickets.world import World


async def test_a_silent_chat_returns_to_its_old_place(world: World) -> None:
    first, one = await world.queued()
    world.later(minutes=1)
    _, two = await world.queued()
    await world.here("s1", "s2")
    await world.container.tickets.claim(world.seats["s1"], one.id)
    world.later(minutes=4)
    await world.here("s1", "s2")
    await world.container.sweeper.sweep()
    assert (await world.ticket(one.id)).status == "active", "claimed four minutes ago: there is still time"
    world.later(minutes=2)
    await world.here("s1", "s2")
    await world.container.sweeper.sweep()
    back = await world.ticket(one.id)
    assert (back.status, back.position, back.seat) == ("waiting", 1, None)
    assert (await world.ticket(two.id)).position == 2
    state = await world.container.conversations.history(first, 0)
    assert state.owner == "queue" and any("原来位置" in message.text for message in state.messages)


async def test_a_disconnected_seats_chats_return(world: World) -> None:
    _, ticket = await world.held()
    await world.answers("s1", ticket)
    world.later(seconds=80)
    await world.container.sweeper.sweep()
    assert (await world.ticket(ticket.id)).status == "answered"
    world.later(seconds=20)
    await world.container.sweeper.sweep()
    back = await world.ticket(ticket.id)
    assert back.status == "waiting" and back.response_due_at, "somebody is owed again"


async def test_position_and_expected_wait(world: World) -> None:
    _, first = await world.queued()
    second, _ = await world.queued()
    queue = (await world.container.conversations.history(second, 0)).queue
    assert queue and (queue.position, queue.expected_minutes) == (2, None), "nobody is there: no promise"
    await world.here("s1")
    queue = (await world.container.conversations.history(second, 0)).queue
    assert queue and queue.expected_minutes == 8, "two places, two at a time, eight minutes each"
    await world.here("s2")
    await world.container.tickets.claim(world.seats["s1"], first.id)
    queue = (await world.container.conversations.history(second, 0)).queue
    assert queue and (queue.position, queue.expected_minutes) == (1, 2)


async def test_a_seat_needs_the_language(world: World) -> None:
    _, english = await world.queued(origin="overseas", language="en")
    with pytest.raises(Problem, match="needs a seat that speaks en"):
        await world.container.tickets.claim(world.seats["centre"], english.id)
    assert await world.container.tickets.claim_next(world.seats["centre"]) is None
    await world.container.tickets.claim(world.seats["head"], english.id)
    _, cantonese = await world.queued(language="yue")
    await world.container.tickets.claim(world.seats["s2"], cantonese.id)


async def test_urgent_cases_come_first(world: World) -> None:
    await world.queued(origin="overseas")
    caller = await world.visitor(origin="overseas")
    async with world.container.database.write() as session:
        locked = await conversations.lock(session, caller)
        await world.container.tickets.handoff.request(session, locked, HandoffWish(urgent=True), Speech("zh", None))
    assert (await world.open(caller)).position == 1


@pytest.mark.parametrize(
    ("moment", "here", "waiting", "says"),
    [
        ("2026-11-25T10:00", (), 0, "没有工作人员在线"),
        ("2026-11-25T20:00", (), 0, "不在该单位的服务时间"),
        ("2026-11-25T10:00", ("s1",), 10, "排队的人较多"),
        ("2026-11-25T10:00", ("s1",), 0, ""),
    ],
)
async def test_overflow_is_offered_and_never_silent(
    world: World, moment: str, here: tuple[str, ...], waiting: int, says: str
) -> None:
    world.at(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI))
    await world.here(*here)
    for _ in range(waiting):
        await world.queued()
    conversation, ticket = await world.queued()
    message = (await world.container.conversations.history(conversation, 0)).messages[-1]
    assert ticket.unit.id == "psb-440300" and says in message.text
    payloads = [choice.payload for choice in message.choices]
    assert any("masc" in payload for payload in payloads) is bool(says)
    if says:
        await world.press(conversation, "masc")
        assert (await world.ticket(ticket.id)).unit.id == "masc"

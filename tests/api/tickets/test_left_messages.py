"""A message left when nobody is there, and its answer by number and code."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.conversations.schemas import HandoffRequest
from api.problems import Problem
from api.tickets.schemas import (
    Contact,
    LeftMessage,
    LookUp,
)
from tests.api.tickets.world import World


async def test_a_message_left_is_answered_by_number_and_code(world: World) -> None:
    conversation = await world.visitor()
    left = await world.container.left_messages.leave(
        conversation,
        LeftMessage(text="护照过期了怎么办", business="documents", contact=Contact(phone="138 0013 8000")),
    )
    assert left.unit.id == "psb-440300" and len(left.code) == 8
    ticket = await world.open(conversation)
    assert (ticket.mode, ticket.contact_hint) == ("message", "138****8000")
    assert (await world.container.conversations.history(conversation, 0)).owner == "bot"
    await world.here("s1")
    await world.container.tickets.claim(world.seats["s1"], ticket.id)
    await world.answers("s1", ticket, "请带旧护照到窗口换发")
    found = await world.container.left_messages.look_up(LookUp(number=left.number, code=left.code.lower()), "1.2.3.4")
    assert [answer.text for answer in found.answers] == ["请带旧护照到窗口换发"] and found.status == "answered"
    for number, code in ((left.number, "AAAAAAAA"), ("12367-20261125-9999", left.code)):
        with pytest.raises(Problem) as caught:
            await world.container.left_messages.look_up(LookUp(number=number, code=code), "1.2.3.4")
        assert (caught.value.status, caught.value.code) == (404, "no-such-message")


async def test_a_message_sent_twice_is_one_and_the_last_code_opens_it(world: World) -> None:
    """The first receipt may have been lost on its way, and its code is kept nowhere."""
    conversation = await world.visitor()
    message = LeftMessage(text="护照过期了怎么办", client_id="once")
    first = await world.container.left_messages.leave(conversation, message)
    again = await world.container.left_messages.leave(conversation, message)
    assert (again.number, again.unit) == (first.number, first.unit)
    assert (await world.said(conversation)).count("护照过期了怎么办") == 1
    assert (await world.events(await world.open(conversation))).count("message_left") == 1
    assert await world.container.left_messages.look_up(LookUp(number=first.number, code=again.code), "1.2.3.4")
    with pytest.raises(Problem):
        await world.container.left_messages.look_up(LookUp(number=first.number, code=first.code), "1.2.3.4")


async def test_the_contact_is_encrypted_and_reading_it_is_audited(world: World) -> None:
    conversation = await world.visitor()
    contact = Contact(email="someone@example.com")
    await world.container.left_messages.leave(conversation, LeftMessage(text="请回信", contact=contact))
    ticket = await world.open(conversation)
    async with world.container.database.read() as session:
        stored = (await session.execute(text("select contact, contact_hint from tickets"))).one()
    assert "someone" not in stored.contact and stored.contact_hint == "s***@example.com"
    with pytest.raises(Problem):
        await world.container.casework.contact(world.seats["centre"], ticket.id, "想看看")
    assert await world.container.casework.contact(world.seats["head"], ticket.id, "回访") == "someone@example.com"
    async with world.container.database.read() as session:
        rows = (await session.execute(text("select actor, action from audit_records"))).all()
    assert ("head", "contact.read") in [tuple(row) for row in rows]


async def test_the_buttons_leave_a_message_and_bring_the_bot_back(world: World) -> None:
    conversation, ticket = await world.queued()
    await world.press(conversation, '"leave": "message"')
    assert "查询码" in (await world.said(conversation))[-1]
    await world.says(conversation, "我想问护照的事")
    await world.press(conversation, '"leave": "done"')
    state = await world.container.conversations.history(conversation, 0)
    assert state.owner == "bot" and state.queue is None
    await world.here("s1")
    claimed = await world.container.tickets.claim(world.seats["s1"], ticket.id)
    assert "我想问护照的事" in [message.text for message in claimed.messages or []]
    await world.container.conversations.request_human(conversation, HandoffRequest())
    assert (await world.ticket(ticket.id)).mode == "live", "who comes back and wants to talk is in the talk again"
    assert (await world.container.conversations.history(conversation, 0)).owner == "seat"

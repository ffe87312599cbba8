"""A ticket from acceptance to the grade, and what its table of moves allows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.clock import SHANGHAI
from api.conversations.schemas import NewRating
from api.problems import Problem
from api.tickets import life
from api.tickets.models import Ticket
from api.tickets.schemas import (
    Resolution,
)
from tests.api.tickets.world import WEDNESDAY, World


@given(st.sampled_from(sorted(life.LIFE)), st.sampled_from(life.STATUSES))
def test_what_the_table_does_not_allow_is_refused(action: str, status: str) -> None:
    ticket = Ticket(number="n", status=status)
    if status in life.LIFE[action]:
        life.move(ticket, action)
        assert ticket.status == life.LIFE[action][status]
    else:
        with pytest.raises(Problem) as caught:
            life.move(ticket, action)
        assert caught.value.status == 409 and ticket.status == status


def test_every_status_can_be_reached_and_every_open_one_can_end() -> None:
    ways = {(before, after) for moves in life.LIFE.values() for before, after in moves.items()}

    def reach(start: str) -> set[str]:
        found, new = {start}, {start}
        while new:
            new = {after for before, after in ways if before in new} - found
            found |= new
        return found

    assert reach("waiting") == set(life.STATUSES)
    assert all("closed" in reach(status) for status in life.OPEN)


async def test_from_acceptance_to_the_grade(world: World) -> None:
    conversation, ticket = await world.held()
    await world.answers("s1", ticket)
    await world.container.tickets.resolve(world.seats["s1"], ticket.id, Resolution(category="护照"))
    world.at(WEDNESDAY + timedelta(hours=5))
    await world.container.sweeper.sweep()
    assert "解决了吗" in (await world.said(conversation))[-1]
    await world.press(conversation, '"settled": "yes"')
    await world.container.conversations.rate(conversation, NewRating(score=5))
    done = await world.ticket(ticket.id)
    assert (done.status, done.score) == ("closed", 5)
    assert await world.events(ticket) == [
        "accepted", "dispatched", "claimed", "answered", "resolved", "followed_up", "settled", "rated",
    ]  # fmt: skip


@pytest.mark.parametrize(("score", "status", "reply"), [(4, "closed", "谢谢"), (1, "resolved", "抱歉")])
async def test_a_grade_by_button_ends_the_case_unless_it_is_a_bad_one(
    world: World, score: int, status: str, reply: str
) -> None:
    """Who is dissatisfied is still asked whether it is settled."""
    conversation, ticket = await world.held()
    await world.container.tickets.resolve(world.seats["s1"], ticket.id, Resolution())
    await world.press(conversation, f'"score": "{score}"')
    done = await world.ticket(ticket.id)
    assert (done.status, done.score) == (status, score)
    assert reply in (await world.said(conversation))[-1]
    world.at(WEDNESDAY + timedelta(hours=5))
    await world.container.sweeper.sweep()
    assert ("解决了吗" in (await world.said(conversation))[-1]) == (status == "resolved")


async def test_who_says_yes_is_asked_for_a_grade_and_an_old_button_changes_nothing(world: World) -> None:
    conversation, ticket = await world.held()
    await world.container.tickets.resolve(world.seats["s1"], ticket.id, Resolution())
    world.at(WEDNESDAY + timedelta(hours=5))
    await world.container.sweeper.sweep()
    await world.press(conversation, '"settled": "yes"')
    await world.press(conversation, '"score": "5"')
    assert (await world.ticket(ticket.id)).score == 5
    await world.container.casework.reopen(world.seats["s1"], ticket.id, "还有问题")
    await world.press(conversation, '"score": "1"')
    again = await world.ticket(ticket.id)
    assert (again.status, again.score) == ("waiting", 5)


async def test_no_to_the_follow_up_reopens(world: World) -> None:
    conversation, ticket = await world.held()
    await world.container.tickets.resolve(world.seats["s1"], ticket.id, Resolution())
    world.at(WEDNESDAY + timedelta(hours=5))
    await world.container.sweeper.sweep()
    await world.press(conversation, '"settled": "no"')
    again = await world.ticket(ticket.id)
    assert (again.status, again.mode, again.reopened) == ("waiting", "message", 1)
    assert again.completion_due_at and "重新办理" in (await world.said(conversation))[-1]
    await world.here("s1")
    await world.container.tickets.claim(world.seats["s1"], ticket.id)
    await world.answers("s1", ticket, "这是新的答复")
    assert "这是新的答复" in await world.said(conversation)
    assert (await world.container.conversations.history(conversation, 0)).owner == "bot"


async def test_the_follow_up_waits_for_an_hour_at_which_one_may_ask(world: World) -> None:
    world.at(datetime(2026, 11, 27, 19, 0, tzinfo=SHANGHAI))  # a Friday evening
    conversation, ticket = await world.held("centre", origin="overseas")
    await world.container.tickets.resolve(world.seats["centre"], ticket.id, Resolution())
    for moment in ("2026-11-27T23:30", "2026-11-28T10:00", "2026-11-29T10:00", "2026-11-30T11:59"):
        world.at(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI))
        await world.container.sweeper.sweep()
        assert (await world.ticket(ticket.id)).status == "resolved", moment
    world.at(datetime(2026, 11, 30, 12, 1, tzinfo=SHANGHAI))
    await world.container.sweeper.sweep()
    assert (await world.ticket(ticket.id)).status == "followed_up"
    world.at(datetime(2026, 12, 4, 9, 0, tzinfo=SHANGHAI))
    await world.container.sweeper.sweep()
    assert (await world.ticket(ticket.id)).status == "closed"
    assert conversation

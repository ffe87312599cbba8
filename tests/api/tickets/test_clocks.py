"""Deadlines, warnings and reminders: the faults of clocks elsewhere, each held here."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from api.clock import SHANGHAI
from api.problems import Problem
from api.tickets.models import Ticket
from api.tickets.schemas import (
    Extension,
    LeftMessage,
)
from tests.api.tickets.world import WEDNESDAY, World


async def test_an_update_does_not_overrule_the_first_response(world: World) -> None:
    _, ticket = await world.held()
    await world.container.casework.note(world.seats["s1"], ticket.id, "内部备注")
    assert (await world.ticket(ticket.id)).first_response_at is None, "a note is no response"
    await world.answers("s1", ticket)
    first = (await world.ticket(ticket.id)).first_response_at
    world.later(minutes=5)
    await world.answers("s1", ticket, "补充")
    await world.container.casework.note(world.seats["s1"], ticket.id, "又一条")
    assert (await world.ticket(ticket.id)).first_response_at == first


async def test_nothing_is_escalated_after_the_seat_has_answered(world: World) -> None:
    _, ticket = await world.held()
    await world.answers("s1", ticket)
    world.later(hours=1)
    await world.here("s1")
    await world.container.sweeper.sweep()
    shown = await world.ticket(ticket.id)
    assert shown.response_alert == 0 and "escalated" not in await world.events(ticket)


async def test_a_visitors_reply_restarts_the_clock(world: World) -> None:
    conversation, ticket = await world.held()
    await world.answers("s1", ticket)
    assert (await world.ticket(ticket.id)).response_due_at is None
    world.later(hours=1)
    await world.says(conversation, "还有一个问题")
    again = await world.ticket(ticket.id)
    now = world.container.clock.now()
    assert again.status == "active" and again.response_due_at
    assert timedelta(minutes=2, seconds=50) < again.response_due_at - now <= timedelta(minutes=3)
    due = again.response_due_at
    await world.says(conversation, "急")
    assert (await world.ticket(ticket.id)).response_due_at == due, "asking twice gives nobody more time"


async def test_no_reminder_outside_the_units_hours(world: World) -> None:
    world.at(datetime(2026, 11, 25, 17, 29, tzinfo=SHANGHAI))
    _, ticket = await world.queued()
    due = (await world.ticket(ticket.id)).response_due_at
    assert due == datetime(2026, 11, 26, 9, 2, tzinfo=SHANGHAI) or (
        due and abs(due - datetime(2026, 11, 26, 9, 2, tzinfo=SHANGHAI)) < timedelta(seconds=5)
    )
    for moment in ("2026-11-25T18:00", "2026-11-26T03:00", "2026-11-26T08:59"):
        world.at(datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI))
        await world.container.sweeper.sweep()
        assert (await world.ticket(ticket.id)).response_alert == 0, moment
    world.at(datetime(2026, 11, 26, 12, 30, tzinfo=SHANGHAI))  # late itself: the limit passed, but it is lunch
    await world.container.sweeper.sweep()
    assert (await world.ticket(ticket.id)).response_alert == 0
    world.at(datetime(2026, 11, 26, 13, 31, tzinfo=SHANGHAI))
    await world.container.sweeper.sweep()
    assert (await world.ticket(ticket.id)).response_alert == 2


async def test_a_warning_comes_before_and_the_escalation_after_each_once(world: World) -> None:
    conversation, ticket = await world.queued()
    world.later(minutes=2, seconds=10)
    await world.container.sweeper.sweep()
    assert (await world.ticket(ticket.id)).response_alert == 1
    world.later(minutes=1)
    await world.container.sweeper.sweep()
    await world.container.sweeper.sweep()
    assert (await world.events(ticket))[2:] == ["warned", "escalated"]
    last = (await world.container.conversations.history(conversation, 0)).messages[-1]
    assert "久等" in last.text and "masc" in last.choices[0].payload, "the visitor is asked, not moved"
    assert (await world.ticket(ticket.id)).unit.id == "psb-440300"


@pytest.mark.parametrize(("business", "region", "days"), [("suggestions", "440300", 13), ("documents", "440300", 5)])
async def test_limits_by_business(world: World, business: str, region: str, days: int) -> None:
    conversation = await world.visitor(region=region)
    await world.container.left_messages.leave(
        conversation,
        LeftMessage(text="请答复", business=business),  # type: ignore[arg-type]
    )
    ticket = await world.open(conversation)
    unit = world.container.routing.geography.unit(ticket.unit.id)
    assert unit
    hours = world.container.routing.rules.hours_of(unit)
    assert ticket.completion_due_at == hours.add_days(WEDNESDAY, days)


async def test_limits_by_region(world: World) -> None:
    deadlines = world.container.sweeper._desk.deadlines
    local = {"id": "shenzhen", "when": {"region": "4403"}, "response": {"minutes": 30}, "completion": {"days": 2}}
    rows = [local, *(row.model_dump() for row in deadlines.rows)]
    changed = type(deadlines).model_validate(deadlines.model_dump() | {"rows": rows})
    inside = Ticket(mode="message", business="documents", urgent=False, place={"code": "440300"})
    outside = Ticket(mode="message", business="documents", urgent=False, place={"code": "440100"})
    assert (changed.row(inside).id, changed.row(outside).id) == ("shenzhen", "written")


async def test_a_completion_is_extended_once(world: World) -> None:
    _, ticket = await world.queued()
    before = ticket.completion_due_at
    longer = await world.container.casework.extend(
        world.seats["boss"], ticket.id, Extension(days=3, reason="需要核实")
    )
    assert before and longer.completion_due_at and longer.completion_due_at > before + timedelta(days=2)
    with pytest.raises(Problem, match="extended before"):
        await world.container.casework.extend(world.seats["boss"], ticket.id, Extension(days=1, reason="再延"))

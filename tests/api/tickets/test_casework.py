"""What seats and supervisors do with a case."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.problems import Problem
from api.tickets.schemas import (
    Assignment,
    Flag,
    Merge,
    SeatMessage,
    Transfer,
)
from tests.api.tickets.world import World


async def test_transfer_needs_a_reason_and_the_new_seat_sees_all(world: World) -> None:
    conversation, ticket = await world.held()
    moved = await world.container.casework.transfer(
        world.seats["s1"], ticket.id, Transfer(unit="gs-8220", reason="口岸业务", note="旅客在罗湖")
    )
    assert (moved.status, moved.unit.id, moved.seat) == ("waiting", "gs-8220", None)
    assert "深圳出入境边防检查总站" in (await world.said(conversation))[-1]
    await world.here("station")
    claimed = await world.container.tickets.claim(world.seats["station"], ticket.id)
    assert [note.text for note in claimed.notes or []] == ["旅客在罗湖"] and claimed.history_whole
    with pytest.raises(ValueError, match="reason"):
        Transfer(unit="gs-8220")  # type: ignore[call-arg]


async def test_a_wrong_dispatch_returns_to_the_service_centre(world: World) -> None:
    _, ticket = await world.held()
    back = await world.container.casework.give_back(world.seats["s1"], ticket.id, "不属于本单位")
    assert (back.status, back.unit.id) == ("waiting", "masc")
    assert (await world.events(ticket))[-1] == "returned"


async def test_three_talk(world: World) -> None:
    conversation, ticket = await world.held()
    guest = world.seats["station"]
    with pytest.raises(Problem):
        await world.container.tickets.say(guest, ticket.id, SeatMessage(text="不请自来"))
    await world.container.casework.invite(world.seats["s1"], ticket.id, guest.id)
    await world.container.tickets.say(guest, ticket.id, SeatMessage(text="我是边检"))
    await world.answers("s1", ticket, "我是出入境")
    assert {"我是边检", "我是出入境"} <= set(await world.said(conversation))
    assert [one.id for one in await world.container.tickets.list(guest, ["active", "answered"], True, 10)] == [
        ticket.id
    ]
    await world.container.casework.leave(guest, ticket.id)
    with pytest.raises(Problem):
        await world.container.tickets.say(guest, ticket.id, SeatMessage(text="还在"))


async def test_duplicates_merge(world: World) -> None:
    other, one = await world.held()
    _, two = await world.held()
    merged = await world.container.casework.merge(
        world.seats["s1"], one.id, Merge(into=two.number, reason="同一件事")
    )
    assert (merged.status, merged.merged_into) == ("merged", two.id)
    assert two.number in (await world.said(other))[-1]
    assert (await world.container.conversations.history(other, 0)).owner == "bot"
    with pytest.raises(Problem, match="no other open ticket"):
        await world.container.casework.merge(world.seats["s1"], two.id, Merge(into=one.number, reason="再来"))


async def test_a_confidential_case_is_read_only_by_who_works_on_it(world: World) -> None:
    _, ticket = await world.held()
    await world.container.casework.confidential(world.seats["s1"], ticket.id, Flag(on=True, reason="举报人"))
    with pytest.raises(Problem) as caught:
        await world.container.tickets.get(world.seats["s2"], ticket.id)
    assert caught.value.status == 403
    listed = await world.container.tickets.list(world.seats["s2"], ["active"], False, 10)
    assert listed[0].last_message is None
    assert (await world.container.tickets.get(world.seats["boss"], ticket.id)).messages


async def test_every_look_of_somebody_else_is_audited(world: World) -> None:
    conversation, ticket = await world.held()
    await world.container.tickets.get(world.seats["s1"], ticket.id)
    await world.container.tickets.get(world.seats["boss"], ticket.id)
    await world.container.tickets.get(world.seats["head"], ticket.id)
    await world.container.supervision.export(world.seats["boss"], {})
    async with world.container.database.read() as session:
        rows = (await session.execute(text("select actor, action, subject from audit_records order by id"))).all()
    assert [tuple(row) for row in rows] == [
        ("boss", "conversation.read", conversation),
        ("head", "conversation.read", conversation),
        ("boss", "tickets.export", "psb-440300"),
    ]
    with pytest.raises(Problem, match="your own unit only"):
        await world.container.supervision.search(world.seats["boss"], {"unit": "masc"}, 10)


async def test_a_supervisor_sees_the_board_supervises_and_reassigns(world: World) -> None:
    conversation, ticket = await world.queued()
    world.later(minutes=4)
    await world.container.sweeper.sweep()
    await world.here("s1")
    board = await world.container.supervision.board(world.seats["boss"])
    assert {seat.name: seat.here for seat in board.seats} == {"工号s1": True, "工号s2": False}
    assert [(queue.unit.id, queue.waiting) for queue in board.queues] == [("psb-440300", 1)]
    assert [one.id for one in board.at_risk] == [ticket.id]
    marked = await world.container.casework.supervise(world.seats["boss"], ticket.id, "今天答复")
    assert marked.supervised_at
    given_ = await world.container.casework.assign(
        world.seats["boss"], ticket.id, Assignment(seat=world.seats["s2"].id, reason="由你办理")
    )
    assert given_.status == "active" and given_.seat and given_.seat.name == "工号s2"
    assert (await world.container.conversations.history(conversation, 0)).owner == "seat"


async def test_back_to_the_bot_and_no_loop_after(world: World) -> None:
    conversation, ticket = await world.held()
    await world.container.casework.to_bot(world.seats["s1"], ticket.id, "常见问题")
    state = await world.container.conversations.history(conversation, 0)
    assert state.owner == "bot" and (await world.ticket(ticket.id)).status == "closed"
    world.later(hours=30)
    await world.container.sweeper.sweep()
    assert (await world.ticket(ticket.id)).status == "closed"


async def test_an_answer_becomes_a_draft_once(world: World) -> None:
    conversation, ticket = await world.held()
    await world.says(conversation, "护照过期还能补吗")
    answer = await world.container.tickets.say(world.seats["s1"], ticket.id, SeatMessage(text="可以换发，请到窗口"))
    drafted = await world.container.drafts.make(world.seats["s1"], ticket.id, answer.seq)
    life_of = await world.container.editing.life(drafted.id)
    assert life_of.versions[1].body["questions"]["zh"] == ["护照过期还能补吗"]
    for seq, status in ((answer.seq, 409), (1, 422)):
        with pytest.raises(Problem) as caught:
            await world.container.drafts.make(world.seats["s1"], ticket.id, seq)
        assert caught.value.status == status
    assert (await world.events(ticket))[-1] == "drafted"

"""A ticket's life by the clock: in one process, on a clock that the test moves."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from actions.replies import HandoffWish
from api.app import Container, build
from api.clock import SHANGHAI
from api.conversations import repository as conversations
from api.conversations.schemas import HandoffRequest, NewConversation, NewMessage, NewRating
from api.migrations import migrate
from api.problems import Problem
from api.seats.models import Seat
from api.tickets import life, repository
from api.tickets.handoff import Speech
from api.tickets.models import Ticket
from api.tickets.schemas import (
    Assignment,
    Contact,
    Extension,
    Flag,
    LeftMessage,
    LookUp,
    Merge,
    Resolution,
    SeatMessage,
    TicketOut,
    Transfer,
)
from tests.processes import settings

PASSWORD = "long enough for a test"
WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
SEATS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "s1": ("psb-440300", ("zh", "yue"), ("seat",)),
    "s2": ("psb-440300", ("zh",), ("seat",)),
    "boss": ("psb-440300", ("zh",), ("supervisor",)),
    "station": ("gs-8220", ("zh",), ("seat",)),
    "centre": ("masc", ("zh", "yue"), ("seat",)),
    "head": ("masc", ("zh", "yue", "en"), ("supervisor",)),
}


@dataclass
class World:
    """A gateway's services, its seats, and its clock."""

    container: Container
    seats: dict[str, Seat]

    def at(self, moment: datetime) -> None:
        self.container.clock.move(moment)

    def later(self, **lasting: float) -> datetime:
        now = self.container.clock.now() + timedelta(**lasting)
        self.at(now)
        return now

    async def here(self, *names: str) -> None:
        """These seats' consoles call now."""
        async with self.container.database.write() as session:
            for name in names:
                seat = await session.get(Seat, self.seats[name].id)
                assert seat
                seat.seen_at = self.container.clock.now()

    async def visitor(self, **new: Any) -> str:
        new = {"region": "440300"} | new
        return (await self.container.conversations.start(NewConversation(channel="web", **new))).id

    async def queued(self, business: str = "documents", **new: Any) -> tuple[str, TicketOut]:
        conversation = await self.visitor(**new)
        await self.container.conversations.request_human(conversation, HandoffRequest(business=business))  # type: ignore[arg-type]
        return conversation, await self.open(conversation)

    async def open(self, conversation: str) -> TicketOut:
        async with self.container.database.read() as session:
            ticket = await repository.open_of(session, conversation)
        assert ticket
        return await self.ticket(ticket.id)

    async def ticket(self, ticket_id: str) -> TicketOut:
        shown = await self.container.tickets.present(ticket_id)
        assert shown
        return shown

    async def held(self, name: str = "s1", **new: Any) -> tuple[str, TicketOut]:
        conversation, ticket = await self.queued(**new)
        await self.here(name)
        return conversation, await self.container.tickets.claim(self.seats[name], ticket.id)

    async def says(self, conversation: str, words: str) -> list[Any]:
        return (await self.container.conversations.receive(conversation, NewMessage(text=words))).replies

    async def answers(self, name: str, ticket: TicketOut, words: str = "您好") -> None:
        await self.container.tickets.say(self.seats[name], ticket.id, SeatMessage(text=words))

    async def said(self, conversation: str) -> list[str]:
        return [message.text for message in (await self.container.conversations.history(conversation, 0)).messages]

    async def events(self, ticket: TicketOut) -> list[str]:
        async with self.container.database.read() as session:
            return [line.what for line in await repository.history(session, ticket.id)]

    async def press(self, conversation: str, part: str) -> list[Any]:
        """Press the newest button whose payload contains this."""
        shown = (await self.container.conversations.history(conversation, 0)).messages
        payload = next(c.payload for m in reversed(shown) for c in m.choices if part in c.payload)
        return await self.says(conversation, payload)


async def template(folder: Path, **given: Any) -> None:
    """A database with the seats, made once: hashing passwords takes longer than most tests."""
    container = build(settings(folder, **given))
    await migrate(container.database)
    for name, (unit, languages, roles) in SEATS.items():
        await container.seats.add(name, f"工号{name}", unit, PASSWORD, languages, 2, roles)  # type: ignore[arg-type]
    await container.engine.close()
    await container.database.close()


@pytest.fixture
async def world(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)  # the same, in a tenth of the time
    kept = tmp_path_factory.getbasetemp() / "ticket-life"
    if not kept.exists():
        kept.mkdir()
        await template(kept)
    shutil.copy(kept / "consult.sqlite3", tmp_path)
    container = build(settings(tmp_path))
    container.clock.move(WEDNESDAY)
    seats = {seat.username: seat for seat in await container.seats.every()}
    yield World(container, seats)
    await container.conversations.lanes.drain()
    await container.engine.close()
    await container.database.close()


# The table


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


# The whole life


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


# Clocks: what went wrong elsewhere


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


# Queues


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


# Messages left behind


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


# Casework


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


# The history


async def test_the_history_cannot_be_altered(world: World) -> None:
    _, ticket = await world.held()
    for statement in ("update ticket_events set what = 'nothing'", "delete from ticket_events"):
        with pytest.raises(DBAPIError, match="cannot be altered"):
            async with world.container.database.write() as session:
                await session.execute(text(statement))
    assert (await world.container.tickets.get(world.seats["s1"], ticket.id)).history_whole


async def test_a_forged_history_shows(world: World) -> None:
    """Even whoever removes the database's own guard leaves a broken chain behind."""
    _, ticket = await world.held()
    async with world.container.database.write() as session:
        await session.execute(text("drop trigger ticket_history_no_update"))
        await session.execute(text("update ticket_events set what = 'nothing' where what = 'claimed'"))
    assert (await world.container.tickets.get(world.seats["s1"], ticket.id)).history_whole is False


async def test_a_history_goes_with_its_whole_conversation(world: World) -> None:
    """Retention and erasure: the guard lets a history go only together with its ticket."""
    conversation, _ = await world.held()
    async with world.container.database.write() as session:
        await session.execute(text("delete from conversations where id = :id"), {"id": conversation})
        left = (await session.execute(text("select count(*) from ticket_events"))).scalar_one()
    assert left == 0

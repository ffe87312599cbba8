"""Tickets and orders on PostgreSQL: the whole life as on SQLite, and two gateways that do the same at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.app import Container, build, create_app
from api.database import Database
from api.migrations import migrate
from api.problems import Problem
from api.settings import Settings
from api.tickets.schemas import Resolution, TicketOut
from tests.api.orders.fake import INVITED, PATH, SECRET, TALKS, Fake12345, invited, order
from tests.api.orders.test_steps import there_and_back
from tests.api.tickets import test_casework, test_clocks, test_history, test_left_messages, test_life, test_queues
from tests.api.tickets.world import WEDNESDAY, World, template
from tests.processes import settings
from tests.services.conftest import Postgres

pytestmark = pytest.mark.services
Scenario = Callable[[World], Awaitable[None]]
numbers = count(1)
TWICE = 8


ON_SQLITE: tuple[Scenario, ...] = (
    test_life.test_from_acceptance_to_the_grade,
    test_life.test_no_to_the_follow_up_reopens,
    test_clocks.test_no_reminder_outside_the_units_hours,
    test_queues.test_a_silent_chat_returns_to_its_old_place,
    test_queues.test_position_and_expected_wait,
    test_queues.test_urgent_cases_come_first,
    test_left_messages.test_a_message_left_is_answered_by_number_and_code,
    test_casework.test_transfer_needs_a_reason_and_the_new_seat_sees_all,
    test_casework.test_three_talk,
    test_casework.test_duplicates_merge,
    test_casework.test_a_supervisor_sees_the_board_supervises_and_reassigns,
    test_history.test_a_history_goes_with_its_whole_conversation,
)
"""Those with statements of their own; what else there is differs in Python alone."""


async def command(postgres: Postgres, statement: str) -> None:
    """A statement that wants no transaction around it."""
    server = Database(postgres.url)
    async with server.engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(text(statement))
    await server.close()


@pytest.fixture(scope="module")
def pattern(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with every table and the seats, to be copied."""
    name = "tickets_pattern"
    asyncio.run(command(postgres, f"create database {name}"))
    url = postgres.url.removesuffix("postgres") + name
    asyncio.run(template(tmp_path_factory.mktemp("pattern"), database_url=url))
    return name


@pytest.fixture
async def current(
    postgres: Postgres, pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Settings]:
    monkeypatch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)
    name = f"tickets_{next(numbers)}"
    await command(postgres, f"create database {name} template {pattern}")
    url = postgres.url.removesuffix("postgres") + name
    partner: dict[str, Any] = {"partners": {"12345": SECRET}, "partner_urls": {"12345": "http://12345.example"}}
    yield settings(tmp_path, database_url=url, **partner)
    await command(postgres, f"drop database {name}")


@asynccontextmanager
async def served(container: Container) -> AsyncIterator[World]:
    """A gateway's services on a Wednesday morning."""
    container.clock.move(WEDNESDAY)
    yield World(container, {seat.username: seat for seat in await container.seats.every()})
    await container.conversations.lanes.drain()
    await container.engine.close()
    await container.outbox.close()
    await container.database.close()


@pytest.fixture
async def world(current: Settings) -> AsyncIterator[World]:
    async with served(build(current)) as only:
        yield only


@pytest.fixture
async def two(current: Settings) -> AsyncIterator[tuple[World, World]]:
    async with served(build(current)) as one, served(build(current)) as other:
        yield one, other


@pytest.mark.parametrize("scenario", ON_SQLITE, ids=lambda one: one.__name__.removeprefix("test_"))
async def test_as_on_sqlite(world: World, scenario: Scenario) -> None:
    await scenario(world)


async def test_the_database_itself_guards_the_history(world: World) -> None:
    _, ticket = await world.held()
    for statement in ("update ticket_events set what = 'nothing'", "delete from ticket_events"):
        with pytest.raises(DBAPIError, match="cannot be altered"):
            async with world.container.database.write() as session:
                await session.execute(text(statement))
    async with world.container.database.write() as session:  # whoever removes the guard leaves a broken chain
        await session.execute(text("alter table ticket_events disable trigger ticket_history_guard"))
        await session.execute(text("update ticket_events set what = 'nothing' where what = 'claimed'"))
    assert (await world.container.tickets.get(world.seats["s1"], ticket.id)).history_whole is False


async def test_of_many_claims_at_once_each_ticket_goes_to_one_seat_and_no_seat_gets_too_many(
    two: tuple[World, World],
) -> None:
    one, other = two
    await one.here("s1", "s2")
    tickets = [(await one.queued())[1] for _ in range(TWICE)]
    claims = [
        two[(place + turn) % 2].container.tickets.claim(one.seats[name], ticket.id)
        for place, ticket in enumerate(tickets)
        for turn, name in enumerate(("s1", "s2"))
    ]
    ended = await asyncio.gather(*claims, return_exceptions=True)
    taken = [result for result in ended if isinstance(result, TicketOut)]
    refused = {
        result.code if isinstance(result, Problem) else repr(result) for result in ended if result not in taken
    }
    assert len({ticket.id for ticket in taken}) == len(taken), "each ticket once"
    assert Counter(ticket.seat.name for ticket in taken if ticket.seat) == {"工号s1": 2, "工号s2": 2}, "room for two"
    assert refused <= {"ticket-taken", "at-capacity"}
    for ticket in taken:
        assert (await other.events(ticket)).count("claimed") == 1


async def test_no_number_is_given_twice(two: tuple[World, World]) -> None:
    opened = await asyncio.gather(*(place.queued() for _ in range(TWICE) for place in two))
    given = [ticket.number for _, ticket in opened]
    assert sorted(given) == [f"12367-20261125-{place:04d}" for place in range(1, 2 * TWICE + 1)]


async def test_gateways_that_sweep_at_once_warn_escalate_and_ask_once(two: tuple[World, World]) -> None:
    one, other = two
    _, waiting = await one.queued()
    settled, done = await one.held()
    await one.answers("s1", done)
    await one.container.tickets.resolve(one.seats["s1"], done.id, Resolution())
    for minutes in (2.5, 10, 300):  # first between the warning (2.1) and the limit (3), as the clock runs on
        for place in two:
            place.at(WEDNESDAY + timedelta(minutes=minutes))
        await asyncio.gather(*(place.container.sweeper.sweep() for place in two for _ in range(3)))
    told = Counter(await other.events(waiting))
    assert (told["warned"], told["escalated"]) == (1, 1), told
    assert Counter(await other.events(done))["followed_up"] == 1
    assert sum("解决了吗" in words for words in await other.said(settled)) == 1
    assert (await one.container.tickets.get(one.seats["s1"], waiting.id)).history_whole


async def test_an_order_sent_to_both_gateways_at_once_is_taken_once(current: Settings) -> None:
    apps: list[FastAPI] = [create_app(current), create_app(current)]
    async with served(apps[0].state.container) as one, served(apps[1].state.container):
        lines = [Fake12345(app, app.state.container, seed, bad=0) for seed, app in enumerate(apps)]
        answers = await asyncio.gather(*(line.call("POST", PATH, order(1)) for _ in range(TWICE) for line in lines))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 2 * TWICE - 1}
        assert len({answer.json()["ticket"] for answer in answers}) == 1
        other = await lines[1].call("POST", PATH, order(1, text="另一件事"))
        assert other.status_code == 409
        more = {"id": "add-1", "text": "补充：很急"}
        added = await asyncio.gather(*(line.call("POST", f"{PATH}/GZ-1/additions", more) for line in lines * TWICE))
        assert {answer.status_code for answer in added} == {200}
        async with one.container.database.read() as session:
            said = await session.execute(
                text("select count(*) from messages where text = :text"), {"text": more["text"]}
            )
        assert said.scalar_one() == 1


async def test_of_invitations_and_words_that_come_to_both_gateways_at_once_one_counts(current: Settings) -> None:
    apps: list[FastAPI] = [create_app(current), create_app(current)]
    async with served(apps[0].state.container) as one, served(apps[1].state.container) as other:
        lines = [Fake12345(app, app.state.container, seed, bad=0) for seed, app in enumerate(apps)]
        conversation, ticket, worker = await invited(one.container)
        path, words = f"{TALKS}/{ticket.number}", {"id": "w", "text": "我是12345"}
        said = await asyncio.gather(*(line.call("POST", f"{path}/messages", words) for line in lines * TWICE))
        assert {answer.status_code for answer in said} == {201}
        assert len({answer.json()["id"] for answer in said}) == 1
        assert (await other.said(conversation)).count("我是12345") == 1
        left = await asyncio.gather(*(line.call("DELETE", path) for line in lines * TWICE))
        assert {answer.status_code for answer in left} == {204}
        again = [place.container.talks.invite(worker, ticket.id, INVITED) for place in (one, other) * TWICE]
        ended = await asyncio.gather(*again, return_exceptions=True)
        assert {one.code for one in ended if isinstance(one, Problem)} == {"partner-is-there"}
        told = Counter(await other.events(ticket))
        assert (told["partner_invited"], told["partner_left"]) == (2, 1), told


async def test_the_step_to_talks_keeps_every_order(current: Settings) -> None:
    app = create_app(current)
    async with served(app.state.container):
        await there_and_back(app)


async def test_a_database_of_before_gets_the_newest_tables(postgres: Postgres) -> None:
    """Migrating what is migrated already changes nothing, from two processes at once too."""
    await command(postgres, "create database tickets_twice")
    url = postgres.url.removesuffix("postgres") + "tickets_twice"
    both = [Database(url), Database(url)]
    await migrate(both[0])
    await asyncio.gather(*(migrate(database) for database in both))
    for database in both:
        await database.close()

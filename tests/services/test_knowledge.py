"""The knowledge base on PostgreSQL and Redis: no change is lost between concurrent commits, all gateways follow."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.bus import LocalBus
from api.clock import Clock
from api.database import Database
from api.knowledge import repository
from api.knowledge.journal import Journal
from api.knowledge.life import Life
from api.migrations import migrate
from tests.api.knowledge.conftest import SEED, entry, seeded
from tests.api.knowledge.conftest import prepare as prepare_editors
from tests.api.knowledge.test_gateways import process, scenario
from tests.processes import settings
from tests.services.conftest import Postgres, RedisServer

pytestmark = pytest.mark.services


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    database = Database(postgres.url)
    await migrate(database)
    yield database
    await database.close()


async def write(database: Database, name: str) -> None:
    """A published entry, in a unit of work that lasts a while after its cursor was drawn."""
    async with Journal(database, Clock(), LocalBus()).open() as work:
        await work.add(Life([], []), entry(name), writer="seed", base=None, to="published")
        await asyncio.sleep(random.uniform(0, 0.03))


async def test_a_reader_that_follows_the_cursor_loses_nothing(database: Database) -> None:
    """Sequences give numbers before commits, so a lower cursor could become visible after a higher one."""
    names = {f"gap-{number}" for number in range(60)}
    writers = asyncio.gather(*(write(database, name) for name in sorted(names)))
    seen: list[str] = []
    cursor = 0
    while not names <= set(seen):
        over = writers.done()  # asked before reading: the last may commit in between
        async with database.read() as session:
            steps = await repository.changes(session, cursor, 7)
        seen += [row.entry_id for _, row in steps if row.entry_id in names]
        cursor = steps[-1][0].cursor if steps else cursor
        if over and not steps:
            break
    await writers
    assert sorted(seen) == sorted(names), "each change once, none passed over"


async def test_a_later_cursor_is_never_committed_before_an_earlier_one(database: Database) -> None:
    """While one change is open, another waits: it would be seen first, and the reader would pass over this one."""
    async with Journal(database, Clock(), LocalBus()).open() as work:
        await work.add(Life([], []), entry("held"), writer="seed", base=None, to="published")
        other = asyncio.create_task(write(database, "waiting"))
        done, _ = await asyncio.wait({other}, timeout=1)
        assert not done
        async with database.read() as session:
            assert not {"held", "waiting"} & {row.entry_id for _, row in await repository.changes(session, 0, 500)}
    await other
    async with database.read() as session:
        order = [row.entry_id for _, row in await repository.changes(session, 0, 500)]
    assert order.index("held") < order.index("waiting")


@pytest.mark.timeout(900)
def test_two_processes_on_postgresql_and_redis_see_every_change(
    postgres: Postgres, redis_server: RedisServer, tmp_path: Path
) -> None:
    current = settings(
        tmp_path / "var",
        data_dir=seeded(SEED, tmp_path / "data"),
        database_url=postgres.url,
        redis_url=redis_server.url,
    )
    asyncio.run(prepare_editors(current))
    with process(current) as one, process(current) as two:
        print(scenario(current, (one, two), tmp_path))

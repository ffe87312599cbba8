"""The bus on a real Redis."""

from __future__ import annotations

import asyncio

import pytest

from api.bus import RedisBus
from tests.services.conftest import RedisServer

pytestmark = pytest.mark.services


async def close_after(redis_server: RedisServer, turns: int) -> None:
    """Close a bus a number of turns of the loop after its listener began to connect."""
    bus = RedisBus(redis_server.url)
    async with bus.subscribe("knowledge"):
        for _ in range(turns):
            await asyncio.sleep(0)
    await bus.close()


async def test_a_bus_closes_however_far_its_listener_has_come(redis_server: RedisServer) -> None:
    """The client can swallow a cancellation that meets its connecting; the command line then never ended."""
    for turns in range(40):
        await asyncio.wait_for(asyncio.gather(*(close_after(redis_server, turns) for _ in range(5))), 20)


async def test_who_only_publishes_does_not_listen(redis_server: RedisServer) -> None:
    before = set(asyncio.all_tasks())
    bus = RedisBus(redis_server.url)
    await bus.publish("knowledge", {"type": "changed"})
    assert set(asyncio.all_tasks()) == before
    await bus.close()


async def test_a_frame_reaches_the_other_process(redis_server: RedisServer) -> None:
    one, two = RedisBus(redis_server.url), RedisBus(redis_server.url)
    async with one.subscribe("unit:masc") as inbox:
        assert await asyncio.wait_for(inbox.get(), 10) == {"type": "wake"}  # it has connected
        await two.publish("unit:masc", {"type": "ticket"})
        assert await asyncio.wait_for(inbox.get(), 10) == {"type": "ticket"}
    await one.close()
    await two.close()

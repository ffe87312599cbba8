"""A history that nobody can alter unseen."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.api.tickets.world import World


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

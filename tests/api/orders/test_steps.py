"""The step of the database that knows talks keeps every order, there and back."""

from __future__ import annotations

import pytest
from alembic import command
from fastapi import FastAPI
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from api.app import Container
from api.migrations import _config, migrate
from tests.api.orders.fake import PATH, Fake12345, invited, order

TAKE_AGAIN = (
    "insert into work_orders select 'other', partner, order_no, direction, ticket_id, body_hash, heard, told, "
    "told_seq, tries, due_at, created_at from work_orders"
)


def before(connection: Connection) -> None:
    command.downgrade(_config(connection), "0010")


async def there_and_back(app: FastAPI) -> None:
    container: Container = app.state.container
    fake = Fake12345(app, container, 1, bad=0)
    taken = await fake.call("POST", PATH, order(1))
    await invited(container)
    async with container.database.engine.begin() as connection:
        await connection.run_sync(before)
    async with container.database.read() as session:
        assert (await session.execute(text("select direction from work_orders"))).scalars().all() == ["in"]
    await migrate(container.database)
    again = await fake.call("POST", PATH, order(1))
    assert (again.status_code, again.json()) == (200, taken.json())
    with pytest.raises(IntegrityError):
        async with container.database.write() as session:
            await session.execute(text(TAKE_AGAIN))


async def test_on_sqlite(app: FastAPI) -> None:
    await there_and_back(app)

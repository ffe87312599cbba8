"""The insights' SQL on PostgreSQL, in a database of its own."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.database import Database
from tests.api.test_insight_queries import check
from tests.services.conftest import Postgres

pytestmark = pytest.mark.services


async def test_on_postgresql(postgres: Postgres) -> None:
    server = Database(postgres.url)
    async with server.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
            text("create database insights")
        )
    await server.close()
    database = Database(postgres.url.removesuffix("postgres") + "insights")
    try:
        await check(database)
    finally:
        await database.close()

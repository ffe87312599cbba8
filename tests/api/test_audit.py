"""The audit log: in the same unit of work as the deed, refused to be altered, and found out when it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.audit.service import first_broken, newest, record
from api.database import Database
from api.migrations import migrate

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'audit.sqlite3'}")
    await migrate(database)
    async with database.write() as session:
        await record(session, NOW, "anna", "entry.publish", "passport-fee", version=2)
        await record(session, NOW, "ben", "conversation.read", "c1")
    yield database
    await database.close()


async def test_records_come_back_and_their_chain_is_whole(database: Database) -> None:
    async with database.read() as session:
        rows = await newest(session, None, 10)
        assert [(row.actor, row.action, row.details) for row in rows] == [
            ("ben", "conversation.read", {}), ("anna", "entry.publish", {"version": 2}),
        ]  # fmt: skip
        assert [row.actor for row in await newest(session, "passport-fee", 10)] == ["anna"]
        assert await first_broken(session) is None


async def test_what_is_rolled_back_is_not_recorded(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            await record(session, NOW, "anna", "entry.publish", "x")
            raise RuntimeError
    async with database.read() as session:
        assert len(await newest(session, None, 10)) == 2


@pytest.mark.parametrize("change", ["update audit_records set actor = 'eve'", "delete from audit_records"])
async def test_the_database_refuses_changes(database: Database, change: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as session:
            await session.execute(text(change))


async def test_a_forged_record_is_found(database: Database) -> None:
    """Whoever may drop the triggers can alter a row, but the chain shows it."""
    async with database.write() as session:
        await session.execute(text("drop trigger audit_no_update"))
        await session.execute(text("update audit_records set actor = 'eve' where id = 1"))
    async with database.read() as session:
        assert await first_broken(session) == 1

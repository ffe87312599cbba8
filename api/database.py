"""One place that opens and commits transactions, for SQLite (the default) and PostgreSQL alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, DateTime, TypeDecorator, event, text
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its zone: SQLite forgets zones, so UTC is put back when a row is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(timezone.utc) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=timezone.utc) if value and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Parent of every table of the gateway."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, datetime: UtcDateTime}


class Database:
    """Sessions on one database.

    ``write()`` is the only place that commits. SQLite has one writer: writers of this process queue on a
    lock instead of colliding, and ``BEGIN IMMEDIATE`` makes writers of other processes (the command line)
    wait instead of failing half-way.
    """

    def __init__(self, url: str) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        options: dict[str, Any] = (
            {} if self.is_sqlite else {"pool_size": 20, "max_overflow": 20, "pool_pre_ping": True}
        )
        self.engine = create_async_engine(url, **options)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writer = asyncio.Lock()
        if self.is_sqlite:
            database = make_url(url).database
            if database and database != ":memory:":
                Path(database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for queries; whatever it changes is rolled back."""
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: committed when the block ends, rolled back when it raises."""
        turn: AbstractAsyncContextManager[Any] = self._writer if self.is_sqlite else nullcontext()
        async with turn, self._sessions() as session:
            if self.is_sqlite:
                await session.connection(execution_options={"sqlite_immediate": True})
            yield session
            await session.commit()

    @asynccontextmanager
    async def exclusive(self, key: str) -> AsyncIterator[None]:
        """One holder of ``key`` among all gateways on this database, until the block ends.

        SQLite serves one gateway, whose own lanes are enough.
        """
        if self.is_sqlite:
            yield
            return
        async with self.engine.connect() as connection:  # the lock belongs to the transaction and ends with it
            await connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
            yield

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


def _configure_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is off: `_begin_sqlite` sends the right one
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("sqlite_immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

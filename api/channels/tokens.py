"""Access tokens: one for all gateways, kept in the database and fetched before the old one ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from api.channels import repository
from api.channels.models import Credential
from api.clock import Clock
from api.database import Database

EARLY = timedelta(minutes=10)
Fetch = Callable[[bool], Awaitable[tuple[str, int]]]
"""Gets a token and its seconds from the platform; ``True`` asks for another one than the platform's present."""


class Tokens:
    """The token of one account."""

    def __init__(self, name: str, database: Database, clock: Clock, fetch: Fetch) -> None:
        self._name, self._database, self._clock, self._fetch = f"token:{name}", database, clock, fetch

    async def get(self, refused: str | None = None) -> str:
        """A token that is good for some minutes; ``refused`` is one that the platform just turned down.

        Only one process fetches at a time; the others find what it stored. Where two fetched all the same (SQLite has
        no lock across processes), both tokens are good: the platform hands out its present one.
        """
        if (stored := await self._stored(refused)) is not None:
            return stored
        async with self._database.exclusive(self._name):
            if (stored := await self._stored(refused)) is not None:
                return stored
            value, seconds = await self._fetch(refused is not None)
            ends = self._clock.now() + timedelta(seconds=seconds)
            async with self._database.write() as session:
                await session.merge(Credential(name=self._name, value=value, expires_at=ends))
            return value

    async def _stored(self, refused: str | None) -> str | None:
        async with self._database.read() as session:
            row = await repository.credential(session, self._name)
        good = row and row.value != refused and row.expires_at and row.expires_at - EARLY > self._clock.now()
        return row.value if row and good else None

"""Two organisations for tests of the exchange: each a knowledge base of its own, without HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.bus import LocalBus
from api.clock import Clock
from api.database import Database
from api.knowledge import repository
from api.knowledge.editing import Caller, EditingService
from api.knowledge.exchange import ExchangeService, Imported
from api.knowledge.journal import Journal
from api.knowledge.rules import Rules
from api.knowledge.service import KnowledgeService
from api.knowledge.sync import Report, Sync, SyncError
from api.migrations import migrate
from api.settings import ROOT, Settings

WRITER, READER, ADMIN = Caller("anna", "editor"), Caller("ben", "editor"), Caller("carol", "administrator")


async def template(folder: Path) -> Path:
    """A migrated, empty database, to be copied: migrating takes longer than a test."""
    database = Database(Settings(var_dir=folder).database)
    await migrate(database)
    await database.close()
    return folder / "consult.sqlite3"


RULES = Rules(ROOT / "data")


class House:
    """One organisation."""

    def __init__(self, name: str, database: Path, var: Path, clock: Clock | None = None) -> None:
        """A house on a copy of the template."""
        var.mkdir(parents=True, exist_ok=True)
        shutil.copy(database, var / "consult.sqlite3")
        settings, clock, bus = Settings(owner=name, var_dir=var), clock or Clock(), LocalBus()
        self.name, self.database = name, Database(settings.database)
        self.journal = Journal(self.database, clock, bus)
        self.editing = EditingService(name, self.database, clock, self.journal, RULES)
        self.knowledge = KnowledgeService(settings, self.database, clock, bus, self.journal, self.editing)
        self.exchange = ExchangeService(self.journal, RULES, self.editing)

    async def close(self) -> None:
        """Give connections back."""
        await self.database.close()

    async def faces(self) -> dict[str, str]:
        """What the world sees: entry id → state."""
        changes, _ = await self.knowledge.changes(0, 10_000)
        return {str(body["id"]): move.state for move, body in changes}

    async def texts(self, *, proposals: bool | None = None) -> dict[str, set[str]]:
        """Every Chinese answer that is kept, by entry id; of proposals or of own versions only where asked for."""
        found: dict[str, set[str]] = {}
        for entry_id in await self.ids():
            life = await self.editing.life(entry_id)
            found[entry_id] = {
                row.body["answer"]["zh"] for row in life.versions.values() if proposals in (None, row.proposal)
            }
        return found

    async def ids(self) -> list[str]:
        """Every entry, drafts included."""
        async with self.database.read() as session:
            return list(await repository.lives(session))

    def sync(self, other: House, breaks_after: int | None = None) -> Sync:
        """The sync command of this house against the other."""
        remote = Direct(self.name, other, breaks_after)
        return Sync(self.name, other.name, self.database, self.journal, self.exchange, remote)


class Direct:
    """The other house without HTTP between; ends with an error after some calls, half of the time after acting."""

    def __init__(self, sender: str, other: House, breaks_after: int | None = None) -> None:
        self._sender, self._other, self._left = sender, other, breaks_after
        self.sent: list[tuple[Mapping[str, Any], str | None]] = []

    async def changes(self, after: int, limit: int) -> tuple[list[Mapping[str, Any]], int]:
        """The feed as the interface gives it."""
        self._count()
        found, cursor = await self._other.knowledge.changes(after, limit)
        return [{"cursor": m.cursor, "entry": body, "state": m.state, "base": m.base} for m, body in found], cursor

    async def put(self, entry: Mapping[str, Any], base: str | None) -> Imported:
        """The other house takes it in; when the connection breaks here, nobody learns that it did."""
        imported = await self._other.exchange.receive(self._sender, entry, base)
        self._count()
        return imported

    def _count(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise SyncError("the line is dead")


async def exchanged(one: House, other: House) -> list[Report]:
    """Syncs in both directions until nothing new comes."""
    return [await house.sync(peer).run() for house, peer in ((one, other), (other, one), (one, other))]

"""The knowledge base in use: records in the database, an index in memory that follows them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import structlog

from api.clock import Clock
from api.database import Database
from api.knowledge import repository
from api.knowledge.models import EntryVersion
from api.problems import Problem
from api.settings import Settings
from knowledge.encoder import Encoder, load_encoder
from knowledge.entries import Entry, effective, from_dict, load_folder, to_dict
from knowledge.index import KnowledgeIndex, UnusableIndexError
from knowledge.language import Language
from knowledge.search import Calibration, Hit, Searcher

log = structlog.get_logger()
POLL_SECONDS = 1.0
UNVERSIONED = ("version", "status", "supersedes")


class KnowledgeService:
    """Search and look-up for one gateway process."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        self._entries: dict[str, Entry] = {}
        self._searcher: Searcher | None = None
        self._index: KnowledgeIndex | None = None
        self._encoder: Encoder | None = None
        self._cursor = 0

    @property
    def ready(self) -> bool:
        """Whether there is an index to answer from."""
        return self._searcher is not None

    def today(self) -> date:
        """The day that counts for validity."""
        return self._clock.today()

    def search(self, query: str, *, language: Language, region: str | None, k: int = 5) -> list[Hit]:
        """The best published entries in force today, best first."""
        assert self._searcher is not None, "start() comes first"
        return self._searcher.search(query, language=language, region=region, on=self.today(), k=k)

    def entry(self, entry_id: str) -> Entry | None:
        """A published entry in force today."""
        entry = self._entries.get(entry_id)
        return entry if entry and effective(entry, self.today()) else None

    async def start(self) -> None:
        """Load the seed into the database where it is new, then build the index.

        Raises:
            knowledge.entries.EntryError: a seed file is wrong; nothing of it was stored.
        """
        await self.seed(self._settings.data_dir / "knowledge" / "entries")
        self._encoder = await asyncio.to_thread(load_encoder, self._settings.encoder_name)
        await self.refresh()

    async def follow(self) -> None:
        """Take over changes that other processes make, for as long as the gateway runs."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self.refresh()
            except Exception:  # a bad moment of the database must not end the watching; the old index serves on
                log.exception("knowledge_refresh_failed")

    async def refresh(self) -> None:
        """Rebuild the index when the records changed; searches go on with the old one until it is swapped."""
        async with self._database.read() as session:
            cursor = await repository.last_cursor(session)
            if cursor == self._cursor:
                return
            rows = await repository.published(session)
        assert self._encoder is not None, "start() comes first"
        entries = [_entry(row) for row in rows]
        index = await asyncio.to_thread(self._build, entries)
        if self._searcher is None:
            calibration = Calibration.load(self._settings.data_dir / "knowledge" / "calibration.json")
            self._searcher = Searcher(index, self._encoder, calibration)
        else:
            self._searcher.swap(index)
        self._index, self._entries, self._cursor = index, {entry.id: entry for entry in entries}, cursor
        log.info("knowledge_loaded", entries=len(entries), cursor=cursor)

    def _build(self, entries: Sequence[Entry]) -> KnowledgeIndex:
        """The index of the entries; the first one of a process starts from the one that the last process saved."""
        assert self._encoder is not None
        if self._index is not None:
            return KnowledgeIndex.build(entries, self._encoder, previous=self._index)
        folder = self._settings.var_dir / "index"
        saved = self._saved(folder, self._encoder)
        index = KnowledgeIndex.build(entries, self._encoder, previous=saved)
        if saved is None or saved.entries != index.entries:
            try:
                index.save(folder)
            except OSError as error:  # a full disk: the next start takes some seconds longer
                log.warning("index_not_saved", reason=str(error))
        return index

    def _saved(self, folder: Path, encoder: Encoder) -> KnowledgeIndex | None:
        """The index on disk, unless there is none or it is not to be trusted: then all is computed again."""
        try:
            return KnowledgeIndex.load(folder, encoder)
        except UnusableIndexError as error:
            log.info("index_not_reused", reason=str(error))
            return None

    async def seed(self, folder: Path) -> int:
        """Bring seed entries into the database; returns how many versions were written.

        A seed that changed becomes a new version, unless somebody edited the entry since: then the database
        is the truth and the seed is left alone.
        """
        entries = await asyncio.to_thread(load_folder, folder)
        now = self._clock.now()
        written = 0
        async with self._database.write() as session:
            stored = {row.entry_id: row for row in await repository.latest(session)}
            for entry in entries:
                before = stored.get(entry.id)
                if before and (before.origin != "seed" or _content(before.body) == _content(to_dict(entry))):
                    continue
                entry = replace(entry, version=before.version + 1 if before else 1)
                session.add(
                    EntryVersion(
                        entry_id=entry.id,
                        version=entry.version,
                        status=entry.status,
                        body=to_dict(entry),
                        origin="seed",
                        created_at=now,
                    )
                )
                written += 1
        if written:
            log.info("knowledge_seeded", versions=written)
        return written

    async def version(self, entry_id: str, number: int | None) -> dict[str, object]:
        """One published entry in the public shape, or an earlier version of it.

        Raises:
            Problem: 404.
        """
        async with self._database.read() as session:
            row = await repository.version(session, entry_id, number)
        if row is None or (number is None and row.status != "published"):
            raise Problem(404, "no-such-entry", f"there is no published entry {entry_id!r} in that version")
        return _shown(row)

    async def changes(self, after: int, limit: int) -> tuple[list[tuple[int, dict[str, object]]], int]:
        """The change feed after a cursor: ``([(cursor, entry), …], last cursor)``."""
        async with self._database.read() as session:
            rows = await repository.changes(session, after, limit)
        return [(row.cursor, _shown(row)) for row in rows], rows[-1].cursor if rows else after


def _shown(row: EntryVersion) -> dict[str, object]:
    return {**row.body, "version": row.version, "status": row.status}


def _entry(row: EntryVersion) -> Entry:
    return from_dict(_shown(row))


def _content(body: dict[str, object]) -> dict[str, object]:
    """What makes two versions differ."""
    return {key: value for key, value in body.items() if key not in UNVERSIONED}

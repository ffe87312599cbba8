"""The knowledge base in use: records in the database, an index in memory that follows them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import structlog

from api.bus import Bus
from api.clock import Clock
from api.database import Database
from api.knowledge import repository
from api.knowledge.editing import EditingService
from api.knowledge.journal import TOPIC, Journal
from api.knowledge.models import EntryMove
from api.knowledge.shape import Body, entry_of, shown
from api.knowledge.transfer import SEED, store
from api.problems import Problem
from api.settings import Settings
from knowledge.encoder import Encoder, load_encoder
from knowledge.entries import Entry, effective, ended, load_folder
from knowledge.index import KnowledgeIndex
from knowledge.language import Language
from knowledge.search import Calibration, Hit, Searcher

log = structlog.get_logger()
POLL_SECONDS = 0.5
"""How often a gateway looks for changes that the bus did not tell of: the command line's, without Redis."""
PAGE = 500


class KnowledgeService:
    """Search and look-up for one gateway process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        bus: Bus,
        journal: Journal,
        editing: EditingService,
    ) -> None:
        self._settings, self._database, self._clock, self._bus = settings, database, clock, bus
        self._journal, self._editing = journal, editing
        self._entries: dict[str, Entry] = {}
        self._searcher: Searcher | None = None
        self._encoder: Encoder | None = None
        self._cursor = 0

    @property
    def ready(self) -> bool:
        """Whether there is an index to answer from."""
        return self._searcher is not None

    @property
    def index(self) -> KnowledgeIndex:
        """The published entries in their searchable form."""
        assert self._searcher is not None, "start() comes first"
        return self._searcher.index

    @property
    def encoder(self) -> Encoder:
        """What turns texts into vectors here."""
        assert self._encoder is not None, "start() comes first"
        return self._encoder

    @property
    def snapshot(self) -> Mapping[str, Entry]:
        """The published entries that searches use now, by id, in force or not."""
        return self._entries

    def today(self) -> date:
        """The day that counts for validity."""
        return self._clock.today()

    def now(self) -> datetime:
        """The present moment."""
        return self._clock.now()

    def search(
        self,
        query: str,
        *,
        language: Language,
        region: str | None,
        k: int = 5,
        with_ended: bool = False,
        topic: str | None = None,
    ) -> list[Hit]:
        """The best published entries in force today, best first; asked for, also those whose policy is over."""
        assert self._searcher is not None, "start() comes first"
        return self._searcher.search(
            query, language=language, region=region, on=self.today(), k=k, with_ended=with_ended, topic=topic
        )

    def entry(self, entry_id: str) -> Entry | None:
        """A published entry in force today."""
        entry = self._entries.get(entry_id)
        return entry if entry and effective(entry, self.today()) else None

    def ended(self, entry_id: str) -> Entry | None:
        """A published entry whose policy is over."""
        entry = self._entries.get(entry_id)
        return entry if entry and ended(entry, self.today()) else None

    async def start(self) -> None:
        """Load the seed into the database where it is new, then build the index.

        Raises:
            knowledge.entries.EntryError: a seed file is wrong; nothing of it was stored.
        """
        await self.seed(self._settings.data_dir / "knowledge" / "entries")
        await self._editing.keep_dates()
        self._encoder = await asyncio.to_thread(load_encoder, self._settings.encoder_name)
        await self.refresh()

    async def follow(self) -> None:
        """Keep the planned dates, and take over changes that others make, for as long as the gateway runs.

        The bus wakes; without its word the database is asked twice a second, so a lost word costs nothing but that.
        """
        async with self._bus.subscribe(TOPIC) as news:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await news.get()
                try:
                    await self._editing.keep_dates()
                    await self.refresh()
                except Exception:  # a bad moment of the database must not end the watching; the old index serves on
                    log.exception("knowledge_refresh_failed")
                    await asyncio.sleep(POLL_SECONDS)

    async def refresh(self) -> None:
        """Take over what became public since the last time; searches go on with the old index until it is swapped."""
        entries, cursor = dict(self._entries), self._cursor
        async with self._database.read() as session:
            if not cursor:
                cursor = await repository.last_cursor(session)
                entries = {row.entry_id: entry_of(row, move) for move, row in await repository.in_force(session)}
            while steps := await repository.changes(session, cursor, PAGE):
                for move, row in steps:
                    entries.pop(row.entry_id, None)
                    if move.after == "published":
                        entries[row.entry_id] = entry_of(row, move)
                cursor = steps[-1][0].cursor
        if cursor == self._cursor and self._searcher is not None:
            return
        ordered = dict(sorted(entries.items()))
        index = await asyncio.to_thread(self._build, ordered.values())
        if self._searcher is None:
            assert self._encoder is not None
            calibration = Calibration.load(self._settings.data_dir / "knowledge" / "calibration.json")
            self._searcher = Searcher(index, self._encoder, calibration)
        else:
            self._searcher.swap(index)
        self._entries, self._cursor = ordered, cursor
        log.info("knowledge_loaded", entries=len(entries), cursor=cursor)

    def _build(self, entries: Iterable[Entry]) -> KnowledgeIndex:
        """The index of the entries; the first one of a process starts from the one that the last process saved."""
        assert self._encoder is not None, "start() comes first"
        if self._searcher is not None:
            return KnowledgeIndex.build(list(entries), self._encoder, previous=self._searcher.index)
        index, note = KnowledgeIndex.kept(list(entries), self._encoder, self._settings.var_dir / "index")
        if note:
            log.info("index_not_reused", reason=note)
        return index

    async def seed(self, folder: Path) -> int:
        """Bring seed entries into the database; returns how many versions were written.

        A seed that changed becomes a new version, unless somebody edited the entry since: then the database
        is the truth and the seed is left alone.
        """
        entries = await asyncio.to_thread(load_folder, folder)
        async with self._journal.open() as work:
            written = await store(work.session, work, entries, writer=SEED)
        if written:
            log.info("knowledge_seeded", versions=len(written))
        return len(written)

    async def published(self) -> list[Entry]:
        """What is published in the database at this moment, in force or not, by id."""
        async with self._database.read() as session:
            found = [entry_of(row, move) for move, row in await repository.in_force(session)]
        return sorted(found, key=lambda entry: entry.id)

    async def version(self, entry_id: str, number: int | None) -> Body:
        """One published entry in the public shape, or an earlier version of it.

        Raises:
            Problem: 404.
        """
        async with self._database.read() as session:
            if number is None:
                step = await repository.newest(session, entry_id)
            else:
                step = await repository.once_public(session, entry_id, number)
        if step is None or (number is None and step[0].after != "published"):
            raise Problem(404, "no-such-entry", f"there is no published entry {entry_id!r} in that version")
        return shown(step[1], step[0])

    async def changes(self, after: int, limit: int) -> tuple[list[tuple[EntryMove, Body]], int]:
        """The change feed after a cursor: ``([(move, entry), …], last cursor)``."""
        async with self._database.read() as session:
            steps = await repository.changes(session, after, limit)
        return [(move, shown(row, move)) for move, row in steps], steps[-1][0].cursor if steps else after

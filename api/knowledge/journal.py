"""The one way to change the knowledge base: versions are added, moves are made, each with its audit record."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.bus import Bus
from api.clock import Clock
from api.database import Database
from api.knowledge import repository
from api.knowledge.life import Life
from api.knowledge.models import EntryMove, EntryPlan, EntryVersion
from api.knowledge.shape import columns, content, state_of
from knowledge.entries import Status

TOPIC = "knowledge"
"""What the bus calls a change of the knowledge base."""
REVIEWER = "second reader"


class Journal:
    """Opens units of work on the knowledge base."""

    def __init__(self, database: Database, clock: Clock, bus: Bus) -> None:
        self._database, self._clock, self._bus = database, clock, bus

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Work]:
        """One unit of work, the only one on the knowledge base while it lasts; then every gateway is woken."""
        async with self._database.write() as session:
            await repository.claim(session)
            work = Work(session, self._clock.now(), self._clock.today())
            yield work
        if work.changed:
            await self._bus.publish(TOPIC, {"type": "changed"})


class Work:
    """One unit of work. Nothing here asks whether a step is allowed: ``api.knowledge.life`` does, before."""

    def __init__(self, session: AsyncSession, now: datetime, today: date) -> None:
        self.session, self.now, self.today = session, now, today
        self.changed = False

    async def add(
        self,
        life: Life,
        body: Mapping[str, Any],
        *,
        writer: str,
        base: int | None,
        to: Status = "draft",
        review: Mapping[str, Any] | None = None,
        proposal: bool = False,
        note: str | None = None,
        audited: bool = True,
    ) -> EntryVersion:
        """A new version, with the first move of its life."""
        written = content(body)
        row = EntryVersion(
            entry_id=written["id"],
            version=life.newest + 1,
            base=base,
            proposal=proposal,
            writer=writer,
            note=note,
            created_at=self.now,
            body=written,
            **columns(written),
        )
        self.session.add(row)
        await self.session.flush()  # the move refers to it
        await self._replace(life, row, to, writer)
        await self._step(life, row, to, writer, note, review, audited)
        return row

    async def move(self, life: Life, version: int, to: Status, *, actor: str, note: str | None = None) -> None:
        """A step in the life of a version, with what follows from it for other versions and entries."""
        row, before = life.versions[version], life.last[version]
        review = before.review if to in ("published", "retired") else None
        if to == "reviewed":
            review = {"on": self.today.isoformat(), "role": REVIEWER}
        await self._replace(life, row, to, actor)
        await self._step(life, row, to, actor, note, review, True)

    async def plan(self, row: EntryVersion, to: Status, on: date, *, actor: str, note: str | None) -> None:
        """A step for a later day; it takes the place of an earlier plan of the same kind."""
        await self.unplan(row.entry_id, to, actor)
        self.session.add(
            EntryPlan(
                entry_id=row.entry_id, version=row.version, to=to, on=on, actor=actor, note=note, created_at=self.now
            )
        )
        await self._audit(actor, "entry.plan", row.entry_id, version=row.version, to=to, on=on.isoformat(), note=note)

    async def unplan(self, entry_id: str, to: str, actor: str, why: str | None = None) -> bool:
        """Forget a plan; whether there was one."""
        planned = [plan for plan in await repository.plans(self.session, [entry_id]) if plan.to == to]
        for plan in planned:
            await self.session.delete(plan)
            await self._audit(actor, "entry.unplan", entry_id, version=plan.version, to=to, on=plan.on.isoformat(),
                              why=why)  # fmt: skip
        await self.session.flush()
        return bool(planned)

    async def _replace(self, life: Life, row: EntryVersion, to: Status, actor: str) -> None:
        """What publishing a version ends: the version before it, and the entry that it supersedes."""
        if to != "published":
            return
        if life.versions:
            await self.unplan(row.entry_id, "published", actor, f"version {row.version} was published")
        if life.in_force is not None:
            old = life.versions[life.in_force]
            note = f"replaced by version {row.version}"
            await self._step(life, old, "retired", actor, note, life.last[old.version].review, False, hidden=True)
        if name := row.body.get("supersedes"):
            other = await repository.life(self.session, name)
            if other.in_force is not None:
                await self.move(other, other.in_force, "retired", actor=actor, note=f"superseded by {row.entry_id}")

    async def _step(
        self,
        life: Life,
        row: EntryVersion,
        to: Status,
        actor: str,
        note: str | None,
        review: Mapping[str, Any] | None,
        audited: bool,
        hidden: bool = False,
    ) -> None:
        before = life.last.get(row.version)
        ends = to == "retired" and (before is None or before.after == "published")
        step = EntryMove(
            entry_id=row.entry_id,
            version=row.version,
            before=before.after if before else None,
            after=to,
            public=(to == "published" or ends) and not hidden,
            state=state_of(row.body, to, review),
            base=life.public.state if life.public else None,
            review=dict(review) if review else None,
            actor=actor,
            note=note,
            at=self.now,
        )
        self.session.add(step)
        await self.session.flush()
        if to == "retired" and step.public:
            await self.unplan(row.entry_id, "retired", actor, "it ended before")
        life.add(row, step)
        self.changed = True
        if audited:
            action = f"entry.{to}" if before else "entry.write"
            await self._audit(actor, action, row.entry_id, version=row.version, to=to, base=row.base, note=note)

    async def _audit(self, actor: str, action: str, entry_id: str, **details: Any) -> None:
        told = {key: value for key, value in details.items() if value is not None}
        await audit.record(self.session, self.now, actor, action, entry_id, **told)

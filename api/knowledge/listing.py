"""The editors' overview: lists, reminders, one entry."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.clock import Clock
from api.database import Database
from api.knowledge import repository, views
from api.knowledge.editing import Caller
from api.knowledge.life import Life
from api.knowledge.models import EntryPlan
from api.knowledge.repository import Filters
from api.knowledge.schemas import EntryDetail, EntryPage, EntryRow, PlannedOut, Reminders

MOST = 500
"""Rows of each list of reminders at most."""


class ListingService:
    """Reads for editors."""

    def __init__(self, house: str, database: Database, clock: Clock) -> None:
        self._house, self._database, self._clock = house, database, clock

    async def page(self, wanted: Filters, page: int, size: int) -> EntryPage:
        """One page of the entries that fit."""
        async with self._database.read() as session:
            rows, total = await self._rows(session, wanted, (page - 1) * size, size)
        return EntryPage(entries=rows, total=total, page=page, size=size)

    async def detail(self, life: Life, caller: Caller) -> EntryDetail:
        """One entry with what the caller may do."""
        entry_id = life.versions[life.head].entry_id
        async with self._database.read() as session:
            plans = await repository.plans(session, [entry_id])
        return views.detail(life, plans, caller, self._house)

    async def reminders(self, days: int) -> Reminders:
        """What wants attention within some days."""
        until = self._clock.today() + timedelta(days=days + 1)
        async with self._database.read() as session:
            expiring, _ = await self._rows(session, Filters(status="published", expires_before=until))
            due, _ = await self._rows(session, Filters(status="published", review_before=until))
            drafts, _ = await self._rows(session, Filters(status="draft"))
            plans = await repository.plans(session)
        proposals = [row for row in drafts if row.open_proposals]
        return Reminders(
            expiring=sorted(expiring, key=lambda row: row.valid_to or ""),
            review_due=sorted(due, key=lambda row: row.review_by or ""),
            proposals=proposals,
            to_review=[row for row in drafts if row.status == "draft" and row.version not in row.open_proposals],
            plans=[PlannedOut(id=plan.entry_id, **views.planned(plan).model_dump()) for plan in plans],
        )

    async def _rows(
        self, session: AsyncSession, wanted: Filters, offset: int = 0, limit: int = MOST
    ) -> tuple[list[EntryRow], int]:
        ids, total = await repository.listed(session, wanted, offset, limit)
        lives = await repository.lives(session, ids)
        plans: dict[str, list[EntryPlan]] = defaultdict(list)
        for plan in await repository.plans(session, ids):
            plans[plan.entry_id].append(plan)
        return [views.row(lives[entry_id], plans[entry_id]) for entry_id in ids], total

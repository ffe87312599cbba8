"""Every query of the knowledge domain."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.knowledge.models import EntryVersion

FED = ("published", "retired")


async def latest(session: AsyncSession) -> Sequence[EntryVersion]:
    """The newest version of every entry, by entry id."""
    newest = select(func.max(EntryVersion.cursor)).group_by(EntryVersion.entry_id)
    query = select(EntryVersion).where(EntryVersion.cursor.in_(newest)).order_by(EntryVersion.entry_id)
    return (await session.execute(query)).scalars().all()


async def published(session: AsyncSession) -> Sequence[EntryVersion]:
    """Per entry the newest version that was published, unless it was retired after that."""
    newest = select(func.max(EntryVersion.cursor)).where(EntryVersion.status.in_(FED)).group_by(EntryVersion.entry_id)
    query = select(EntryVersion).where(EntryVersion.cursor.in_(newest), EntryVersion.status == "published")
    return (await session.execute(query.order_by(EntryVersion.entry_id))).scalars().all()


async def version(session: AsyncSession, entry_id: str, number: int | None) -> EntryVersion | None:
    """One published or retired version; the newest where no number is given."""
    query = select(EntryVersion).where(EntryVersion.entry_id == entry_id, EntryVersion.status.in_(FED))
    if number is not None:
        query = query.where(EntryVersion.version == number)
    return (await session.execute(query.order_by(EntryVersion.version.desc()).limit(1))).scalar_one_or_none()


async def changes(session: AsyncSession, after: int, limit: int) -> Sequence[EntryVersion]:
    """Published and retired versions after a cursor, oldest first."""
    query = (
        select(EntryVersion)
        .where(EntryVersion.cursor > after, EntryVersion.status.in_(FED))
        .order_by(EntryVersion.cursor)
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def last_cursor(session: AsyncSession) -> int:
    """The counter that tells every process whether anything changed."""
    return int((await session.execute(select(func.coalesce(func.max(EntryVersion.cursor), 0)))).scalar_one())

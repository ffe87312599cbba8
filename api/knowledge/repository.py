"""Every query of the knowledge domain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Select, and_, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from api.knowledge.life import Life
from api.knowledge.models import EntryMove, EntryPlan, EntryVersion, ImportReceipt, SyncPoint

Step = tuple[EntryMove, EntryVersion]


async def claim(session: AsyncSession) -> None:
    """Wait until no other unit of work changes the knowledge base, and keep it until this one ends.

    Cursors come from a sequence: without this, a transaction with a lower cursor could commit after one with a
    higher, and whoever had read past it would never see it. SQLite has one writer anyhow.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("select pg_advisory_xact_lock(hashtextextended('knowledge', 0))"))


async def lives(session: AsyncSession, entry_ids: Iterable[str] | None = None) -> dict[str, Life]:
    """Versions and moves of entries, by entry id; of all where none are named."""
    versions, moves = select(EntryVersion), select(EntryMove)
    if entry_ids is not None:
        wanted = list(entry_ids)
        versions = versions.where(EntryVersion.entry_id.in_(wanted))
        moves = moves.where(EntryMove.entry_id.in_(wanted))
    rows: dict[str, list[EntryVersion]] = defaultdict(list)
    steps: dict[str, list[EntryMove]] = defaultdict(list)
    for row in (await session.execute(versions)).scalars():
        rows[row.entry_id].append(row)
    for move in (await session.execute(moves)).scalars():
        steps[move.entry_id].append(move)
    return {entry_id: Life(rows[entry_id], steps[entry_id]) for entry_id in sorted(rows)}


async def life(session: AsyncSession, entry_id: str) -> Life:
    """One entry; a life without versions where there is none."""
    return (await lives(session, [entry_id])).get(entry_id) or Life([], [])


async def newest(session: AsyncSession, entry_id: str) -> Step | None:
    """What the world saw last of an entry."""
    query = _steps().where(EntryMove.entry_id == entry_id, EntryMove.public)
    row = (await session.execute(query.order_by(EntryMove.cursor.desc()).limit(1))).first()
    return (row[0], row[1]) if row else None


async def once_public(session: AsyncSession, entry_id: str, version: int) -> Step | None:
    """A version that was published or retired at some time, with its last move."""
    query = _steps().where(EntryMove.entry_id == entry_id, EntryMove.version == version)
    rows = [(row[0], row[1]) for row in await session.execute(query.order_by(EntryMove.cursor.desc()))]
    return rows[0] if any(move.public for move, _ in rows) else None


async def in_force(session: AsyncSession) -> Sequence[Step]:
    """The published version of every entry, by entry id."""
    query = _steps().where(EntryMove.cursor.in_(_last_public()), EntryMove.after == "published")
    return [(row[0], row[1]) for row in await session.execute(query.order_by(EntryMove.entry_id))]


async def changes(session: AsyncSession, after: int, limit: int) -> Sequence[Step]:
    """Public moves after a cursor, oldest first."""
    query = _steps().where(EntryMove.cursor > after, EntryMove.public).order_by(EntryMove.cursor).limit(limit)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def steps_after(session: AsyncSession, after: int, limit: int) -> Sequence[Step]:
    """Moves after a cursor that a partner may care about: public ones, and versions that were reviewed."""
    told = EntryMove.public | (EntryMove.after == "reviewed")
    query = _steps().where(EntryMove.cursor > after, told).order_by(EntryMove.cursor).limit(limit)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def last_cursor(session: AsyncSession) -> int:
    """The counter that tells every process whether anything public changed."""
    query = select(func.coalesce(func.max(EntryMove.cursor), 0)).where(EntryMove.public)
    return int((await session.execute(query)).scalar_one())


def _steps() -> Select[EntryMove, EntryVersion]:
    same = and_(EntryVersion.entry_id == EntryMove.entry_id, EntryVersion.version == EntryMove.version)
    return select(EntryMove, EntryVersion).join(EntryVersion, same)


async def plans(session: AsyncSession, entry_ids: Iterable[str] | None = None) -> Sequence[EntryPlan]:
    """What is planned, in order of days; of some entries where they are named."""
    query = select(EntryPlan).order_by(EntryPlan.on, EntryPlan.id)
    if entry_ids is not None:
        query = query.where(EntryPlan.entry_id.in_(list(entry_ids)))
    return (await session.execute(query)).scalars().all()


async def due(session: AsyncSession, today: date) -> Sequence[EntryPlan]:
    """Plans whose day has begun."""
    query = select(EntryPlan).where(EntryPlan.on <= today).order_by(EntryPlan.on, EntryPlan.id)
    return (await session.execute(query)).scalars().all()


async def drop_plans(session: AsyncSession, entry_id: str, to: str | None = None) -> None:
    """Forget what is planned for an entry."""
    query = delete(EntryPlan).where(EntryPlan.entry_id == entry_id)
    await session.execute(query if to is None else query.where(EntryPlan.to == to))


async def receipt(session: AsyncSession, partner: str, digest: str) -> ImportReceipt | None:
    """What an import came to, if it was made before."""
    return await session.get(ImportReceipt, (partner, digest))


async def sync_point(session: AsyncSession, partner: str) -> SyncPoint:
    """How far the exchange with a partner has come; made where there is none."""
    point = await session.get(SyncPoint, partner)
    if point is None:
        point = SyncPoint(partner=partner, pulled=0, pushed=0)
        session.add(point)
    return point


def _last_moves() -> Select[int]:
    return select(func.max(EntryMove.cursor)).group_by(EntryMove.entry_id, EntryMove.version)


def _last_public() -> Select[int]:
    return select(func.max(EntryMove.cursor)).where(EntryMove.public).group_by(EntryMove.entry_id)


class Filters:
    """What the editors' list is narrowed to; every part that is None does not count."""

    def __init__(
        self,
        *,
        status: str | None = None,
        topic: str | None = None,
        area: str | None = None,
        owner: str | None = None,
        region: str | None = None,
        missing: str | None = None,
        expires_before: date | None = None,
        review_before: date | None = None,
        q: str | None = None,
    ) -> None:
        self.status, self.expires_before, self.review_before = status, expires_before, review_before
        self.missing, self.q = missing, q
        self.same = {"topic": topic, "area": area, "owner": owner, "region": region}


async def listed(session: AsyncSession, filters: Filters, offset: int, limit: int) -> tuple[list[str], int]:
    """Ids of the entries that fit, in order of ids, and how many there are in all.

    The newest version decides, except for ``status``: an entry with a published version and a draft is listed
    under both, and only an entry that the world no longer sees is retired.
    """
    last = aliased(EntryMove)
    own = select(EntryVersion.entry_id, func.max(EntryVersion.version).label("head")).where(
        EntryVersion.proposal.is_(False)
    )
    heads = own.group_by(EntryVersion.entry_id).subquery()
    query = select(EntryVersion.entry_id).outerjoin(heads, heads.c.entry_id == EntryVersion.entry_id)
    query = query.where(EntryVersion.version == func.coalesce(heads.c.head, EntryVersion.version)).distinct()
    for name, value in filters.same.items():
        if value is not None:
            query = query.where(getattr(EntryVersion, name) == value)
    if filters.missing:
        query = query.where(EntryVersion.missing.contains(filters.missing, autoescape=True))
    if filters.expires_before:
        query = query.where(EntryVersion.valid_to < filters.expires_before)
    if filters.review_before:
        query = query.where(EntryVersion.review_by < filters.review_before)
    for word in (filters.q or "").lower().split():
        query = query.where(EntryVersion.words.contains(word, autoescape=True))
    if filters.status:
        ends = _last_public() if filters.status == "retired" else _last_moves()
        fits = select(last.entry_id).where(last.cursor.in_(ends), last.after == filters.status)
        query = query.where(EntryVersion.entry_id.in_(fits))
    count = int((await session.execute(select(func.count()).select_from(query.subquery()))).scalar_one())
    page = query.order_by(EntryVersion.entry_id).offset(offset).limit(limit)
    return list((await session.execute(page)).scalars()), count

"""Writing the audit log, and proving that nobody altered it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.models import AuditRecord

START = "0" * 64
"""What the first record's digest is chained to."""


async def record(
    session: AsyncSession, at: datetime, actor: str, action: str, subject: str, **details: Any
) -> AuditRecord:
    """Add a record in the caller's unit of work, so that nothing happens unrecorded or is recorded in vain.

    Writers queue here until the other's transaction ends: a chain has one end.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("select pg_advisory_xact_lock(hashtextextended('audit', 0))"))
    await session.flush()  # a record added before in this unit of work must be seen as the last one
    newest = select(AuditRecord.digest).order_by(AuditRecord.id.desc()).limit(1)
    before = (await session.execute(newest)).scalar_one_or_none() or START
    row = AuditRecord(at=at, actor=actor, action=action, subject=subject, details=details)
    row.digest = _digest(row, before)
    session.add(row)
    await session.flush()
    return row


async def first_broken(session: AsyncSession) -> int | None:
    """The number of the first record that does not fit its chain; None when all do."""
    before = START
    rows = await session.stream_scalars(select(AuditRecord).order_by(AuditRecord.id))
    async for row in rows:
        if row.digest != _digest(row, before):
            return row.id
        before = row.digest
    return None


async def newest(session: AsyncSession, subject: str | None, limit: int) -> Sequence[AuditRecord]:
    """The last records, newest first; of one subject where it is named."""
    query = select(AuditRecord).order_by(AuditRecord.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditRecord.subject == subject)
    return (await session.execute(query)).scalars().all()


def _digest(row: AuditRecord, before: str) -> str:
    """SHA-256 over the digest before and the record's content, in one written form."""
    at = row.at.astimezone(timezone.utc).isoformat()
    content = json.dumps([before, at, row.actor, row.action, row.subject, row.details], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()

"""The audit log for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.audit import service
from api.dependencies import get_container
from api.seats.endpoints import Administrator

router = APIRouter(prefix="/v1/audit", tags=["audit"])


class RecordOut(BaseModel):
    """One thing that somebody did."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


class AuditLog(BaseModel):
    """The newest records; ``broken_at`` is the first that was altered, null when the chain is whole."""

    records: list[RecordOut]
    broken_at: int | None


@router.get("")
async def find(
    request: Request,
    _: Administrator,
    subject: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditLog:
    """What was done last, and whether the log is whole."""
    async with get_container(request).database.read() as session:
        rows = await service.newest(session, subject, limit)
        broken = await service.first_broken(session)
    records = [RecordOut.model_validate(row, from_attributes=True) for row in rows]
    return AuditLog(records=records, broken_at=broken)

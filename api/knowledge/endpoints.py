"""The knowledge base for everybody: search, one entry, and the feed of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.conversations.schemas import DivisionCode, Language
from api.dependencies import get_knowledge
from api.knowledge.schemas import EntryOut
from api.knowledge.service import KnowledgeService
from knowledge.entries import to_dict
from knowledge.language import detect

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"])
Service = Annotated[KnowledgeService, Depends(get_knowledge)]


class Result(BaseModel):
    """One hit: ``score`` is the probability that the entry answers the question."""

    score: float
    entry: EntryOut


class Results(BaseModel):
    """What a search found, best first."""

    query: str
    language: Language
    results: list[Result]


class Change(BaseModel):
    """One published or retired version. ``state`` names what the entry is now, ``base`` what it was before: equal
    wherever content, status and review are equal. Who changes an entry elsewhere sends the ``state`` that the change
    rests on as ``base``."""

    cursor: int
    entry: EntryOut
    state: str
    base: str | None
    at: datetime


class Changes(BaseModel):
    """A page of the feed; ask again with ``after=cursor``."""

    changes: list[Change]
    cursor: int


@router.get("/search")
async def search(
    service: Service,
    q: Annotated[str, Query(min_length=1, max_length=500)],
    language: Language | None = None,
    region: DivisionCode | None = None,
    k: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Results:
    """Published entries in force today that fit the question."""
    spoken = language or detect(q).language or "zh"
    hits = service.search(q, language=spoken, region=region, k=k)
    results = [Result(score=round(hit.score, 4), entry=EntryOut(**to_dict(hit.entry))) for hit in hits]
    return Results(query=q, language=spoken, results=results)


@router.get("/entries/{entry_id}")
async def entry(entry_id: str, service: Service, version: Annotated[int | None, Query(ge=1)] = None) -> EntryOut:
    """A published entry; ``version`` asks for an earlier one."""
    return EntryOut(**await service.version(entry_id, version))


@router.get("/changes")
async def changes(
    service: Service,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Changes:
    """What was published or retired after a cursor, oldest first; drafts never."""
    found, cursor = await service.changes(after, limit)
    return Changes(
        changes=[
            Change(cursor=move.cursor, entry=EntryOut(**body), state=move.state, base=move.base, at=move.at)
            for move, body in found
        ],
        cursor=cursor,
    )

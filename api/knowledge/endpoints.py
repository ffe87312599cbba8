"""The knowledge base for everybody: search, one entry, and the feed of changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from api.conversations.schemas import DivisionCode, Language
from api.dependencies import get_knowledge
from api.knowledge.service import KnowledgeService
from knowledge.entries import OWNER, to_dict
from knowledge.language import detect

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"])
Service = Annotated[KnowledgeService, Depends(get_knowledge)]


class EntryOut(BaseModel):
    """One version of an entry."""

    id: str
    version: int
    area: str
    topic: str
    questions: dict[Language, list[str]]
    answer: dict[Language, str]
    region: str | None
    audience: str
    authority: str
    sources: list[dict[str, Any]]
    general: bool
    valid_from: str | None
    valid_to: str | None
    review_by: str | None
    status: str
    supersedes: str | None
    related: list[str]
    needs: list[str]
    facts: list[str]
    more: dict[Language, str] = {}
    review: dict[str, str] | None = None
    owner: str = OWNER


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
    """One published or retired version."""

    cursor: int
    entry: EntryOut


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
        changes=[Change(cursor=number, entry=EntryOut(**body)) for number, body in found],
        cursor=cursor,
    )

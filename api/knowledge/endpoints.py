"""The knowledge base for everybody: search, one entry, and the feed of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from api.conversations.schemas import DivisionCode, Language
from api.dependencies import get_container, get_knowledge, get_seats
from api.knowledge.editing import Caller
from api.knowledge.editor_endpoints import caller as editor
from api.knowledge.exchange import Import, Imported, as_problem
from api.knowledge.schemas import EntryOut
from api.knowledge.service import KnowledgeService
from api.partners.dependencies import signed_by
from api.partners.signature import PARTNER
from api.problems import Problem
from api.seats.endpoints import current_seat, with_role
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


async def sender(request: Request) -> str | Caller:
    """Who sends an entry: a partner by its signature, or an editor by their session."""
    if PARTNER in request.headers:
        return await signed_by(request)
    return editor(await with_role("editor", "administrator")(await current_seat(request, get_seats(request))))


@router.put("/entries/{entry_id}")
async def put_entry(
    entry_id: str, what: Import, request: Request, response: Response, who: Annotated[str | Caller, Depends(sender)]
) -> Imported:
    """Import an entry: published when its owner sends it and nothing changed here since, else kept as a proposal
    (202); a 409 reports a conflict with the base, both versions and the fields. An editor's import is a draft (202).
    """
    if what.entry.id != entry_id:
        raise Problem(422, "invalid-entry", f"the address says {entry_id!r}; an id never changes", field="entry.id")
    exchange, sent = get_container(request).exchange, what.entry.model_dump()
    if isinstance(who, str):
        imported = await exchange.receive(who, {**sent, "owner": sent["owner"] or who}, what.base)
    else:
        imported = await exchange.draft(who, sent, what.base)
    if imported.result == "conflict":
        raise as_problem(imported)
    response.status_code = 202 if imported.result in ("proposed", "drafted") else 200
    return imported


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

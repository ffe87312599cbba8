"""The editors' calls: the whole life of an entry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.conversations.schemas import DivisionCode, Language
from api.dependencies import get_container, get_knowledge
from api.knowledge import schemas, views
from api.knowledge.editing import Caller, EditingService
from api.knowledge.listing import ListingService
from api.knowledge.repository import Filters
from api.knowledge.service import KnowledgeService
from api.seats.endpoints import Editor
from knowledge.entries import to_dict
from knowledge.language import detect
from knowledge.search import decide

router = APIRouter(prefix="/v1/editor", tags=["editor"])


def get_editing(request: Request) -> EditingService:
    """The writing side of the knowledge base."""
    return get_container(request).editing


def get_listing(request: Request) -> ListingService:
    """The editors' overview."""
    return get_container(request).listing


def caller(seat: Editor) -> Caller:
    """The editor that calls; who is an administrator too acts as one."""
    return Caller(seat.username, "administrator" if "administrator" in seat.roles else "editor")


Editing = Annotated[EditingService, Depends(get_editing)]
Listing = Annotated[ListingService, Depends(get_listing)]
Who = Annotated[Caller, Depends(caller)]
VersionNumber = Annotated[int, Query(ge=1)]


def filters(
    status: schemas.Status | None = None,
    topic: Annotated[str | None, Query(max_length=80)] = None,
    area: Annotated[str | None, Query(max_length=20)] = None,
    owner: Annotated[str | None, Query(max_length=80)] = None,
    region: DivisionCode | None = None,
    missing: Language | None = None,
    expires_before: date | None = None,
    review_before: date | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Filters:
    """What the list is narrowed to: ``missing`` is a language without an answer, ``q`` words that all must occur."""
    return Filters(
        status=status, topic=topic, area=area, owner=owner, region=region, missing=missing,
        expires_before=expires_before, review_before=review_before, q=q,
    )  # fmt: skip


@router.get("/entries")
async def entries(
    _: Editor,
    listing: Listing,
    wanted: Annotated[Filters, Depends(filters)],
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.EntryPage:
    """Entries in order of ids, drafts included."""
    return await listing.page(wanted, page, size)


@router.get("/reminders")
async def reminders(_: Editor, listing: Listing, days: Annotated[int, Query(ge=1, le=366)] = 30) -> schemas.Reminders:
    """What ends, is due for review, or waits for somebody, within some days from today."""
    return await listing.reminders(days)


@router.post("/entries", status_code=201)
async def create(new: schemas.NewEntry, who: Who, editing: Editing, listing: Listing) -> schemas.EntryDetail:
    """A new entry, as a draft."""
    return await listing.detail(await editing.create(new.entry.model_dump(), who, new.note), who)


@router.get("/entries/{entry_id}")
async def entry(entry_id: str, who: Who, editing: Editing, listing: Listing) -> schemas.EntryDetail:
    """The newest version, all versions, and what the caller may do."""
    return await listing.detail(await editing.life(entry_id), who)


@router.put("/entries/{entry_id}")
async def edit(
    entry_id: str, change: schemas.Edit, who: Who, editing: Editing, listing: Listing
) -> schemas.EntryDetail:
    """A new version, as a draft; 409 with ``current`` and ``changes`` when somebody wrote another meanwhile."""
    body = change.entry.model_dump()
    life = await editing.edit(entry_id, change.base, body, who, change.note, change.merges)
    return await listing.detail(life, who)


@router.post("/entries/{entry_id}/moves")
async def move(
    entry_id: str, step: schemas.Move, who: Who, editing: Editing, listing: Listing
) -> schemas.EntryDetail:
    """A step in the life of a version: now, or with ``on`` at the beginning of a later day."""
    life = await editing.move(entry_id, step.version, step.to, who, step.on, step.note)
    return await listing.detail(life, who)


@router.delete("/entries/{entry_id}/plans/{to}")
async def unplan(
    entry_id: str, to: schemas.Status, who: Who, editing: Editing, listing: Listing
) -> schemas.EntryDetail:
    """Forget a planned step."""
    return await listing.detail(await editing.unplan(entry_id, to, who), who)


@router.post("/entries/{entry_id}/rollback")
async def rollback(
    entry_id: str, wish: schemas.Rollback, who: Who, editing: Editing, listing: Listing
) -> schemas.EntryDetail:
    """A new version with an earlier one's content."""
    life = await editing.rollback(entry_id, wish.to, wish.base, who, wish.publish, wish.note)
    return await listing.detail(life, who)


@router.get("/entries/{entry_id}/versions")
async def versions(entry_id: str, _: Editor, editing: Editing) -> list[schemas.VersionOut]:
    """Every version and its life, newest first."""
    life = await editing.life(entry_id)
    return [views.version(life, number) for number in sorted(life.versions, reverse=True)]


@router.get("/entries/{entry_id}/versions/{number}")
async def one_version(entry_id: str, number: int, _: Editor, editing: Editing) -> schemas.EntryOut:
    """One version with its content, drafts included."""
    return schemas.EntryOut(**await editing.content(entry_id, number))


@router.get("/entries/{entry_id}/diff")
async def diff(
    entry_id: str,
    _: Editor,
    editing: Editing,
    old: Annotated[int, Query(alias="from", ge=1)],
    new: Annotated[int, Query(alias="to", ge=1)],
) -> schemas.Diff:
    """What changed between two versions, field by field."""
    changes = await editing.diff(entry_id, old, new)
    return schemas.Diff(id=entry_id, old=old, new=new, changes=[schemas.FieldChange(**change) for change in changes])


@router.get("/find")
async def find(
    _: Editor,
    knowledge: Annotated[KnowledgeService, Depends(get_knowledge)],
    q: Annotated[str, Query(min_length=1, max_length=500)],
    language: Language | None = None,
    region: DivisionCode | None = None,
    k: Annotated[int, Query(ge=1, le=20)] = 10,
) -> schemas.Finding:
    """What would this question find, and what would the service do with it?"""
    spoken = language or detect(q).language or "zh"
    hits = knowledge.search(q, language=spoken, region=region, k=k)
    found = [
        schemas.Found(
            entry=schemas.EntryOut(**to_dict(hit.entry)),
            score=round(hit.score, 4),
            dense=round(hit.dense, 4),
            lexical=round(hit.lexical, 4),
            matched=hit.matched,
        )
        for hit in hits
    ]
    return schemas.Finding(query=q, language=spoken, verdict=decide(hits), found=found)


@router.post("/check")
async def check(draft: schemas.NewEntry, _: Editor, editing: Editing) -> schemas.Checked:
    """Everything that is wrong with a draft; nothing is stored."""
    storable, faults = await editing.check(draft.entry.model_dump())
    return schemas.Checked(
        storable=storable,
        publishable=not faults,
        faults=[schemas.FaultOut(**one) for one in faults],
    )

"""The insights, for editors, administrators and supervisors. Whoever answers visitors needs none of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.conversations.schemas import Language
from api.dependencies import get_container
from api.insights.repository import Reason
from api.insights.schemas import CoverageOut, Preview, PreviewWish, Questions, References, Traffic
from api.insights.service import InsightService
from api.seats.endpoints import with_role


def get_insights(request: Request) -> InsightService:
    """The insight service."""
    return get_container(request).insights


Service = Annotated[InsightService, Depends(get_insights)]
Days = Annotated[int, Query(ge=1, le=366)]
router = APIRouter(
    prefix="/v1/insights",
    tags=["insights"],
    dependencies=[Depends(with_role("editor", "supervisor", "administrator"))],
)


@router.get("/questions")
async def questions(
    service: Service,
    days: Days = 30,
    reason: Annotated[list[Reason] | None, Query()] = None,
    language: Language | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Questions:
    """What was not answered well in the last days, grouped by meaning, the most frequent first."""
    return await service.questions(days, reason or (), language, limit)


@router.get("/traffic")
async def traffic(
    service: Service,
    days: Days = 30,
    entry: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Traffic:
    """How often entries were answered with, by day and language, with the thumbs where visitors gave any."""
    return await service.traffic(days, entry, limit)


@router.get("/coverage")
async def coverage(service: Service) -> CoverageOut:
    """Wordings and answers by topic and language, entries with too few wordings, and facts that none states."""
    return service.coverage()


@router.get("/references")
async def references(service: Service) -> References:
    """What an entry may refer to: codes, topics, and the fact sheet."""
    return service.references()


@router.post("/preview")
async def preview(wish: PreviewWish, service: Service) -> Preview:
    """How a draft's answer would look to a visitor, in the three languages; nothing is stored."""
    return service.preview(wish)

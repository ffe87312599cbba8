"""``POST /v1/routing/resolve``: the phone line's IVR asks where a call goes."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from api.conversations.schemas import Business, DivisionCode, Language, Origin, Strict
from api.dependencies import get_routing
from api.routing.resolve import Ask, Decision, Inquiry
from api.routing.service import RoutingService

router = APIRouter(prefix="/v1/routing", tags=["routing"])


class RoutingQuestion(Strict):
    """What the line knows about a caller."""

    line: Literal["phone", "chat"]
    language: Language
    business: Business | None = None
    origin: Origin | None = None
    port: str | None = Field(None, max_length=40)
    place: str | None = Field(None, max_length=100)
    region: DivisionCode | None = None
    caller_number: str | None = Field(None, max_length=30)


class QueueOut(BaseModel):
    """A queue: one a unit; ``language`` is the caller's."""

    id: str
    kind: Literal["border_inspection", "exit_entry", "service_centre"]
    language: Language


class UnitOut(BaseModel):
    """Who answers."""

    id: str
    name: str


class PlaceOut(BaseModel):
    """Where the caller is, and how that is known."""

    code: str
    name: str
    source: Literal["port", "place", "region", "number", "network"]


class CandidateOut(BaseModel):
    """One possible answer to the question asked back."""

    code: str
    name: str


class Routed(BaseModel):
    """Where the call goes and why."""

    queue: QueueOut
    unit: UnitOut
    place: PlaceOut | None
    rule: str
    reason: str


class Asked(BaseModel):
    """What must be known first."""

    ask: Literal["place", "business"]
    candidates: list[CandidateOut]


class UnitRow(UnitOut):
    """A unit in a list, with its English name."""

    name_en: str
    kind: Literal["border_inspection", "exit_entry", "service_centre"]


@router.get("/units")
async def units(
    routing: Annotated[RoutingService, Depends(get_routing)],
    q: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
) -> list[UnitRow]:
    """Who can be given a case: units whose id or name has all the words of ``q`` in it."""
    found = islice(routing.geography.find_units(q), limit)
    return [UnitRow(id=unit.id, name=unit.zh, name_en=unit.en, kind=unit.kind) for unit in found]


@router.post("/resolve")
async def resolve(
    question: RoutingQuestion, routing: Annotated[RoutingService, Depends(get_routing)]
) -> Routed | Asked:
    """The same answer for the phone line as for chat."""
    found = routing.resolve(Inquiry(**question.model_dump()))
    if isinstance(found, Ask):
        candidates = [CandidateOut(code=c.code, name=c.name) for c in found.candidates]
        return Asked(ask=found.ask, candidates=candidates)
    return routed(found)


def routed(decision: Decision) -> Routed:
    """A decision in the public shape."""
    located, language = decision.located, decision.language
    place = located and PlaceOut(code=located.place.code, name=located.name(language), source=located.source)
    return Routed(
        queue=QueueOut(id=decision.queue_id, kind=decision.unit.kind, language=language),
        unit=UnitOut(id=decision.unit.id, name=decision.unit.name(language)),
        place=place or None,
        rule=decision.rule,
        reason=decision.reason,
    )

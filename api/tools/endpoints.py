"""``/v1/tools``: computed answers in one call, open to everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.clock import SHANGHAI
from api.conversations.schemas import DivisionCode, Language
from api.dependencies import get_tools
from api.problems import Problem
from api.tools.schemas import (
    FeeOut,
    FeesOut,
    HoursOut,
    OfficeAsk,
    OfficeOut,
    Point,
    PortOut,
    PortsOut,
    StationOut,
    VisaMissing,
    VisaQuestion,
    VisaResult,
)
from api.tools.service import PortFilter, ToolService
from knowledge.tools.ports import Port, PortType

router = APIRouter(prefix="/v1/tools", tags=["tools"])
Service = Annotated[ToolService, Depends(get_tools)]
At = Annotated[datetime | None, Query(description="moment for `opening`; without a zone it is China's time")]
MOST_PORTS = 200


@router.post("/visa-free")
async def visa_free(question: VisaQuestion, service: Service) -> VisaResult | VisaMissing:
    """Whether a journey needs a visa, under which policy, until when, and what to carry; or what is missing."""
    return service.visa_free(question)


@router.get("/ports")
async def ports(
    service: Service,
    find: Annotated[
        str | None, Query(min_length=1, max_length=60, description="ports of a name, else those nearest to a place")
    ] = None,
    q: Annotated[str | None, Query(min_length=1, max_length=60, description="part of a name or alias")] = None,
    province: DivisionCode | None = None,
    city: DivisionCode | None = None,
    type: PortType | None = None,
    open_24h: bool | None = None,
    transit_240h: bool | None = None,
    face_clearance: bool | None = None,
    near: Annotated[str | None, Query(min_length=1, max_length=60, description="a place, port or code")] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    at: At = None,
    language: Language = "en",
    limit: Annotated[int, Query(ge=1, le=MOST_PORTS)] = 20,
) -> PortsOut:
    """Ports of entry by name, place and what they offer, with whether each is open; nearest first from a place.

    ``find`` takes what somebody typed, so a name of nothing finds nothing and is no error.
    """
    if find is not None:
        if q is not None or near is not None or lat is not None:
            raise Problem(422, "invalid-input", "find takes the place of q, near and coordinates", field="find")
        q, near = service.read(find)
    if (lat is None) != (lon is None):
        raise Problem(422, "invalid-input", "lat and lon go together", field="lat" if lat is None else "lon")
    if near is not None and lat is not None:
        raise Problem(422, "invalid-input", "give a place or coordinates, not both", field="near")
    point = (lon, lat) if lat is not None and lon is not None else service.point(near) if near else None
    wanted = PortFilter(q, province, city, type, open_24h, transit_240h, face_clearance)
    found = service.ports(wanted, point)
    moment = _moment(at, service)
    return PortsOut(
        at=moment,
        total=len(found),
        near=Point(lon=point[0], lat=point[1]) if point else None,
        ports=[_port(service, port, moment, language, km) for port, km in found[:limit]],
    )


@router.get("/ports/{port_id}")
async def port(port_id: str, service: Service, at: At = None, language: Language = "en") -> PortOut:
    """One port, and whether it is open at a time."""
    return _port(service, service.port(port_id), _moment(at, service), language, None)


@router.get("/offices")
async def offices(
    service: Service, place: Annotated[str, Query(min_length=1, max_length=60)], language: Language = "zh"
) -> OfficeOut | OfficeAsk:
    """The exit-entry administration of a city (name or code); which city, where that is not certain."""
    return service.office(place, language)


@router.get("/fees")
async def fees(
    service: Service,
    document: Annotated[str | None, Query(max_length=40)] = None,
    procedure: Annotated[str | None, Query(max_length=40)] = None,
) -> FeesOut:
    """Fees and time limits by document and procedure, with the date of their source."""
    return FeesOut(fees=[FeeOut(**fee.model_dump()) for fee in service.fees(document, procedure)])


def _moment(at: datetime | None, service: ToolService) -> datetime:
    moment = at or service.now()
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)


def _port(service: ToolService, port: Port, at: datetime, language: Language, km: float | None) -> PortOut:
    station = service.station(port, language)
    daily, position = port.hours, port.position
    hours = daily and HoursOut(opens=f"{daily.opens:%H:%M}", closes=f"{daily.closes:%H:%M}", as_of=port.hours_as_of)
    return PortOut(
        id=port.id,
        name=service.name(port, language),
        name_zh=port.zh,
        name_en=port.en,
        type=port.type,
        province=port.province,
        city=port.city,
        neighbour=port.neighbour,
        station=StationOut(id=station[0], name=station[1]) if station else None,
        hours=hours,
        open_24h=port.open_24h,
        opening=port.opening(at),
        transit_240h=port.transit_240h,
        airside_24h=port.airside_24h,
        face_clearance=port.face_clearance,
        position=Point(lon=position[0], lat=position[1]) if position else None,
        distance_km=None if km is None else round(km, 1),
        verified=port.verified,
        note=port.note,
    )

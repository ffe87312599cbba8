"""Pages made from tables: ports, offices, fees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import get_args

from starlette.exceptions import HTTPException

from api.portal.site import ADDRESSES, Ask, View
from api.problems import Problem
from api.tools.schemas import OfficeAsk
from api.tools.service import PortFilter
from knowledge.text.gazetteer import fold
from knowledge.tools.ports import Port, PortType

NEAREST = 8
CHECKS = {"now": "only_now", "h24": "only_24h", "face": "only_face", "t240": "only_240"}
"""What can be asked of a port beside where it is: field → its words."""
LONGEST = 60


@dataclass(frozen=True)
class PortCard:
    """A port as a page's language has it; ``km`` where it is only the nearest."""

    port: Port
    name: str
    city: str
    opening: str
    hours: str
    note: str
    km: int | None = None

    @property
    def path(self) -> str:
        """Its stable address, without a language."""
        return f"/ports/{self.port.id}"


def port_card(ask: Ask, port: Port, km: float | None = None) -> PortCard:
    """A port in words."""
    note = ask.site.words.port_notes.get(port.id)
    return PortCard(
        port=port,
        name=ask.site.services.gazetteer.name("port", port.id, ask.language),
        city=ask.place(port.city),
        opening=port.opening(ask.site.tools.now()),
        hours=_hours(ask, port),
        note=note[ask.language] if note else "",
        km=None if km is None else round(km),
    )


def _hours(ask: Ask, port: Port) -> str:
    if port.open_24h:
        return ask.t("hours_always")
    return ask.t("hours_daily", times=port.hours) if port.hours else ""


def ports(ask: Ask) -> View:
    """Ports by place and by what they offer; without a place all of them, by province."""
    asked = {key: ask.query.get(key, "")[:LONGEST] for key in ("q", "type", *CHECKS)}
    problem, near = "", False
    found: list[tuple[Port, float | None]] = []
    if asked["type"] and asked["type"] not in get_args(PortType):
        problem = ask.name("errors", "type", value=asked["type"])
    else:
        try:
            found, near = _found(ask, asked["q"])
        except Problem as error:
            problem = ask.name("errors", error.code, value=asked["q"])
    cards = [port_card(ask, port, km) for port, km in found if _fits(ask, port, asked)]
    if near:
        cards = cards[:NEAREST]
    values = {
        "asked": asked, "checks": CHECKS, "types": get_args(PortType), "problem": problem, "total": len(cards),
        "near": near, "regions": [("", cards)] if asked["q"] else _by_province(ask, cards),
        "time": f"{ask.site.tools.now():%H:%M}",
    }  # fmt: skip
    plain = not any(asked.values())
    return View(
        "ports.html", ask.t("ports_page"), ask.t("ports_lead"), values, 422 if problem else 200, asked, listed=plain
    )


def _fits(ask: Ask, port: Port, asked: dict[str, str]) -> bool:
    wanted = PortFilter(
        type=asked["type"] or None,
        open_24h=True if asked["h24"] else None,
        face_clearance=True if asked["face"] else None,
        transit_240h=True if asked["t240"] else None,
    )
    return wanted.takes(port) and (not asked["now"] or port.opening(ask.site.tools.now()) == "open")


def _found(ask: Ask, place: str) -> tuple[list[tuple[Port, float | None]], bool]:
    """Ports of a name, a city, a province or a neighbour; else the nearest ones, and that they are.

    Raises:
        Problem: 422, the name says no place, or several, or one that nobody knows where it lies.
    """
    tools = ask.site.tools
    if not place:
        return tools.ports(PortFilter(), None), False
    there = _there(ask, place) | {port.id for port, _ in tools.ports(PortFilter(q=place), None)}
    if there:
        return [found for found in tools.ports(PortFilter(), None) if found[0].id in there], False
    return tools.ports(PortFilter(), tools.point(place)), True


def _there(ask: Ask, place: str) -> set[str]:
    """Ports that lie in a place, or on the border of one."""
    gazetteer = ask.site.services.gazetteer
    found: set[str] = set()
    mentions = [one for one in gazetteer.find(place) if one.kind in ("place", "nationality")]
    ports = ask.site.services.tools.policies.ports.values()
    for mention in mentions[:1]:
        for code in mention.candidates if len(mention.candidates) == 1 else ():
            name = fold(gazetteer.name(mention.kind, code, "zh"))
            city = gazetteer.region_of("place", code) or code if mention.kind == "place" else ""
            for port in ports:
                inside = city and (port.city == city or (city.endswith("0000") and port.province == city))
                if inside or name[:2] in fold(port.neighbour or ""):
                    found.add(port.id)
    return found


def _by_province(ask: Ask, cards: Sequence[PortCard]) -> list[tuple[str, list[PortCard]]]:
    ordered = sorted(cards, key=lambda card: (card.port.province, card.port.city, card.port.type, card.port.id))
    return [(ask.place(code), list(rows)) for code, rows in groupby(ordered, key=lambda card: card.port.province)]


def port(ask: Ask, port_id: str) -> View:
    """One port. Raises 404."""
    found = ask.site.services.tools.policies.ports.get(port_id)
    if found is None:
        raise HTTPException(404)
    card = port_card(ask, found)
    station = ask.site.tools.station(found, ask.language)
    there = [
        port_card(ask, one) for one, _ in ask.site.tools.ports(PortFilter(city=found.city), None) if one != found
    ]
    values = {
        "card": card, "station": station[1] if station else None, "there": there,
        "time": f"{ask.site.tools.now():%H:%M}", "since": (found.airside_24h or "").removeprefix("since "),
        "neighbour": _neighbour(ask, found.neighbour),
    }  # fmt: skip
    trail = ((ADDRESSES["ports_page"], ask.t("ports_page")),)
    lead = " · ".join(part for part in (card.name, card.city, card.hours) if part)
    return View("port.html", card.name, lead, values, trail=trail)


def _neighbour(ask: Ask, zh: str | None) -> str:
    """The other side of a border, in the page's language: 香港/澳门 -> Hong Kong, Macao."""
    gazetteer, names = ask.site.services.gazetteer, []
    for part in (zh or "").split("/"):
        if found := [one for one in gazetteer.find(part) if one.kind in ("place", "nationality")]:
            names.append(gazetteer.name(found[0].kind, found[0].candidates[0], ask.language))
        elif part:
            names.append(part)
    return (", " if ask.language == "en" else "、").join(names)


def offices(ask: Ask) -> View:
    """The exit-entry administration of a place, and the general stations of immigration inspection."""
    place, problem, found = ask.query.get("place", "")[:LONGEST], "", None
    if place:
        try:
            found = ask.site.tools.office(place, ask.language)
        except Problem as error:
            problem = ask.name("errors", error.code, value=place)
    values = {
        "place": place, "problem": problem, "provinces": ask.site.geography.provinces(),
        "office": None if isinstance(found, OfficeAsk) else found,
        "which": found.candidates if isinstance(found, OfficeAsk) else [],
        "stations": ask.site.geography.general_stations(),
    }  # fmt: skip
    status = 422 if problem else 200
    kept = {"place": place}
    return View("offices.html", ask.t("offices"), ask.t("offices_lead"), values, status, kept, listed=not place)


def fees(ask: Ask) -> View:
    """What documents cost and how long they take."""
    rows = groupby(ask.site.tools.fees(None, None), key=lambda row: row.document)
    tables = [
        (ask.site.services.gazetteer.name("document", document, ask.language), list(of)) for document, of in rows
    ]
    tables = [(name[:1].upper() + name[1:], of) for name, of in tables]
    return View("fees.html", ask.t("fees"), ask.t("fees_lead"), {"tables": tables})

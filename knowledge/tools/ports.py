"""Ports of entry: what they offer, whether one is open at a given time, and which is nearest to a place."""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

PortType = Literal["air", "road", "sea", "rail", "river"]
Opening = Literal["open", "closed", "flights", "unknown"]
SHANGHAI = ZoneInfo("Asia/Shanghai")
EARTH_KM = 6371.0088
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)(\(次日\))?")


@dataclass(frozen=True)
class Hours:
    """Daily passenger hours in China's time; `closes` at or before `opens` lies on the next day.

    >>> Hours.parse("06:00-01:00(次日)").at(time(0, 30)), Hours.parse("06:30-24:00").at(time(0, 30))
    (True, False)
    """

    opens: time
    closes: time

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Read ``06:30-24:00`` or ``06:00-01:00(次日)``. Raises ValueError for anything else."""
        match = _HOURS.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} are no hours")
        first, first_minute, last, last_minute = (int(match[number]) for number in range(1, 5))
        return cls(time(first, first_minute), time(last % 24, last_minute))

    def at(self, moment: time) -> bool:
        """Whether it is open at a time of day; the closing minute itself is closed."""
        if self.opens == self.closes:
            return True
        if self.opens < self.closes:
            return self.opens <= moment < self.closes
        return moment >= self.opens or moment < self.closes

    def __str__(self) -> str:
        closes = "24:00" if self.closes == time(0) else f"{self.closes:%H:%M}"
        return f"{self.opens:%H:%M}–{closes}"


@dataclass(frozen=True)
class Port:
    """A port of entry; codes as in data/places, coordinates in degrees (about 3 km where they are approximate)."""

    id: str
    zh: str
    en: str
    type: PortType
    province: str
    city: str
    station: str
    neighbour: str | None
    hours: Hours | None
    hours_as_of: str | None
    by_flights: bool
    open_24h: bool | None
    transit_240h: bool
    airside_24h: str | None
    face_clearance: bool
    position: tuple[float, float] | None
    aliases: tuple[str, ...]
    verified: bool
    note: str | None

    def opening(self, at: datetime) -> Opening:
        """Whether passengers can pass at a moment (with a zone), as far as is known."""
        if self.hours:
            return "open" if self.hours.at(at.astimezone(SHANGHAI).time()) else "closed"
        if self.open_24h:
            return "open"
        return "flights" if self.by_flights else "unknown"


def load_ports(places: Path) -> dict[str, Port]:
    """Read ``ports.jsonl`` as id → port. Raises KeyError or ValueError for a broken file."""
    lines = (places / "ports.jsonl").read_text("utf-8").splitlines()
    return {port.id: port for port in (_port(json.loads(line)) for line in lines if line.strip())}


def load_coordinates(places: Path) -> dict[str, tuple[float, float]]:
    """Read ``coordinates.csv`` as division code → (longitude, latitude) in degrees."""
    with (places / "coordinates.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: (float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)}


def _port(row: Mapping[str, object]) -> Port:
    hours = str(row["passenger_hours"] or "")
    flights = hours == "follows flight schedule"
    lon, lat = row["lon"], row["lat"]
    located = isinstance(lon, int | float) and isinstance(lat, int | float)
    return Port(
        id=str(row["id"]),
        zh=str(row["name_zh"]),
        en=str(row["name_en"]),
        type=row["type"],  # type: ignore[arg-type]
        province=str(row["province"]),
        city=str(row["city"]),
        station=str(row["general_station"]),
        neighbour=_text(row["neighbour"]),
        hours=Hours.parse(hours) if hours and not flights else None,
        hours_as_of=_text(row["hours_asof"]),
        by_flights=flights,
        open_24h=bool(row["open_24h"]) if row["open_24h"] is not None else None,
        transit_240h=bool(row["transit_240h"]),
        airside_24h=_text(row["airside_24h"]),
        face_clearance=bool(row["face_clearance"]),
        position=(float(lon), float(lat)) if located else None,  # type: ignore[arg-type]
        aliases=tuple(row["aliases"]),  # type: ignore[arg-type]
        verified=row["confidence"] == "verified",
        note=_text(row["note"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance of two (longitude, latitude) points, in kilometres.

    >>> round(distance((113.39, 22.52), (113.55, 22.22)))
    37
    """
    (lon1, lat1), (lon2, lat2) = ((radians(lon), radians(lat)) for lon, lat in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def nearest(ports: Iterable[Port], to: tuple[float, float]) -> list[tuple[Port, float]]:
    """Ports with their distance in kilometres, the nearest first; those without coordinates are left out."""
    measured = [(port, distance(to, port.position)) for port in ports if port.position]
    return sorted(measured, key=lambda pair: pair[1])

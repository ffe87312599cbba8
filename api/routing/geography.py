"""Divisions, ports and the units that serve them, from ``data/places``.

A *place* here is what has an exit-entry administration of its own: a prefecture-level city, a municipality,
or a county that its province runs directly. Districts are lifted to their city; provinces stay provinces.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.language import Language
from knowledge.text.normalise import in_hongkong

SERVICE_CENTRE = "masc"


@dataclass(frozen=True)
class Place:
    """A division: ``code`` has six digits; ``level`` is province, municipality, city or county."""

    code: str
    zh: str
    en: str
    level: str
    province: str
    mainland: bool

    def name(self, language: Language) -> str:
        """The name as that language writes it."""
        return self.en if language == "en" else in_hongkong(self.zh) if language == "yue" else self.zh


@dataclass(frozen=True)
class Unit:
    """Who answers: ``kind`` is border_inspection, exit_entry or service_centre."""

    id: str
    kind: str
    zh: str
    en: str

    def name(self, language: Language) -> str:
        """The unit's name as that language writes it."""
        return self.en if language == "en" else in_hongkong(self.zh) if language == "yue" else self.zh


@dataclass(frozen=True)
class Port:
    """A port of entry, with its city's and province's codes and its general station's id."""

    id: str
    zh: str
    en: str
    city: str | None
    province: str
    station: str


class Geography:
    """Looks places, ports and units up; loaded once, never changed."""

    def __init__(self, folder: Path) -> None:
        rows = json.loads((folder / "divisions.json").read_text("utf-8"))["divisions"]
        self._rows: dict[str, dict[str, Any]] = {row["code"]: row for row in rows}
        with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
            self._areas = {row["code"]: row for row in csv.DictReader(file)}
        self.ports = {port.id: port for port in map(_port, _lines(folder / "ports.jsonl"))}
        stations = _lines(folder / "stations.jsonl")
        self._stations = [row for row in stations if row["kind"] == "general_station"]
        self._units = {row["id"]: _unit(row) for row in stations}

    def place(self, code: str) -> Place | None:
        """The place of any division code, districts included; ``None`` when there is no such division."""
        if code not in self._rows and (area := self._areas.get(code)):  # 东莞 is its own only "district"
            parent = self._rows.get(area["cityCode"] + "00")
            if parent is None:
                return None
            if parent["level"] != "direct_county_group":
                return self.place(parent["code"])
            return Place(code, area["name"], area["name"], "county", parent["parent"], True)
        row = self._rows.get(code)
        if row is None or row["level"] == "direct_county_group":
            return None
        if row["level"] == "municipality_part":
            return self.place(row["parent"])
        if row["level"] == "province":
            level = "municipality" if row["municipality"] else "province"
            return Place(code, row["name_zh"], row["name_en"], level, code, row["mainland"])
        return Place(code, row["name_zh"], row["name_en"], "city", row["parent"], True)

    def cities(self, province: str) -> list[Place]:
        """The prefecture-level cities of a province, in the order of their codes."""
        codes = sorted(c for c, row in self._rows.items() if row["parent"] == province)
        places = (self.place(code) for code in codes)
        return [place for place in places if place and place.level == "city"]

    def provinces(self) -> list[Place]:
        """The provinces, municipalities and regions of the mainland, in the order of their codes."""
        places = (self.place(code) for code, row in sorted(self._rows.items()) if row["level"] == "province")
        return [place for place in places if place and place.mainland]

    def general_stations(self) -> list[Unit]:
        """The general stations of immigration inspection, in the order of their ids."""
        return [self._units[row["id"]] for row in sorted(self._stations, key=lambda row: str(row["id"]))]

    def city_names(self) -> dict[str, Place]:
        """Every city, prefecture and municipality, Hong Kong and Macao included, by its full and its short name."""
        names: dict[str, Place] = {}
        for code in sorted(self._rows, reverse=True):  # 吉林 is first of all the city: it overwrites the province
            place = self.place(code)
            if place and place.code == code and (place.level in ("city", "municipality") or not place.mainland):
                names |= {place.zh: place, self._rows[code].get("short_zh") or place.zh: place}
        return names

    def unit(self, unit_id: str) -> Unit | None:
        """A unit by id; a city's exit-entry unit follows the naming pattern."""
        if unit_id in self._units:
            return self._units[unit_id]
        place = self.place(unit_id.removeprefix("psb-")) if unit_id.startswith("psb-") else None
        if place is None or place.level not in ("city", "county") or unit_id != f"psb-{place.code}":
            return None
        zh = f"{place.zh}公安局出入境管理部门"
        return Unit(unit_id, "exit_entry", zh, f"Exit-entry administration of {place.en} public security bureau")

    def divisions(self) -> Iterator[Place]:
        """Every province, city, municipality and directly run county, by code."""
        for code in sorted({*self._rows, *self._areas}):
            if (place := self.place(code)) and place.code == code:
                yield place

    def find_units(self, words: str) -> Iterator[Unit]:
        """Units whose id or name, in either language, has all the words in it."""
        parts = words.lower().split()
        for unit in self.units():
            named = f"{unit.id} {unit.zh} {unit.en}".lower()
            if all(part in named for part in parts):
                yield unit

    def units(self) -> Iterator[Unit]:
        """Every unit that a case can go to: the service centre, the stations, the exit-entry administrations."""
        yield from sorted(self._units.values(), key=lambda unit: (unit.id != SERVICE_CENTRE, unit.id))
        for place in self.divisions():
            if place.mainland and (unit := self.unit(f"psb-{place.code}")):
                yield unit

    def exit_entry(self, place: Place) -> Unit | None:
        """The exit-entry administration of a place; ``None`` for a province, whose cities each have one."""
        if place.level == "municipality":
            return self._units[f"psb-{place.code[:2]}"]
        return self.unit(f"psb-{place.code}")

    def stations(self, place: Place) -> list[Unit]:
        """The general stations that may cover a place: one, except for a province that several share."""
        inside = [row for row in self._stations if place.province in (row["covers_provinces"] or [])]
        if place.level == "province" or len(inside) == 1:
            return [self._units[row["id"]] for row in inside]
        named = [row for row in inside if isinstance(row["covers_cities"], list)]
        match = [row for row in named if place.code in row["covers_cities"]]
        rest = [row for row in inside if row not in named]  # the station that takes what the others do not name
        return [self._units[row["id"]] for row in match or rest]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _port(row: dict[str, Any]) -> Port:
    return Port(row["id"], row["name_zh"], row["name_en"], row["city"], row["province"], row["general_station"])


def _unit(row: dict[str, Any]) -> Unit:
    kinds = {"general_station": "border_inspection", "psb_exit_entry_province": "exit_entry"}
    return Unit(row["id"], kinds.get(row["kind"], "service_centre"), row["name_zh"], row["name_en"])

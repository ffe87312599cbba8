"""Reads data/places into one table of folded names; the gazetteer only looks up.

Several sources name the same thing. The rank decides who keeps a name: a city before a port before a district, so
that 中山 is the city and 罗湖 the port; equal ranks stay side by side as candidates.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

Fold = Callable[[str], str]
Kind = Literal["place", "port", "nationality", "document"]

_DIVISION, _PORT, _AREA, _AIRPORT_CITY = 0, 1, 2, 3
_AREA_SUFFIXES = ("市", "区", "县", "旗")
_PORT_ENDINGS = ("国际机场", "机场")


@dataclass(frozen=True)
class Target:
    """What a name stands for; `area` is a district's code where it is a district's name, `code` then its city's."""

    kind: Kind
    code: str
    area: str | None = None
    person: bool = False


@dataclass
class Names:
    """The compiled reference data: `table` from folded name to targets, and the rules for when a name counts."""

    table: dict[str, tuple[Target, ...]] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    labels: dict[Kind, dict[str, tuple[str, str, str]]] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    capitals: set[str] = field(default_factory=set)
    code_words: set[str] = field(default_factory=set)
    not_before: dict[str, tuple[str, ...]] = field(default_factory=dict)
    not_after: dict[str, tuple[str, ...]] = field(default_factory=dict)
    person_suffixes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    person_suffixes_en: dict[str, frozenset[str]] = field(default_factory=dict)
    person_not: tuple[str, ...] = ()

    def add(self, name: str, target: Target, rank: int) -> None:
        """Gives `name` (folded) to `target`; a better rank takes it over, an equal one shares it."""
        held = self.ranks.get(name)
        if len(name) < 2 or (held is not None and held < rank):
            return
        if held is None or held > rank:
            self.ranks[name] = rank
            self.table[name] = (target,)
        elif target not in self.table[name]:
            self.table[name] = (*self.table[name], target)


def load_names(places: Path, fold: Fold) -> Names:
    """All of the folder `places`. Raises OSError when a file is missing, ValueError or KeyError when it is broken."""
    names = Names(labels={"place": {}, "port": {}, "nationality": {}, "document": {}})
    aliases = _read_yaml(places / "aliases.yaml")
    divisions = json.loads((places / "divisions.json").read_text(encoding="utf-8"))["divisions"]
    _add_divisions(names, divisions, aliases, fold)
    _add_areas(names, places / "areas.csv", aliases, fold)
    _add_ports(names, places / "ports.jsonl", aliases, fold)
    _add_countries(names, _read_yaml(places / "countries.yaml"), fold)
    _add_documents(names, _read_yaml(places / "documents.yaml"), fold)
    _add_place_rules(names, aliases, fold)
    return names


def _read_yaml(path: Path) -> dict[str, Any]:
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(loaded, dict):
        raise ValueError(f"{path.name}: a mapping was expected")
    return loaded


def _latin_variants(name: str) -> Iterable[str]:
    yield name
    if "'" in name:
        yield name.replace("'", "")


def _add_divisions(names: Names, divisions: list[dict[str, Any]], aliases: Mapping[str, Any], fold: Fold) -> None:
    by_code = {one["code"]: one for one in divisions}
    for one in divisions:
        code, level = one["code"], one["level"]
        if level == "municipality_part":
            parent = by_code[one["parent"]]
            names.labels["place"][code] = (parent["name_zh"], "", parent["name_en"])
            names.regions[code] = parent["code"]
            continue
        names.regions[code] = code
        names.labels["place"][code] = (one["name_zh"], "", one["name_en"])
        if level == "direct_county_group":
            parent = by_code[one["parent"]]
            names.labels["place"][code] = (parent["short_zh"] + "直辖县市", "", one["name_en"])
            continue
        for name in _division_names(one, aliases["division_full_name_only"]):
            names.add(fold(name), Target("place", code), _DIVISION)
    for code, more in aliases["places"].items():
        for name in more:
            names.add(fold(name), Target("place", code), _DIVISION)


def _division_names(division: Mapping[str, Any], full_only: list[str]) -> Iterable[str]:
    full, short = division["name_zh"], division["short_zh"]
    yield full
    # "Suzhou (Jiangsu)" tells two cities apart on a button; people type the bare name and mean either.
    yield from _latin_variants(division["name_en"].split(" (")[0].removesuffix(" SAR"))
    if full.endswith("自治州"):
        yield short + "州"
    if short not in full_only:
        yield short


def _add_areas(names: Names, path: Path, aliases: Mapping[str, Any], fold: Fold) -> None:
    full_only, never = set(aliases["full_name_only"]), set(aliases["never"])
    known_cities = set(aliases["district_cities"])
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["name"]
            if row["code"] in names.labels["place"]:
                continue  # cities without districts (东莞, 中山) stand in both lists
            group = names.labels["place"].get(row["cityCode"] + "00", ("",))[0].endswith("直辖县市")
            code = row["code"] if group else names.regions[row["cityCode"] + "00"]
            target = Target("place", code, row["code"])
            names.regions[row["code"]] = code
            if group:  # a county that its province runs directly is a place of its own, like a city
                names.labels["place"][code] = (name, "", name)
            else:
                zh, _, en = names.labels["place"][code]
                names.labels["place"][row["code"]] = (zh + name, "", f"{name} ({en})")
            if name in never:
                continue
            names.add(fold(name), target, _AREA)
            short = name[:-1].removesuffix("新") if name.endswith("新区") else name[:-1]
            bare = name.endswith("市") or (name.endswith(("区", "县")) and code in known_cities)
            if bare and len(short) >= 2 and short not in full_only and name.endswith(_AREA_SUFFIXES):
                names.add(fold(short), target, _AREA)
    _add_ambiguous(names, aliases["ambiguous"], fold)


def _add_ambiguous(names: Names, ambiguous: Mapping[str, list[str]], fold: Fold) -> None:
    for name, codes in ambiguous.items():
        targets = [Target("place", names.regions[code], None if code.endswith("00") else code) for code in codes]
        names.table[fold(name)] = tuple(targets)
        names.ranks[fold(name)] = _DIVISION


def _add_ports(names: Names, path: Path, aliases: Mapping[str, Any], fold: Fold) -> None:
    code_words = {word.lower() for word in aliases["code_words"]}
    ports = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    for port in ports:
        target = Target("port", port["id"])
        region = names.regions[port["city"]]
        names.labels["port"][port["id"]] = (port["name_zh"], "", port["name_en"])
        names.regions[port["id"]] = region
        city_zh, _, city_en = names.labels["place"][region]
        more = aliases["ports"].get(port["id"], [])
        for name in (port["name_zh"], port["name_en"], *more):
            names.add(fold(name), target, _PORT)
        for alias in port["aliases"]:
            code = alias.isascii() and alias.isupper() and len(alias) == 3
            bare = port["type"] == "air" and not code
            names.add(fold(alias), target, _AIRPORT_CITY if bare else _PORT)
        if port["type"] == "air":
            for name in _airport_names(port, city_zh.removesuffix("市"), city_en):
                names.add(fold(name), target, _PORT)
    names.code_words = code_words
    names.capitals |= code_words


def _airport_names(port: Mapping[str, Any], city_zh: str, city_en: str) -> Iterable[str]:
    """上海浦东国际机场 is also 上海浦东机场, 浦东机场, 上海机场; the last one is shared by a city's airports."""
    zh, en = port["name_zh"], port["name_en"]
    stem = next((zh.removesuffix(end) for end in _PORT_ENDINGS if zh.endswith(end)), zh)
    own = stem.removeprefix(city_zh)
    for end in _PORT_ENDINGS:
        yield stem + end
        yield city_zh + end
        if len(own) >= 2:
            yield own + end
    english = en.replace(" International", "")
    yield from (english, f"{city_en} Airport", f"{city_en} International Airport")
    if english != f"{city_en} Airport":  # what is left of that would be every airport's name
        yield english.removeprefix(city_en + " ")


def _add_countries(names: Names, countries: Mapping[str, Any], fold: Fold) -> None:
    for code, zh, yue, en, demonyms, *more in countries["countries"]:
        names.labels["nationality"][code] = (zh, yue, en)
        if code == "CN":
            continue
        for name in (zh, yue, en, *(more[0] if more else ())):
            names.add(fold(name), Target("nationality", code), _PORT)
        for name in demonyms:
            for form in (name, name + "s"):
                names.add(fold(form), Target("nationality", code, person=True), _PORT)
    for code, cities in countries["cities"].items():
        for name in cities:
            names.add(fold(name), Target("nationality", code), _PORT)
    for name in countries["china_person"]:
        names.add(fold(name), Target("nationality", "CN", person=True), _DIVISION)
    for name, code in countries["capitals_only"].items():
        names.add(fold(name), Target("nationality", code), _PORT)
        names.capitals.add(fold(name))
    names.not_after |= {fold(name): tuple(map(fold, others)) for name, others in countries["not_after"].items()}
    names.not_before |= {fold(name): tuple(map(fold, others)) for name, others in countries["not_before"].items()}
    names.person_suffixes["nationality"] = tuple(map(fold, countries["person_suffixes"]))
    names.person_suffixes_en["nationality"] = frozenset(countries["person_suffixes_en"])


def _add_documents(names: Names, documents: Mapping[str, Any], fold: Fold) -> None:
    for one in documents["documents"]:
        label = one["names"]
        names.labels["document"][one["id"]] = (label["zh"], label["yue"], label["en"])
        for name in (*label.values(), *one["aliases"]):
            names.add(fold(name), Target("document", one["id"]), _DIVISION)


def _add_place_rules(names: Names, aliases: Mapping[str, Any], fold: Fold) -> None:
    names.capitals |= {fold(name) for name in aliases["capitals_only"]}
    others = tuple(map(fold, aliases["not_before"]))
    for name, targets in names.table.items():
        if targets[0].kind == "place" and not name.isascii():
            names.not_before.setdefault(name, others)
    names.person_suffixes["place"] = tuple(map(fold, aliases["person_suffixes"]))
    names.person_suffixes_en["place"] = frozenset(aliases["person_suffixes_en"])
    names.person_not = tuple(map(fold, aliases["person_not"]))

"""The ways into China without a visa, as dated tables in ``data/visa``: for whom, how long, on which conditions."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BeforeValidator, Field, model_validator

from knowledge.entry_files import Problem
from knowledge.entry_rules import Facts, load_divisions, load_facts
from knowledge.tools.ports import Port, load_ports
from knowledge.tools.tables import Located, Row, TableError, dotted, line_of, read_rows

Purpose = Literal[
    "tourism", "business", "family", "exchange", "transit", "work", "study", "journalism"
]  # fmt: skip
Passport = Literal["ordinary", "other"]
Group = Literal["hk_macao", "tour", "cruise"]
REGIONS = ("HK", "MO", "TW")
"""Regions that may be where somebody comes from or goes to, beside the countries."""


def _flat(value: object) -> object:
    """Codes may be grouped in the file, to be read more easily."""
    if not isinstance(value, list):
        return value
    return [code for part in value for code in (part if isinstance(part, list) else [part])]


Codes = Annotated[tuple[str, ...], BeforeValidator(_flat)]


class Stay(Row):
    """The limit of one stay; days are counted from the day after arrival."""

    days: int | None = Field(None, ge=1)
    hours: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one(self) -> "Stay":
        if (self.days is None) == (self.hours is None):
            raise ValueError("either days or hours")
        return self

    @property
    def limit(self) -> int:
        """In hours."""
        return self.hours if self.hours is not None else (self.days or 0) * 24


class Cap(Row):
    """At most so many days within so many, over several stays."""

    days: int = Field(ge=1)
    within: int = Field(ge=1)


class Countries(Row):
    """Nationalities under one policy on the same terms; `days` where their stay is another than the policy's."""

    codes: Literal["any"] | tuple[str, ...]
    since: date | None = None
    until: date | None = None
    days: int | None = Field(None, ge=1)
    per: Cap | None = None
    unconfirmed: bool = False
    facts: tuple[str, ...] = ()

    def has(self, nationality: str) -> bool:
        """Whether a nationality is meant."""
        return self.codes == "any" or nationality in self.codes


class Policy(Row):
    """One way in. A condition that is not set does not matter; `rank` says which is the easier one to use."""

    id: str
    entry: str
    region_entry: str | None = None
    rank: int
    as_of: date
    stay: Stay
    purposes: tuple[Purpose, ...]
    passports: tuple[Passport, ...] = ()
    passport_months: int = 0
    third_place: bool = False
    ticket: bool = False
    airside: bool = False
    card: bool = False
    urgent: bool = False
    visa: bool = False
    group: Group | None = None
    group_size: int = 1
    areas: Codes = ()
    areas_required: bool = False
    ports: Literal["transit_240h"] | tuple[str, ...] = ()
    port_cities: tuple[str, ...] = ()
    facts: tuple[str, ...]
    countries: tuple[Countries, ...]

    def terms(self, nationality: str) -> Countries | None:
        """The row that a nationality stands in."""
        return next((row for row in self.countries if row.has(nationality)), None)

    def limit(self, terms: Countries) -> int:
        """The longest stay on these terms, in hours."""
        return terms.days * 24 if terms.days else self.stay.limit


@dataclass(frozen=True)
class Policies:
    """All policies, the easier first, and what their conditions refer to."""

    policies: tuple[Policy, ...]
    ports: Mapping[str, Port]
    countries: frozenset[str]

    @classmethod
    def load(cls, data: Path) -> "Policies":
        """Read ``data/visa``.

        Raises:
            TableError: a country, division, port or fact that does not exist, dates reversed, a nationality twice;
                every fault with file and line.
        """
        located, problems = _read(data / "visa")
        ports = load_ports(data / "places")
        countries = _countries(data / "places")
        facts = load_facts(data / "facts" / "facts.jsonl")
        divisions = load_divisions(data / "places" / "divisions.json")
        for policy, mapping, file in located:
            for field, message in _faults(policy, countries, facts, divisions, ports):
                problems.append(Problem(file, line_of(mapping, field), policy.id, dotted(field), message))
        problems += _twice(located)
        if problems:
            raise TableError(problems)
        ordered = sorted((policy for policy, _, _ in located), key=lambda policy: policy.rank)
        return cls(tuple(ordered), ports, countries)


def _read(folder: Path) -> tuple[list[Located[Policy]], list[Problem]]:
    rows: list[Located[Policy]] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        found, faults = read_rows(path, Policy)
        rows += found
        problems += faults
    return rows, problems


def _countries(places: Path) -> frozenset[str]:
    listed = yaml.safe_load((places / "countries.yaml").read_text("utf-8"))["countries"]
    return frozenset(row[0] for row in listed) - {"CN"}


def _twice(located: list[Located[Policy]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for policy, mapping, file in located:
        if policy.id in seen:
            yield Problem(file, mapping.line, policy.id, "id", "is used twice")
        seen.add(policy.id)


def _faults(
    policy: Policy, countries: Collection[str], facts: Facts, divisions: Collection[str], ports: Collection[str]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Faults of one policy as (where, message)."""
    known: dict[str, tuple[str, Collection[str]]] = {
        "facts": ("fact", facts), "areas": ("division", divisions), "port_cities": ("division", divisions),
    }  # fmt: skip
    for field, (what, allowed) in known.items():
        for code in getattr(policy, field):
            if code not in allowed:
                yield (field,), f"{code!r} is no {what}"
    if policy.ports != "transit_240h":
        for port in policy.ports:
            if port not in ports:
                yield ("ports",), f"{port!r} is no port"
    listed: set[str] = set()
    for place, row in enumerate(policy.countries):
        where = ("countries", place)
        for code in () if row.codes == "any" else row.codes:
            if code not in countries:
                yield (*where, "codes"), f"{code!r} is no country"
            if code in listed:
                yield (*where, "codes"), f"{code!r} stands there twice"
            listed.add(code)
        if row.since and row.until and row.since > row.until:
            yield (*where, "until"), "lies before since"
        for fact in row.facts:
            if fact not in facts:
                yield (*where, "facts"), f"{fact!r} is no fact"

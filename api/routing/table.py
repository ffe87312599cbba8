"""Every combination of the routing inputs with its result, as a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from api.routing.resolve import UNKNOWN_PLACE, Ask, Decision, Inquiry
from api.routing.service import RoutingService

PLACES = {
    "not said": None,
    "cannot say": UNKNOWN_PLACE,
    "a city (佛山)": "佛山",
    "a municipality (北京)": "北京",
    "a province (广东)": "广东",
    "an ambiguous name (海南)": "海南",
    "a port (罗湖口岸)": "罗湖口岸",
    "outside the mainland (香港)": "香港",
}
HEAD = ("origin", "language", "business", "place", "result", "rule")
ANY = "any"


@dataclass(frozen=True)
class Row:
    """One combination; phone and chat have the same (a test holds them to it), so the line is no column."""

    origin: str
    language: str
    business: str
    place: str
    result: str
    rule: str

    def cells(self) -> tuple[str, ...]:
        """In the order of ``HEAD``."""
        return (self.origin, self.language, self.business, self.place, self.result, self.rule)


def rows(routing: RoutingService) -> Iterator[Row]:
    """Each combination of origin, language, business and kind of place; one row where the place changes nothing."""
    yield Row(ANY, ANY, ANY, ANY, *_result(routing, Inquiry("phone", "zh", urgent=True)))
    businesses = ("clearance", "documents", "suggestions", None)
    for origin, language, business in product((None, "domestic", "overseas"), ("zh", "yue", "en"), businesses):
        known = (origin or "not said", language, business or "not said")
        results = {
            name: _result(routing, Inquiry("phone", language, business, origin, place=place))  # type: ignore[arg-type]
            for name, place in PLACES.items()
        }
        if len(set(results.values())) == 1:
            yield Row(*known, ANY, *next(iter(results.values())))
        else:
            yield from (Row(*known, name, *result) for name, result in results.items())


def markdown(routing: RoutingService) -> str:
    """The table as ``api/routing/table.md`` keeps it."""
    lines = [
        "# Who answers whom",
        "",
        f"Made from `data/routing.yaml`, version {routing.rules.version}, by `consult routing table --markdown`;",
        "a test holds it to the file. Phone and chat get the same result. The first row is a report of crime or a",
        'call for help. "Not said" for the origin means that the place or the number decides.',
        "",
        "| " + " | ".join(HEAD) + " |",
        "| " + " | ".join("---" for _ in HEAD) + " |",
        *("| " + " | ".join(row.cells()) + " |" for row in rows(routing)),
    ]
    return "\n".join(lines) + "\n"


def _result(routing: RoutingService, inquiry: Inquiry) -> tuple[str, str]:
    found = routing.resolve(inquiry)
    if isinstance(found, Decision):
        return f"{found.unit.id} {found.unit.zh}", found.rule
    assert isinstance(found, Ask)
    named = "、".join(candidate.name for candidate in found.candidates[:3])
    more = f" … ({len(found.candidates)})" if len(found.candidates) > 3 else ""
    return f"asks for the {found.ask}" + (f": {named}{more}" if named else ""), "–"

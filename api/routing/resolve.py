"""The decision itself: one pure function from what is known about a call to a queue, or to a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import phonenumbers
from phonenumbers import geocoder

from api.problems import Problem
from api.routing.geography import Geography, Place, Port, Unit
from api.routing.rules import Need, Rule, Rules, match
from knowledge.language import Language
from knowledge.text.gazetteer import Gazetteer, Mention

UNKNOWN_PLACE = "unknown"  # what the visitor sends who cannot or will not say where they are


@dataclass(frozen=True)
class Inquiry:
    """What is known about a caller. ``region`` is a division code, ``port`` a port id, ``place`` free text.

    ``network`` is what the visitor's address tells: a division code, or "overseas". It is the weakest evidence, so
    it is proposed as an answer to the question for the place, never taken as the answer.
    """

    line: Literal["phone", "chat"]
    language: Language
    business: str | None = None
    origin: str | None = None
    port: str | None = None
    place: str | None = None
    region: str | None = None
    caller_number: str | None = None
    network: str | None = None
    urgent: bool = False

    def recorded(self) -> dict[str, Any]:
        """The inputs as a ticket keeps them: without the number itself."""
        return asdict(self) | {"caller_number": "given" if self.caller_number else None}


@dataclass(frozen=True)
class Candidate:
    """One answer to a question asked back: a division code, port id or business, and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Ask:
    """What must be known first."""

    ask: Need
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Located:
    """Where the caller is and how that is known: source is port, place, region, number or network."""

    place: Place
    source: str
    port: Port | None = None

    def name(self, language: Language) -> str:
        """What to call it when speaking to the caller."""
        if self.port:
            return self.port.en if language == "en" else self.port.zh
        return self.place.name(language)


@dataclass(frozen=True)
class Decision:
    """Who answers, by which rule, and why in words."""

    unit: Unit
    language: Language
    rule: str
    reason: str
    located: Located | None
    version: str

    @property
    def queue_id(self) -> str:
        """One queue a unit: ``<kind>:<unit>``."""
        return f"{self.unit.kind}:{self.unit.id}"


BUSINESSES: dict[str, dict[Language, str]] = {
    "clearance": {
        "zh": "口岸通关和边境通行",
        "yue": "口岸通關同邊境通行",
        "en": "Port clearance and border travel",
    },
    "documents": {"zh": "出入境证件", "yue": "出入境證件", "en": "Exit-entry documents and visas"},
    "suggestions": {"zh": "意见建议", "yue": "意見建議", "en": "Suggestions"},
}


class Router:
    """Routes calls by the rules given; knows the places and how people name them."""

    def __init__(self, geography: Geography, gazetteer: Gazetteer) -> None:
        self.geography = geography
        self.gazetteer = gazetteer

    def resolve(self, rules: Rules, inquiry: Inquiry) -> Decision | Ask:
        """Decide, or say what must be asked first.

        Raises:
            Problem: 422 for a port, region or phone number that does not exist, with the field's name.
        """
        found = self._locate(inquiry)
        located = found if isinstance(found, Located) else None
        overseas = found == "overseas" or (located is not None and not located.place.mainland)
        origin = inquiry.origin or ("overseas" if overseas else "domestic")
        facts = {
            "line": inquiry.line,
            "origin": origin,
            "language": inquiry.language,
            "business": inquiry.business,
            "urgent": inquiry.urgent,
        }
        rule = match(rules, facts)
        assert rule is not None, "the rule file was checked to take every call"
        if "business" in rule.needs and inquiry.business is None:
            return Ask("business", _businesses(inquiry.language))
        if "place" not in rule.needs:
            return self._decide(rules, rule, inquiry, self.geography.unit(rule.to), located)
        if inquiry.place == UNKNOWN_PLACE:
            return self._decide(rules, rule, inquiry, self.geography.unit(rules.unknown_place), None)
        if isinstance(found, Ask):
            return found
        if located is None or not located.place.mainland:
            return Ask("place", ())
        if located.source == "network":
            return Ask("place", (Candidate(located.place.code, located.place.name(inquiry.language)),))
        return self._by_place(rules, rule, inquiry, located)

    def decide(self, rules: Rules, inquiry: Inquiry) -> Decision:
        """Decide without asking anybody: what is not known goes to who dispatches.

        Raises:
            Problem: as ``resolve`` does.
        """
        found = self.resolve(rules, inquiry)
        if isinstance(found, Ask) and found.ask == "place":
            found = self.resolve(rules, replace(inquiry, place=UNKNOWN_PLACE))
        if isinstance(found, Decision):
            return found
        located = self._locate(inquiry)
        origin = inquiry.origin or "domestic"
        facts = {"line": inquiry.line, "origin": origin, "language": inquiry.language, "urgent": inquiry.urgent}
        rule = match(rules, facts | {"business": inquiry.business})
        assert rule is not None, "the rule file was checked to take every call"
        unit = self.geography.unit(rule.to) or self.geography.unit(rules.unknown_place)
        return self._decide(rules, rule, inquiry, unit, located if isinstance(located, Located) else None)

    def _by_place(self, rules: Rules, rule: Rule, inquiry: Inquiry, located: Located) -> Decision | Ask:
        if rule.to == "nearest_station":
            units = self._stations(located)
            unit = units[0] if len(units) == 1 else None
        else:
            unit = self.geography.exit_entry(located.place)
        if unit is None:  # a province whose cities have units of their own
            cities = self.geography.cities(located.place.code)
            return Ask("place", tuple(Candidate(city.code, city.name(inquiry.language)) for city in cities))
        return self._decide(rules, rule, inquiry, unit, located)

    def _stations(self, located: Located) -> list[Unit]:
        if located.port and (unit := self.geography.unit(located.port.station)):
            return [unit]
        return self.geography.stations(located.place)

    def _decide(
        self, rules: Rules, rule: Rule, inquiry: Inquiry, unit: Unit | None, located: Located | None
    ) -> Decision:
        assert unit is not None, "the rule file was checked to name units that exist"
        words: Literal["zh", "en"] = "en" if inquiry.language == "en" else "zh"
        place = located.name(words) if located else ""
        if located is None and "place" in rule.needs:
            reason = "地点不明，转服务中心" if words == "zh" else "place unknown: the service centre answers"
        else:
            reason = rule.reason[words].format(place=place, unit=unit.name(words))
        return Decision(unit, inquiry.language, rule.id, reason, located, rules.version)

    def _locate(self, inquiry: Inquiry) -> Located | Ask | Literal["overseas"] | None:
        """Where the caller is: port before place, region, number and network address.

        Every source is read, so that a wrong code is told even where a better source decides.
        """
        ordered = (
            self._from_port(inquiry.port),
            self._from_text(inquiry.place, inquiry.language),
            self._from_region(inquiry.region),
            self._from_number(inquiry.caller_number),
            self._from_network(inquiry.network),
        )
        return next((found for found in ordered if found is not None), None)

    def _from_network(self, network: str | None) -> Located | Literal["overseas"] | None:
        if network is None or network == "overseas":
            return network  # type: ignore[return-value]
        place = self.geography.place(network)
        return Located(place, "network") if place else None

    def _from_port(self, port_id: str | None) -> Located | None:
        if port_id is None:
            return None
        port = self.geography.ports.get(port_id)
        if port is None:
            raise Problem(422, "unknown-port", f"there is no port {port_id!r}", field="port")
        return self._at_port(port, "port")

    def _at_port(self, port: Port, source: str) -> Located:
        place = self.geography.place(port.city or port.province) or self.geography.place(port.province)
        assert place is not None, f"port {port.id} names a place that does not exist"
        return Located(place, source, port)

    def _from_region(self, code: str | None) -> Located | None:
        if code is None:
            return None
        place = self.geography.place(code)
        if place is None:
            raise Problem(422, "unknown-region", f"there is no division with the code {code!r}", field="region")
        return Located(place, "region")

    def _from_number(self, number: str | None) -> Located | Ask | Literal["overseas"] | None:
        if number is None:
            return None
        try:
            parsed = phonenumbers.parse(number, "CN")
        except phonenumbers.NumberParseException as error:
            raise Problem(422, "unknown-number", f"not a phone number: {error}", field="caller_number") from error
        if not phonenumbers.is_possible_number(parsed):
            raise Problem(422, "unknown-number", "not a possible phone number", field="caller_number")
        if parsed.country_code != 86:
            return "overseas"
        described = geocoder.description_for_number(parsed, "zh")
        found = self._from_text(described, "zh", source="number") if described else None
        return None if isinstance(found, Ask) else found

    def _from_text(
        self, text: str | None, language: Language, source: str = "place"
    ) -> Located | Ask | Literal["overseas"] | None:
        """The place a text names; the most exact mention wins (a port before a city, a city before a province)."""
        if not text or text == UNKNOWN_PLACE:
            return None
        if found := self.geography.place(text):  # a button sends the code itself
            return Located(found, source)
        if port := self.geography.ports.get(text):
            return self._at_port(port, source)
        mentions = self.gazetteer.find(text)
        if ports := [m for m in mentions if m.kind == "port"]:
            return self._of_ports(ports[0], language, source)
        places = [m for m in mentions if m.kind == "place"]
        if not places:
            abroad = any(m.kind == "nationality" and "CN" not in m.candidates for m in mentions)
            return "overseas" if abroad else Ask("place", ()) if source == "place" else None
        return self._of_places(places, language, source)

    def _of_ports(self, mention: Mention, language: Language, source: str) -> Located | Ask:
        ports = [self.geography.ports[code] for code in mention.candidates]
        if len(ports) == 1:
            return self._at_port(ports[0], source)
        return Ask("place", tuple(Candidate(p.id, p.en if language == "en" else p.zh) for p in ports))

    def _of_places(self, mentions: Sequence[Mention], language: Language, source: str) -> Located | Ask:
        readings = [self._readings(mention) for mention in mentions]
        chosen = readings[0]
        for other in readings[1:]:  # 广东深圳: the second name settles or narrows the first
            inside = [p for p in other if any(p.province == q.province for q in chosen)]
            chosen = inside or chosen
        if len(chosen) == 1:
            return Located(chosen[0], source)
        return Ask("place", tuple(Candidate(p.code, self._told_apart(p, language)) for p in chosen))

    def _readings(self, mention: Mention) -> list[Place]:
        places = {place.code: place for code in mention.candidates if (place := self.geography.place(code))}
        return list(places.values())

    def _told_apart(self, place: Place, language: Language) -> str:
        """A name that tells 海南省 from 青海海南."""
        province = self.geography.place(place.province)
        if province is None or province.code == place.code:
            return place.name(language)
        if language == "en":
            return f"{place.en}, {province.en}"
        return f"{province.name(language)} {place.name(language)}"


def _businesses(language: Language) -> tuple[Candidate, ...]:
    return tuple(Candidate(code, names[language]) for code, names in BUSINESSES.items())

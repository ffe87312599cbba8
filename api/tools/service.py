"""The tools, answered from the same tables as in conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from actions.services import Services
from api.problems import Problem
from api.routing.geography import Geography, Place
from api.tools.schemas import (
    EntryRef,
    OfficeAsk,
    OfficeOut,
    PlaceRef,
    PolicyOut,
    VisaMissing,
    VisaQuestion,
    VisaResult,
)
from knowledge.language import Language
from knowledge.text.gazetteer import fold
from knowledge.texts import spoken_day
from knowledge.tools.fees import Fee
from knowledge.tools.ports import Port, nearest
from knowledge.tools.visa import Finding, Outcome, TripError, check
from knowledge.tools.wording import Wording, fill, template

FIELDS = {"hours": "days", "stay": "days", "entry": "date"}
"""What the check calls otherwise than the call does."""
HOTLINE = "12367"


@dataclass(frozen=True)
class PortFilter:
    """Which ports are wanted; ``None`` does not matter."""

    q: str | None = None
    province: str | None = None
    city: str | None = None
    type: str | None = None
    open_24h: bool | None = None
    transit_240h: bool | None = None
    face_clearance: bool | None = None

    def takes(self, port: Port) -> bool:
        """Whether a port is wanted."""
        names = (port.id, port.zh, port.en, *port.aliases)
        wanted = (
            (self.province, port.province), (self.city, port.city), (self.type, port.type),
            (self.open_24h, bool(port.open_24h)), (self.transit_240h, port.transit_240h),
            (self.face_clearance, port.face_clearance),
        )  # fmt: skip
        return all(value in (None, has) for value, has in wanted) and (
            self.q is None or any(fold(self.q) in fold(name) for name in names)
        )


class ToolService:
    """Answers the tools' calls; it reads, and keeps nothing."""

    def __init__(self, services: Services, geography: Geography) -> None:
        self._services, self._geography = services, geography
        self._wording = Wording(services.texts, services.gazetteer)

    def visa_free(self, question: VisaQuestion) -> VisaResult | VisaMissing:
        """The check in one call.

        Raises:
            Problem: 422 for a journey that makes no sense, naming the field.
        """
        tools, language = self._services.tools, question.language
        try:
            outcome = check(question.trip(), tools.policies, self._services.knowledge.today())
        except TripError as error:
            field = FIELDS.get(error.field, error.field)
            raise Problem(422, "invalid-trip", str(error), field=field) from error
        if outcome.status == "ask":
            missing = outcome.missing or "nationality"
            return VisaMissing.model_validate(
                {"missing": FIELDS.get(missing, missing), "question": self._wording.part(f"ask_{missing}", language)}
            )
        return self._result(outcome, language)

    def _result(self, outcome: Outcome, language: Language) -> VisaResult:
        services = self._services
        entry = services.knowledge.entry(template(outcome) or "")
        finding = outcome.finding
        if entry:
            text = fill(services.wording(entry.answer, language, "hans"), self._wording.values(outcome, language))
        else:
            assert outcome.until is not None, "only a policy that is over has no template"
            text = services.texts.get("policy_ended", language, date=spoken_day(outcome.until, language))
        needed = {"visa_free": False, "visa_needed": True}.get(outcome.status)
        return VisaResult(
            status=outcome.status,
            visa_needed=needed,
            policy=_policy(finding) if finding else None,
            reason=outcome.reason,
            until=outcome.until,
            leave_by=outcome.leave_by,
            text=text,
            entry=EntryRef(id=entry.id, version=entry.version) if entry else None,
            sources=list(services.sources(entry, language, "hans")) if entry else [],
            facts=list(finding.facts if finding else entry.facts if entry else ()),
            options=[option for one in outcome.options if (option := _policy(one))],
        )

    def ports(self, wanted: PortFilter, near: tuple[float, float] | None) -> list[tuple[Port, float | None]]:
        """The ports that fit with their distance in kilometres, the nearest first; by id where no place is given."""
        found = [port for port in self._services.tools.policies.ports.values() if wanted.takes(port)]
        return list(nearest(found, near)) if near else [(port, None) for port in sorted(found, key=lambda p: p.id)]

    def read(self, typed: str) -> tuple[str | None, str | None]:
        """What somebody typed as a port's name (``q``) or, where no port is named so, as a place (``near``)."""
        if not any(PortFilter(typed).takes(port) for port in self._services.tools.policies.ports.values()):
            try:
                self.point(typed)
            except Problem:
                return typed, None
            return None, typed
        return typed, None

    def port(self, port_id: str) -> Port:
        """One port. Raises Problem 404."""
        port = self._services.tools.policies.ports.get(port_id)
        if port is None:
            raise Problem(404, "no-such-port", f"there is no port {port_id!r}")
        return port

    def name(self, port: Port, language: Language) -> str:
        """A port's name in a language."""
        return self._services.gazetteer.name("port", port.id, language)

    def station(self, port: Port, language: Language) -> tuple[str, str] | None:
        """Id and name of a port's general station."""
        unit = self._geography.unit(port.station)
        return (unit.id, unit.name(language)) if unit else None

    def point(self, place: str) -> tuple[float, float]:
        """Where a place or port lies: (longitude, latitude) in degrees.

        Raises:
            Problem: 422 when the name says no place, several places, or one whose coordinates are not on record.
        """
        for mention in self._services.gazetteer.find(place):
            port = self._services.tools.policies.ports.get(mention.candidates[0])
            if mention.kind == "port" and port and port.position:
                return port.position
        codes = [place] if place.isdigit() else self._named(place)
        if not codes:
            raise Problem(422, "unknown-place", f"{place!r} names no place or port", field="near")
        if len(codes) > 1:
            names = ", ".join(f"{one.zh} ({one.code})" for one in self._places(codes))
            raise Problem(422, "ambiguous-place", f"{place!r} may be {names}: give the code", field="near")
        city = self._services.gazetteer.region_of("place", codes[0]) or codes[0]
        if point := self._services.tools.coordinates.get(city):
            return point
        raise Problem(422, "no-coordinates", f"where {place!r} lies is not on record: give lat and lon", field="near")

    def office(self, place: str, language: Language) -> OfficeOut | OfficeAsk:
        """The exit-entry administration of a place, named by the pattern where it is not on record.

        Raises:
            Problem: 422 when the name says no mainland place.
        """
        found = self._places([place] if place.isdigit() else self._named(place))
        inside = [one for one in found if one.mainland]
        if not inside:
            raise Problem(422, "unknown-place", f"{place!r} names no place on the mainland", field="place")
        cities = [
            city
            for one in inside
            for city in (self._geography.cities(one.code) if one.level == "province" else [one])
        ]
        if len(cities) > 1:
            return OfficeAsk(candidates=[PlaceRef(code=city.code, name=city.name(language)) for city in cities])
        unit = self._geography.exit_entry(cities[0])
        assert unit is not None, "a city has an administration"
        return OfficeOut(
            place=PlaceRef(code=cities[0].code, name=cities[0].name(language)),
            id=unit.id,
            name=unit.name(language),
            by_pattern=True,
            phone=HOTLINE,
            note=self._wording.part("office_note", language),
        )

    def fees(self, document: str | None, procedure: str | None) -> list[Fee]:
        """The fee rows of a document and procedure. Raises Problem 422 for a document without any."""
        fees = self._services.tools.fees
        known = sorted({row.document for row in fees.rows})
        if document is not None and document not in known:
            raise Problem(422, "unknown-document", f"{document!r} is none of {', '.join(known)}", field="document")
        return fees.of(document, procedure)

    def now(self) -> datetime:
        """The present moment."""
        return self._services.knowledge.now()

    def _named(self, text: str) -> list[str]:
        mentions = [m for m in self._services.gazetteer.find(text) if m.kind == "place"]
        return list(mentions[0].areas or mentions[0].candidates) if mentions else []

    def _places(self, codes: list[str]) -> list[Place]:
        places = [place for code in codes if (place := self._geography.place(code))]
        return list({place.code: place for place in places}.values())


def _policy(finding: Finding) -> PolicyOut | None:
    if finding.terms is None:
        return None
    return PolicyOut(
        id=finding.policy.id,
        as_of=finding.policy.as_of,
        until=finding.terms.until,
        limit_hours=finding.policy.limit(finding.terms),
        open=list(finding.open),
        facts=list(finding.facts),
    )

"""From what was computed to what is said: which template, and what it is filled with."""

from collections.abc import Mapping

from knowledge.language import Language
from knowledge.text.gazetteer import Gazetteer
from knowledge.texts import Texts, spoken_day
from knowledge.tools.policies import REGIONS
from knowledge.tools.visa import Outcome, Reason

TEMPLATES: Mapping[Reason, str] = {
    "passport": "computed-visa-passport",
    "purpose": "computed-visa-purpose",
    "route": "computed-transit-same-place",
    "area": "computed-transit-area",
    "port": "computed-transit-port",
    "passport_expiry": "t240-passport",
    "ticket": "t240-ticket",
    "stay": "computed-visa-longer",
    "spent": "mut-days",
    "urgent": "computed-port-visa",
}
"""The entry that says why a visa is needed; where none of these is the reason, the nationality is."""
PLACEHOLDERS = (
    "country", "port", "limit", "until", "until_day", "stay", "stay_fits", "leave_by", "cap", "unconfirmed",
)  # fmt: skip
"""What the visa templates may hold."""


def template(outcome: Outcome) -> str | None:
    """The entry that an outcome is said with; ``None`` while something must be asked, or the policy is over."""
    trip, finding = outcome.trip, outcome.finding
    if outcome.status == "visa_free":
        assert finding is not None
        by_region = {trip.origin, trip.onward} & set(REGIONS)
        return finding.policy.region_entry if by_region and finding.policy.region_entry else finding.policy.entry
    if outcome.status == "not_announced":
        return "computed-visa-not-announced"
    if outcome.status != "visa_needed":
        return None
    if outcome.reason == "stay" and finding and finding.policy.third_place:
        return "computed-visa-transit-only"
    return TEMPLATES.get(outcome.reason or "nationality", "computed-visa-not-listed")


class Wording:
    """Says outcomes in words; names come from the gazetteer, fixed parts of sentences from data/texts."""

    def __init__(self, texts: Texts, gazetteer: Gazetteer) -> None:
        self._texts, self._gazetteer = texts, gazetteer

    def part(self, key: str, language: Language, **values: object) -> str:
        """A fixed part of a sentence."""
        return self._texts.name("visa", key, language).format(**values)

    def stay(self, hours: int, language: Language) -> str:
        """A length of time as people say it."""
        unit, number = ("days", hours // 24) if hours % 24 == 0 and hours != 24 else ("hours", hours)
        return self.part(unit, language, n=number)

    def values(self, outcome: Outcome, language: Language) -> dict[str, str]:
        """What every placeholder of the visa templates stands for; empty where it says nothing here."""
        trip, terms = outcome.trip, outcome.finding and outcome.finding.terms
        limit = outcome.finding.policy.limit(terms) if outcome.finding and terms else None
        values = dict.fromkeys(
            ("limit", "until", "until_day", "stay", "stay_fits", "leave_by", "cap", "unconfirmed"), ""
        )
        values["country"] = self._country(trip.nationality, language)
        values["port"] = self._gazetteer.name("port", trip.port, language) if trip.port else ""
        if limit:
            values["limit"] = self.stay(limit, language)
        if trip.hours:
            values["stay"] = self.stay(trip.hours, language)
            values["stay_fits"] = self.part("fits", language, stay=values["stay"])
        if terms:
            day = spoken_day(terms.until, language) if terms.until else ""
            values["until_day"] = day
            values["until"] = self.part("until", language, day=day) if day else self.part("no_end", language)
            cap = terms.per
            values["cap"] = (
                self.part("cap", language, days=cap.days, within=cap.within)
                if cap
                else self.part("cap_unknown", language)
                if not terms.since and not terms.days
                else ""
            )
            values["unconfirmed"] = self.part("unconfirmed", language) if terms.unconfirmed else ""
        if outcome.leave_by and trip.entry:
            dates = {"entry": spoken_day(trip.entry, language), "day": spoken_day(outcome.leave_by, language)}
            values["leave_by"] = self.part("leave_by", language, **dates)
        return values

    def _country(self, code: str | None, language: Language) -> str:
        return self._gazetteer.name("nationality", code, language) if code else ""


def fill(text: str, values: Mapping[str, str]) -> str:
    """An approved text with its placeholders filled in.

    >>> fill("{country}普通护照", {"country": "法国"})
    '法国普通护照'
    """
    return text.format_map(values).strip()

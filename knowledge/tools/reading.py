"""Reading a journey from what somebody said: any order, three languages, and only what is plainly there."""

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any, get_args

from knowledge.text.gazetteer import Gazetteer, Mention, fold
from knowledge.tools.cues import Cues
from knowledge.tools.policies import Group, Purpose
from knowledge.tools.visa import SAME, THIRD, Trip

REGION_OF_PLACE = {"81": "HK", "82": "MO", "71": "TW"}
OTHER_DOCUMENTS_ALLOWED = ("passport", "visa", "apec_card")
_DURATION = re.compile(r"P(?:(\d+)([DWMY])|T(\d+)([HM]))")
_HOURS = {"D": 24, "W": 7 * 24, "M": 30 * 24, "Y": 365 * 24}


def hours_of(duration: str) -> int | None:
    """An ISO 8601 duration in hours, at least one; a month has 30 days.

    >>> hours_of("P2W"), hours_of("PT6H"), hours_of("nonsense")
    (336, 6, None)
    """
    match = _DURATION.fullmatch(duration)
    if match is None:
        return None
    if match[2]:
        return int(match[1]) * _HOURS[match[2]]
    return int(match[3]) if match[4] == "H" else 1


def day_of(value: str, today: date) -> date | None:
    """A date entity as the next such day; ``None`` when it is past or does not exist.

    >>> day_of("--02-01", date(2026, 11, 25)), day_of("2026-01-01", date(2026, 11, 25))
    (datetime.date(2027, 2, 1), None)
    """
    written = value if not value.startswith("-") else f"{today.year}{value[1:]}"
    try:
        day = date.fromisoformat(written)
        if day < today and value.startswith("-"):
            day = day.replace(year=today.year + 1)
    except ValueError:
        return None
    return day if day >= today else None


class TripReader:
    """Turns a message into what it adds to a journey."""

    def __init__(self, gazetteer: Gazetteer, cues: Cues) -> None:
        self._gazetteer, self._cues = gazetteer, cues

    def read(self, text: str, durations: Sequence[str], dates: Sequence[str], today: date, awaited: str = "") -> Trip:
        """What a typed message says of a journey; `awaited` is the field that was just asked for."""
        folded = fold(text)
        mentions = self._gazetteer.find(text)
        trip = self._route(mentions, folded, awaited)
        hours = [found for found in map(hours_of, durations) if found]
        days = [found for found in (day_of(value, today) for value in dates) if found]
        expiry = max(days) if days and self._cues.has("passport_until", folded) else None  # a journey comes before it
        entries = [day for day in days if day != expiry]
        named = [m.candidates[0] for m in mentions if m.kind == "port" and len(m.candidates) == 1]
        return replace(
            trip,
            hours=hours[0] if hours and not self.about_something_else(text) else None,
            entry=entries[0] if entries else None,
            passport_until=expiry,
            ticket=self._ticket(folded),
            purpose=self._purpose(folded),
            passport="other" if self._cues.has("passport_other", folded) else None,
            port=named[0] if len(set(named)) == 1 else None,
            places=_places(mentions),
            group=self._group(folded),
            card=self._cues.has("card", folded) or None,
            airside=self._airside(folded),
            urgent=self._cues.has("urgent", folded) or None,
        )

    def about_something_else(self, text: str) -> bool:
        """Whether it asks about a stay, document or resident that the check knows nothing about."""
        mentions = self._gazetteer.find(text)
        other = any(m.kind == "document" and m.candidates[0] not in OTHER_DOCUMENTS_ALLOWED for m in mentions)
        resident = any(m.kind == "place" and m.person for m in mentions)
        return other or resident or self._cues.has("other_matter", fold(text))

    def is_person(self, text: str) -> bool:
        """Whether a nationality was said of somebody (a German, 德国护照), and not of a visa or a journey's end."""
        return any(m.kind == "nationality" and m.person for m in self._gazetteer.find(text))

    def _route(self, mentions: Sequence[Mention], folded: str, awaited: str) -> Trip:
        """Nationality, origin and onward place."""
        who = {m.candidates[0] for m in mentions if m.kind == "nationality" and m.person} - {"CN"}
        abroad = [(m, code) for m in mentions if not m.person and (code := _abroad(m))]
        origin = next((code for m, code in abroad if self._cues.ends_with("from", folded[: m.start])), None)
        onward = next((code for m, code in abroad if self._cues.ends_with("to", folded[: m.start])), None)
        inside = self._inside(mentions, folded)
        if inside:
            before = [code for m, code in abroad if m.end <= inside[0] and code != onward]
            after = [code for m, code in abroad if m.start >= inside[0] and code != origin]
            if before and after:
                origin, onward = origin or before[-1], onward or after[0]
        free = [code for _, code in abroad if code not in (origin, onward) and len(code) == 2]
        nationality = next(iter(who)) if len(who) == 1 else None
        if awaited in ("origin", "onward") and (who or free or origin or onward):
            said = next(iter(free or who), None) or origin or onward
            return Trip(origin=said) if awaited == "origin" else Trip(onward=said)
        countries = set(free) - set(REGION_OF_PLACE.values())
        if not who and len(countries) == 1:
            nationality = countries.pop()
        if awaited == "nationality" and nationality is None:
            nationality = next((code for code in (onward, origin) if code), None)
        if onward is None and self._cues.has("back", folded):
            onward = SAME
        return Trip(nationality, origin=origin, onward=onward)

    def _inside(self, mentions: Sequence[Mention], folded: str) -> list[int]:
        """Where the mainland is spoken of."""
        places = [m.start for m in mentions if m.kind in ("place", "port") and not m.person and not _abroad(m)]
        return sorted([*places, *self._cues.positions("mainland", folded)])

    def _purpose(self, folded: str) -> Purpose | None:
        found = self._cues.of("purpose_", folded)
        return next((purpose for purpose in get_args(Purpose) if purpose in found[:1]), None)

    def _group(self, folded: str) -> Group | None:
        found = self._cues.of("group_", folded)
        return next((group for group in get_args(Group) if group in found[:1]), None)

    def _ticket(self, folded: str) -> bool | None:
        if self._cues.has("no_ticket", folded):
            return False
        return self._cues.has("ticket", folded) or None

    def _airside(self, folded: str) -> bool | None:
        if self._cues.has("airside", folded):
            return True
        return None


def _abroad(mention: Mention) -> str | None:
    """The country or region outside the mainland that a name stands for."""
    if len(mention.candidates) != 1:
        return None
    code = mention.candidates[0]
    if mention.kind == "nationality":
        return code if code != "CN" else None
    return REGION_OF_PLACE.get(code[:2]) if mention.kind == "place" else None


def _places(mentions: Sequence[Mention]) -> tuple[str, ...]:
    named = [m for m in mentions if m.kind == "place" and not m.person and len(m.candidates) == 1]
    return tuple(dict.fromkeys(m.candidates[0] for m in named if not _abroad(m)))


def to_json(trip: Trip) -> dict[str, Any]:
    """A journey as plain JSON, without what is not known.

    >>> to_json(Trip("FR", 336, entry=date(2026, 12, 1)))
    {'nationality': 'FR', 'hours': 336, 'entry': '2026-12-01'}
    """
    known = {f.name: getattr(trip, f.name) for f in fields(Trip)}
    return {
        name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for name, value in known.items()
        if value not in (None, ())
    }


def from_json(values: dict[str, Any]) -> Trip:
    """Read it back; what this version does not know is left out."""
    known = {f.name for f in fields(Trip)}
    read = {name: value for name, value in values.items() if name in known}
    for name in ("entry", "passport_until"):
        if name in read:
            read[name] = date.fromisoformat(read[name])
    return Trip(**{**read, "places": tuple(read.get("places", ()))})


__all__ = ["SAME", "THIRD", "TripReader", "day_of", "from_json", "hours_of", "to_json"]

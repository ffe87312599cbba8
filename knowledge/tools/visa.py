"""Whether a journey to China needs a visa: the policies, tried on what is known of it.

Every condition is met, failed or open. What decides nothing stays open without harm: the answer then states it as a
condition. What decides is asked for. So a shorter stay never needs more, and a fact that is added only narrows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Literal

from knowledge.tools.policies import REGIONS, Countries, Group, Passport, Policies, Policy, Purpose
from knowledge.tools.ports import Port

Status = Literal["visa_free", "ask", "visa_needed", "ended", "not_announced"]
Verdict = Literal["met", "open", "failed"]
Reason = Literal[
    "nationality", "not_yet", "ended", "not_announced", "passport", "passport_expiry", "purpose", "stay", "spent",
    "card", "airside", "group", "route", "ticket", "port", "area", "urgent",
]  # fmt: skip
SAME = "same"
"""As `onward`: back to where the traveller came from."""
THIRD = "third"
"""As `onward`: some other country, not yet said which."""
ASKED = ("nationality", "hours", "onward", "origin")
"""What may have to be asked, in this order; the rest is stated as a condition."""


class TripError(ValueError):
    """A journey that makes no sense; `field` names what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Trip:
    """What is known of a journey; ``None`` is not known yet.

    `hours` is the stay; `origin` and `onward` are ISO codes (HK, MO and TW included), `onward` also ``same`` or
    ``third``; `places` are division codes to be visited; `spent` days in China within the cap's period before.
    """

    nationality: str | None = None
    hours: int | None = None
    purpose: Purpose | None = None
    passport: Passport | None = None
    passport_until: date | None = None
    origin: str | None = None
    onward: str | None = None
    ticket: bool | None = None
    port: str | None = None
    places: tuple[str, ...] = ()
    group: Group | None = None
    group_size: int | None = None
    card: bool | None = None
    airside: bool | None = None
    urgent: bool | None = None
    entry: date | None = None
    spent: int | None = None


@dataclass(frozen=True)
class Finding:
    """One policy held against a journey; `open` and `failed` name conditions, in the order they were looked at."""

    policy: Policy
    terms: Countries | None
    open: tuple[Reason, ...] = ()
    failed: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Nothing speaks against it, and nothing decisive is open."""
        return not self.failed and not self.missing

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it rests on."""
        return tuple(dict.fromkeys((*self.policy.facts, *(self.terms.facts if self.terms else ()))))


@dataclass(frozen=True)
class Outcome:
    """What the check found.

    `status` visa_free comes with `finding`, `limit` (hours) and, where the day of entry is known, `leave_by`; ask
    with `missing`; ended and not_announced with `until`; visa_needed with the `reason` that weighs most and the
    `finding` it belongs to. `options` are other policies that would fit or might.
    """

    status: Status
    trip: Trip
    finding: Finding | None = None
    reason: Reason | None = None
    until: date | None = None
    limit: int | None = None
    leave_by: date | None = None
    missing: str | None = None
    options: tuple[Finding, ...] = field(default=())


def check(trip: Trip, policies: Policies, on: date, *, assume: bool = False) -> Outcome:
    """Hold a journey against all policies, on a day in China. `assume`: nothing but the nationality is asked for.

    Raises:
        TripError: a code that does not exist, a stay below an hour, a day of entry that is past.
    """
    _validate(trip, policies, on)
    if trip.nationality is None:
        return Outcome("ask", trip, missing="nationality")
    found = [_try(policy, trip, policies, on, assume) for policy in policies.policies]
    fitting = [one for one in found if one.fits and not one.policy.visa]
    if trip.airside:  # who does not leave the airport wants to hear about that
        fitting.sort(key=lambda one: not one.policy.airside)
    if fitting:
        return _free(fitting[0], trip, tuple(fitting[1:]))
    over = next((one for one in found if one.failed in (("ended",), ("not_announced",))), None)
    if over and over.terms and trip.onward is None:
        status: Status = "ended" if over.failed == ("ended",) else "not_announced"
        return Outcome(status, trip, over, until=over.terms.until)
    if trip.urgent and (urgent := next((one for one in found if one.fits), None)):
        return Outcome("visa_needed", trip, urgent, "urgent")
    asking = [one for one in found if not one.failed and not one.policy.visa]
    if asking:
        missing = next(name for name in ASKED if name in asking[0].missing)
        return Outcome("ask", trip, asking[0], missing=missing, options=tuple(asking[1:]))
    return _needed(found, trip)


def _validate(trip: Trip, policies: Policies, on: date) -> None:
    known = policies.countries
    if trip.nationality == "CN":
        raise TripError("nationality", "Chinese citizens need no visa; this check is for foreign nationals")
    if trip.nationality is not None and trip.nationality not in known:
        raise TripError("nationality", f"{trip.nationality!r} is no ISO 3166-1 code of a country")
    places = {*known, *REGIONS}
    if trip.origin is not None and trip.origin not in places:
        raise TripError("origin", f"{trip.origin!r} is no country or region outside the mainland")
    if trip.onward is not None and trip.onward not in {*places, SAME, THIRD}:
        raise TripError("onward", f"{trip.onward!r} is no country or region outside the mainland")
    if trip.port is not None and trip.port not in policies.ports:
        raise TripError("port", f"there is no port {trip.port!r}")
    if trip.hours is not None and trip.hours < 1:
        raise TripError("stay", "a stay lasts an hour at least")
    if trip.entry is not None and trip.entry < on:
        raise TripError("entry", f"{trip.entry} is past")


def _free(best: Finding, trip: Trip, others: tuple[Finding, ...]) -> Outcome:
    assert best.terms is not None
    limit = best.policy.limit(best.terms)
    day_counted = best.policy.stay.limit > 24
    leave = trip.entry + timedelta(days=limit // 24) if trip.entry and day_counted else None
    return Outcome("visa_free", trip, best, until=best.terms.until, limit=limit, leave_by=leave, options=others)


WEIGHT: tuple[Reason, ...] = (
    "passport", "purpose", "route", "area", "port", "passport_expiry", "ticket", "spent", "stay", "not_yet", "ended",
    "not_announced", "nationality",
)  # fmt: skip
"""Of several reasons against a policy, the one that a traveller can do least about comes first."""


def _needed(found: list[Finding], trip: Trip) -> Outcome:
    """Nothing fits: the policy that came nearest says why, and the others say what would be possible."""
    ours = [one for one in found if one.terms and one.terms.codes != "any" and not _elsewhere(one)]
    options = tuple(one for one in found if one.terms and set(one.failed) <= AVOIDABLE)
    if not ours:
        return Outcome("visa_needed", trip, reason="nationality", options=options)
    nearest = min(ours, key=lambda one: (len(one.failed), one.policy.rank))
    reason = next(reason for reason in WEIGHT if reason in nearest.failed)
    return Outcome("visa_needed", trip, nearest, reason, options=options)


AVOIDABLE = frozenset({"area", "group", "airside", "urgent", "route", "port", "ticket"})
"""Reasons that another plan would avoid."""


def _elsewhere(one: Finding) -> bool:
    """A policy for groups, or for one place that was not spoken of: no news to who did not think of it."""
    return one.policy.group is not None or (len(one.policy.areas) == 1 and "area" in one.failed)


Condition = Callable[[Policy, Countries, Trip, Policies], Verdict]


def _try(policy: Policy, trip: Trip, policies: Policies, on: date, assume: bool) -> Finding:
    """One policy on a journey, condition by condition."""
    assert trip.nationality is not None
    terms = policy.terms(trip.nationality)
    if terms is None:
        return Finding(policy, None, failed=("nationality",))
    opened: list[Reason] = []
    failed: list[Reason] = [*_dates(terms, trip.entry or on, on)]
    for reason, condition in CONDITIONS:
        verdict = condition(policy, terms, trip, policies)
        if verdict == "failed":
            failed.append(reason)
        elif verdict == "open":
            opened.append(reason)
    home = trip.onward == trip.nationality  # who goes home may well have come from there
    missing = tuple(
        name for name in _missing(opened, trip) if not assume or name == "onward" or (name == "origin" and home)
    )
    return Finding(policy, terms, tuple(opened), tuple(failed), missing)


def _missing(opened: list[Reason], trip: Trip) -> Iterator[str]:
    """What must be asked because of the conditions that are open."""
    if "stay" in opened:
        yield "hours"
    if "route" in opened:
        yield "onward" if trip.onward is None else "origin"


def _dates(terms: Countries, entry: date, on: date) -> Iterator[Reason]:
    if terms.since and entry < terms.since:
        yield "not_yet"
    if terms.until and terms.until < on:
        yield "ended"
    elif terms.until and terms.until < entry:
        yield "not_announced"


def _verdict(value: bool | None) -> Verdict:
    return "open" if value is None else "met" if value else "failed"


def _stay(policy: Policy, terms: Countries, trip: Trip, _: Policies) -> Verdict:
    if policy.airside and trip.hours is None:  # nobody is asked about a change of planes that was not spoken of
        return _verdict(None if trip.airside or trip.purpose == "transit" else False)
    return _verdict(None if trip.hours is None else trip.hours <= policy.limit(terms))


def _spent(_: Policy, terms: Countries, trip: Trip, __: Policies) -> Verdict:
    """The cap over several stays."""
    if terms.per is None:
        return "met"
    if trip.spent is None or trip.hours is None:
        return "open"
    return _verdict(trip.spent + -(-trip.hours // 24) <= terms.per.days)


def _purpose(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
    if trip.purpose is None:
        return "open"
    if policy.airside:  # whatever somebody is on the way to do, here they only change planes
        return "met" if trip.airside or trip.purpose == "transit" else "open"
    return _verdict(trip.purpose in policy.purposes)


def _passport(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
    if not policy.passports:
        return "met"
    return _verdict(None if trip.passport is None else trip.passport in policy.passports)


def _expiry(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
    if not policy.passport_months or trip.passport_until is None:
        return "met" if not policy.passport_months else "open"
    if trip.entry is None:
        return "open"
    return _verdict(trip.passport_until >= _months_later(trip.entry, policy.passport_months))


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    last = (date(day.year + year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(day.year + year, month + 1, min(day.day, last))


def _route(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
    """From one country or region through China to another one."""
    if not policy.third_place:
        return "met"
    if trip.onward is None:
        return "open"
    if trip.onward in (SAME, THIRD):
        return _verdict(trip.onward == THIRD)
    return _verdict(None if trip.origin is None else trip.origin != trip.onward)


def _ticket(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
    return _verdict(trip.ticket) if policy.ticket else "met"


def _port(policy: Policy, _: Countries, trip: Trip, policies: Policies) -> Verdict:
    if not policy.ports and not policy.port_cities:
        return "met"
    if trip.port is None:
        return "open"
    port = policies.ports[trip.port]
    return _verdict(_serves(policy, port))


def _serves(policy: Policy, port: Port) -> bool:
    if policy.ports == "transit_240h":
        return port.transit_240h
    return port.id in policy.ports or port.city in policy.port_cities


def _area(policy: Policy, _: Countries, trip: Trip, policies: Policies) -> Verdict:
    """Every place to be visited lies in the area; without places named it is a condition, or what it is all about."""
    if not policy.areas:
        return "met"
    places = trip.places or (_port_city(trip, policies) if policy.areas_required else ())
    if not places:
        return "failed" if policy.areas_required or len(policy.areas) == 1 else "open"
    return _verdict(all(_inside(place, policy.areas) for place in places))


def _port_city(trip: Trip, policies: Policies) -> tuple[str, ...]:
    return (policies.ports[trip.port].city,) if trip.port else ()


def _inside(place: str, areas: tuple[str, ...]) -> bool:
    """A place in one of the areas; a province of which only a part belongs to it counts, its limits are stated."""
    if place.endswith("0000"):
        return any(area[:2] == place[:2] for area in areas)
    return any(area[:4] == place[:4] or (area.endswith("0000") and area[:2] == place[:2]) for area in areas)


def _group(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
    if policy.group is None:
        return "met"
    small = trip.group_size is not None and trip.group_size < policy.group_size
    return _verdict(trip.group == policy.group and not small)


def _asked_for(name: str) -> Condition:
    """A condition that nobody meets by chance: it counts only when it was said."""

    def condition(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
        return _verdict(getattr(trip, name) is True) if getattr(policy, name) else "met"

    return condition


def _airside(policy: Policy, _: Countries, trip: Trip, __: Policies) -> Verdict:
    return _verdict(trip.airside) if policy.airside else "met"


CONDITIONS: tuple[tuple[Reason, Condition], ...] = (
    ("passport", _passport), ("passport_expiry", _expiry), ("purpose", _purpose), ("stay", _stay), ("spent", _spent),
    ("card", _asked_for("card")), ("airside", _airside), ("group", _group), ("route", _route), ("ticket", _ticket),
    ("port", _port), ("area", _area), ("urgent", _asked_for("urgent")),
)  # fmt: skip


def changed(trip: Trip, news: Trip) -> Trip:
    """The journey after the traveller said more, or something else: what is new takes the place of what was."""
    said = {f.name: getattr(news, f.name) for f in fields(Trip) if getattr(news, f.name) not in (None, ())}
    return Trip(**{**{f.name: getattr(trip, f.name) for f in fields(Trip)}, **said})

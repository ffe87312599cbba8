"""What goes in and out of the tools' calls."""

from __future__ import annotations

from datetime import date as Day
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from api.conversations.schemas import DivisionCode, Language, Strict
from knowledge.tools.policies import Group, Passport, Purpose
from knowledge.tools.ports import Opening, PortType
from knowledge.tools.visa import Trip

Nation = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
LONGEST_STAY_DAYS = 3650


class VisaQuestion(Strict):
    """What is known of a journey; everything may be missing, and what decides is asked back.

    `days` counts from the day after arrival, `hours` is for changes of planes. `origin` and `onward` are ISO 3166
    codes, Hong Kong, Macao and Taiwan included; `onward` is also ``same`` (back to the origin) or ``third`` (some
    other country). `places` are division codes to be visited, `spent_days` days in China in the last half year.
    """

    nationality: Nation | None = None
    purpose: Purpose | None = None
    days: int | None = Field(None, ge=1, le=LONGEST_STAY_DAYS)
    hours: int | None = Field(None, ge=1, le=LONGEST_STAY_DAYS * 24)
    passport: Passport | None = None
    passport_valid_until: Day | None = None
    origin: Nation | None = None
    onward: Nation | Literal["same", "third"] | None = None
    onward_ticket: bool | None = None
    port: str | None = Field(None, max_length=40)
    places: list[DivisionCode] = Field([], max_length=20)
    group: Group | None = None
    group_size: int | None = Field(None, ge=1, le=10000)
    apec_card: bool | None = None
    airside: bool | None = None
    urgent: bool | None = None
    date: Day | None = None
    spent_days: int | None = Field(None, ge=0, le=180)
    language: Language = "en"

    @model_validator(mode="after")
    def _one_stay(self) -> VisaQuestion:
        if self.days is not None and self.hours is not None:
            raise ValueError("give days or hours, not both")
        return self

    def trip(self) -> Trip:
        """As the check takes it."""
        return Trip(
            nationality=self.nationality,
            hours=self.hours if self.days is None else self.days * 24,
            purpose=self.purpose,
            passport=self.passport,
            passport_until=self.passport_valid_until,
            origin=self.origin,
            onward=self.onward,
            ticket=self.onward_ticket,
            port=self.port,
            places=tuple(self.places),
            group=self.group,
            group_size=self.group_size,
            card=self.apec_card,
            airside=self.airside,
            urgent=self.urgent,
            entry=self.date,
            spent=self.spent_days,
        )


class EntryRef(BaseModel):
    """The reviewed template that a text was made from."""

    id: str
    version: int


class PolicyOut(BaseModel):
    """A policy: `open` names conditions that were not told and must be met, `limit_hours` the longest stay."""

    id: str
    as_of: Day
    until: Day | None
    limit_hours: int
    open: list[str]
    facts: list[str]


class VisaResult(BaseModel):
    """Visa needed or not. `leave_by` is known with the date; `options` are other policies that may fit."""

    status: Literal["visa_free", "visa_needed", "ended", "not_announced"]
    visa_needed: bool | None
    policy: PolicyOut | None
    reason: str | None
    until: Day | None
    leave_by: Day | None
    text: str
    entry: EntryRef | None
    sources: list[dict[str, Any]]
    facts: list[str]
    options: list[PolicyOut]


class VisaMissing(BaseModel):
    """What must be known first: the next thing to ask, in words too."""

    status: Literal["ask"] = "ask"
    missing: Literal["nationality", "days", "onward", "origin"]
    question: str


class Point(BaseModel):
    """Degrees east and north."""

    lon: float
    lat: float


class HoursOut(BaseModel):
    """Daily passenger hours in China's time; `closes` at or before `opens` lies on the next day."""

    opens: str
    closes: str
    as_of: str | None


class StationOut(BaseModel):
    """The general station of immigration inspection that a port belongs to."""

    id: str
    name: str


class PortOut(BaseModel):
    """A port of entry; `name` is in the language asked for. `opening` at the time asked for: by the flights, or
    unknown where no hours are on record."""

    id: str
    name: str
    name_zh: str
    name_en: str
    type: PortType
    province: str
    city: str
    neighbour: str | None
    station: StationOut | None
    hours: HoursOut | None
    open_24h: bool | None
    opening: Opening
    transit_240h: bool
    airside_24h: str | None
    face_clearance: bool
    position: Point | None
    distance_km: float | None = None
    verified: bool
    note: str | None


class PortsOut(BaseModel):
    """Ports that fit, nearest first where a place was given; `total` counts them before the limit."""

    at: datetime
    total: int
    near: Point | None
    ports: list[PortOut]


class PlaceRef(BaseModel):
    """A division."""

    code: str
    name: str


class OfficeOut(BaseModel):
    """The exit-entry administration of a place. Addresses are not on record: `by_pattern` says that even the name
    only follows the usual pattern, and `note` what that means."""

    place: PlaceRef
    id: str
    name: str
    by_pattern: bool
    address: None = None
    phone: str
    note: str


class OfficeAsk(BaseModel):
    """Several places have the name, or it is a province: which city is it?"""

    ask: Literal["place"] = "place"
    candidates: list[PlaceRef]


class FeeOut(BaseModel):
    """What a procedure costs and how long it takes at most; `general` must be confirmed, `as_of` is its source's."""

    document: str
    procedure: str
    amount: int
    currency: Literal["CNY", "HKD"]
    days: int | None
    working: bool | None
    general: bool
    facts: list[str]
    as_of: Day


class FeesOut(BaseModel):
    """The rows that fit."""

    fees: list[FeeOut]

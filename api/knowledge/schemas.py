"""Shapes of the knowledge calls, as other programs see them (``/openapi.json``)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.conversations.schemas import Language, Strict
from knowledge.entries import OWNER

Status = Literal["draft", "reviewed", "published", "retired"]
Note = Annotated[str, Field(max_length=2000)]


class EntryOut(BaseModel):
    """One version of an entry."""

    id: str
    version: int
    area: str
    topic: str
    questions: dict[Language, list[str]]
    answer: dict[Language, str]
    region: str | None
    audience: str
    authority: str
    sources: list[dict[str, Any]]
    general: bool
    valid_from: str | None
    valid_to: str | None
    review_by: str | None
    status: str
    supersedes: str | None
    related: list[str]
    needs: list[str]
    facts: list[str]
    more: dict[Language, str] = {}
    review: dict[str, str] | None = None
    owner: str = OWNER


class EntryDraft(Strict):
    """What an editor writes. Fields are checked one by one, so that every fault comes with its field's name."""

    id: str
    area: str = ""
    topic: str = ""
    questions: dict[str, list[str]] = {}
    answer: dict[str, str] = {}
    more: dict[str, str] = {}
    region: str | None = None
    audience: str = "everyone"
    authority: str = ""
    sources: list[dict[str, Any]] = []
    general: bool = False
    valid_from: str | None = None
    valid_to: str | None = None
    review_by: str | None = None
    supersedes: str | None = None
    related: list[str] = []
    needs: list[str] = []
    facts: list[str] = []
    owner: str | None = None


class NewEntry(Strict):
    """A new entry, as a draft."""

    entry: EntryDraft
    note: Note | None = None


class Edit(Strict):
    """A new version. ``base`` is the version that the editor had before their eyes: if somebody wrote another since,
    nothing is stored. ``merges`` is a proposal that this version takes in; it is then closed."""

    base: int = Field(ge=1)
    entry: EntryDraft
    merges: int | None = Field(None, ge=1)
    note: Note | None = None


class Move(Strict):
    """A step in the life of a version; with ``on``, a later day in Shanghai, at whose beginning it makes itself."""

    to: Status
    version: int = Field(ge=1)
    on: date | None = None
    note: Note | None = None


class Rollback(Strict):
    """A new version that says what version ``to`` said. It goes through review, unless an administrator publishes it
    at once, which only a version that was published before allows."""

    to: int = Field(ge=1)
    base: int = Field(ge=1)
    publish: bool = False
    note: Note | None = None


class StepOut(BaseModel):
    """What was done with a version."""

    cursor: int
    before: Status | None
    after: Status
    actor: str
    at: datetime
    note: str | None


class VersionOut(BaseModel):
    """A version without its content."""

    version: int
    status: Status
    in_force: bool
    proposal: bool
    base: int | None
    writer: str
    created_at: datetime
    note: str | None
    review: dict[str, str] | None
    history: list[StepOut]


class AllowedMove(BaseModel):
    """A step that the table knows for a version, whether the caller may take it, and why not."""

    version: int
    to: Status
    allowed: bool
    reason: str | None
    can_be_planned: bool


class PlanOut(BaseModel):
    """A step for a later day."""

    version: int
    to: Status
    on: date
    actor: str
    note: str | None


class EntryDetail(BaseModel):
    """An entry as its editors see it: ``entry`` is the newest version that is no mere proposal."""

    entry: EntryOut
    in_force: int | None
    versions: list[VersionOut]
    moves: list[AllowedMove]
    plans: list[PlanOut]
    may_edit: bool


class EntryRow(BaseModel):
    """A line of the editors' list. ``status`` and the rest are the newest version's."""

    id: str
    version: int
    status: Status
    in_force: int | None
    open_proposals: list[int]
    area: str
    topic: str
    region: str | None
    owner: str
    title: dict[Language, str]
    wordings: dict[Language, int]
    missing: list[Language]
    valid_to: str | None
    review_by: str | None
    plans: list[PlanOut]
    writer: str
    changed_at: datetime


class EntryPage(BaseModel):
    """A page of the list; ``total`` counts every page."""

    entries: list[EntryRow]
    total: int
    page: int
    size: int


class FieldChange(BaseModel):
    """One field that differs; for texts, ``parts`` gives the pieces: same, gone, new."""

    field: str
    old: Any
    new: Any
    parts: list[tuple[Literal["same", "gone", "new"], str]] = []


class Diff(BaseModel):
    """What changed from one version to another."""

    id: str
    old: int
    new: int
    changes: list[FieldChange]


class FaultOut(BaseModel):
    """What is wrong with a field."""

    field: str
    message: str


class Checked(BaseModel):
    """Whether a draft could be stored, and whether it could be published."""

    storable: bool
    publishable: bool
    faults: list[FaultOut]


class Found(BaseModel):
    """An entry that a question finds: why (nearest wording), how near, and the probability that it answers."""

    entry: EntryOut
    score: float
    dense: float
    lexical: float
    matched: str


class Finding(BaseModel):
    """What the service would do with a question, and what it looked at."""

    query: str
    language: Language
    verdict: Literal["answer", "clarify", "decline"]
    found: list[Found]


class Reminders(BaseModel):
    """What wants attention: entries that end, that are due for review, that lie open, and what is planned."""

    expiring: list[EntryRow]
    review_due: list[EntryRow]
    proposals: list[EntryRow]
    to_review: list[EntryRow]
    plans: list[PlannedOut]


class PlannedOut(PlanOut):
    """A plan with its entry."""

    id: str

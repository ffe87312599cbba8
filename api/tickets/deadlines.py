"""By when a case must have what: ``data/deadlines.yaml`` read, and its clocks set on a ticket."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from api.calendar import Hours
from api.tickets.models import Ticket


class DeadlineError(ValueError):
    """The file is wrong; the message says where and how."""


class Limit(BaseModel):
    """A length of time: minutes while the unit is open, or whole working days."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    minutes: int | None = Field(None, ge=1)
    days: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one(self) -> Limit:
        if (self.minutes is None) == (self.days is None):
            raise ValueError("give either minutes or days")
        return self

    def due(self, hours: Hours, at: datetime, part: float = 1.0) -> datetime:
        """When ``part`` of it has passed since ``at``."""
        if self.minutes is not None:
            return hours.add(at, timedelta(minutes=self.minutes * part))
        assert self.days is not None
        return hours.add_days(at, self.days if part == 1.0 else int(self.days * part))


class When(BaseModel):
    """Which cases a row is for: what is not named may be anything."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mode: tuple[Literal["live", "message", "order"], ...] = ()
    business: tuple[Literal["clearance", "documents", "suggestions"], ...] = ()
    region: tuple[str, ...] = ()
    urgent: bool | None = None

    @field_validator("mode", "business", "region", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def holds(self, ticket: Ticket) -> bool:
        """Whether a ticket meets the condition."""
        code = ticket.place["code"] if ticket.place else ""
        return (
            (not self.mode or ticket.mode in self.mode)
            and (not self.business or ticket.business in self.business)
            and (not self.region or code.startswith(self.region))
            and self.urgent in (None, ticket.urgent)
        )


class Row(BaseModel):
    """Limits for some cases."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    when: When
    response: Limit
    completion: Limit


class FollowUp(BaseModel):
    """When the visitor is asked whether it is settled, and when the case ends without an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    after_minutes: int = Field(ge=1)
    hours: Hours
    settle_days: int = Field(ge=1)

    @model_validator(mode="after")
    def _within_a_day(self) -> FollowUp:
        if self.after_minutes > sum(end - begin for begin, end in self.hours.open):
            raise ValueError("after_minutes is more than one working day of these hours")
        return self

    def due(self, closed: datetime) -> datetime:
        """When to ask."""
        return self.hours.add(closed, timedelta(minutes=self.after_minutes))


class Deadlines(BaseModel):
    """The whole file, and the clocks by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    rows: tuple[Row, ...]
    warn_at: float = Field(gt=0, lt=1)
    extension_days: int = Field(ge=1)
    follow_up: FollowUp

    @model_validator(mode="after")
    def _complete(self) -> Deadlines:
        if not self.rows or self.rows[-1].when != When():
            raise ValueError("the last row must take every case: when: {}")
        return self

    @classmethod
    def load(cls, path: Path) -> Deadlines:
        """Read the file.

        Raises:
            DeadlineError: with the field that is wrong.
        """
        try:
            return cls.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise DeadlineError(f"{path.name}: {error}") from error

    def row(self, ticket: Ticket) -> Row:
        """The limits of a ticket."""
        return next(row for row in self.rows if row.when.holds(ticket))

    def start(self, ticket: Ticket, hours: Hours, now: datetime) -> None:
        """Both clocks, from the beginning: a new, reopened or newly dispatched case."""
        limit = self.row(ticket).completion
        ticket.completion_warn_at, ticket.completion_due_at = (
            limit.due(hours, now, self.warn_at),
            limit.due(hours, now),
        )
        ticket.completion_alert = 0
        self.owe(ticket, hours, now)

    def owe(self, ticket: Ticket, hours: Hours, now: datetime) -> None:
        """The visitor is owed an answer from now on: the response clock starts again."""
        limit = self.row(ticket).response
        ticket.awaited_since, ticket.response_alert = now, 0
        ticket.response_warn_at, ticket.response_due_at = limit.due(hours, now, self.warn_at), limit.due(hours, now)

    @staticmethod
    def answered(ticket: Ticket) -> None:
        """The visitor has an answer: nothing is owed, so nothing can be late or escalated."""
        ticket.awaited_since = ticket.response_warn_at = ticket.response_due_at = None
        ticket.response_alert = 0

    @classmethod
    def stop(cls, ticket: Ticket) -> None:
        """The case is over: no clock runs."""
        cls.answered(ticket)
        ticket.completion_warn_at = ticket.completion_due_at = None
        ticket.completion_alert = 0

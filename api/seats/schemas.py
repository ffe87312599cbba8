"""Shapes of the seats' calls."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.conversations.schemas import Language, Strict
from api.routing.endpoints import UnitOut


class Login(Strict):
    """Name and password."""

    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)


Role = Literal["seat", "supervisor", "editor", "administrator"]


class SeatOut(BaseModel):
    """A seat as itself and the console see it."""

    id: str
    username: str
    name: str
    kind: Literal["border_inspection", "exit_entry", "service_centre"]
    unit: UnitOut
    languages: list[Language]
    roles: list[Role]
    available: bool
    capacity: int


class LoggedIn(BaseModel):
    """A session; the token goes in ``Authorization: Bearer``."""

    token: str
    expires_at: datetime
    seat: SeatOut


class Account(SeatOut):
    """An account as an administrator sees it."""

    disabled: bool
    seen_at: datetime | None


class NewAccount(Strict):
    """A new account."""

    username: str = Field(min_length=1, max_length=64, pattern=r"^[\w.@-]+$")
    name: str = Field(min_length=1, max_length=64)
    unit: str = Field(max_length=20)
    password: str = Field(max_length=200)
    languages: list[Language] = Field(default=["zh"], min_length=1)
    roles: list[Role] = Field(default=["seat"], min_length=1)
    capacity: int = Field(3, ge=1, le=20)


class AccountChange(Strict):
    """What is to change; what is missing stays."""

    name: str | None = Field(None, min_length=1, max_length=64)
    unit: str | None = Field(None, max_length=20)
    password: str | None = Field(None, max_length=200)
    languages: list[Language] | None = Field(None, min_length=1)
    roles: list[Role] | None = Field(None, min_length=1)
    capacity: int | None = Field(None, ge=1, le=20)
    disabled: bool | None = None


class Colleague(BaseModel):
    """Somebody who answers visitors, and whether their console is there now."""

    id: str
    name: str
    unit: UnitOut
    languages: list[Language]
    here: bool


class Availability(Strict):
    """Whether the seat takes new cases."""

    available: bool

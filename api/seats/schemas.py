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


class Availability(Strict):
    """Whether the seat takes new cases."""

    available: bool

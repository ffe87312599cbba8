"""The seats' own calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, WebSocket

from api.dependencies import get_container, get_seats
from api.problems import Problem
from api.seats.models import Seat
from api.seats.schemas import (
    Account,
    AccountChange,
    Availability,
    Colleague,
    LoggedIn,
    Login,
    NewAccount,
    Role,
    SeatOut,
)
from api.seats.service import SeatService
from api.seats.stream import SeatStream
from api.security import address, bearer

router = APIRouter(prefix="/v1/seats", tags=["seats"])
Service = Annotated[SeatService, Depends(get_seats)]


async def current_seat(request: Request, service: Service) -> Seat:
    """The seat that calls."""
    return await service.authorise(bearer(request))


CurrentSeat = Annotated[Seat, Depends(current_seat)]


def with_role(*roles: Role) -> Callable[..., Awaitable[Seat]]:
    """A dependency that lets only seats with one of the roles pass; others get a 403 that names them."""

    async def check(seat: CurrentSeat) -> Seat:
        if not set(roles) & set(seat.roles):
            raise Problem(
                403, "role-needed", f"this needs the role {' or '.join(roles)}; an administrator gives roles"
            )
        return seat

    return check


Answerer = Annotated[Seat, Depends(with_role("seat", "supervisor"))]
Supervisor = Annotated[Seat, Depends(with_role("supervisor"))]
Editor = Annotated[Seat, Depends(with_role("editor", "administrator"))]
Administrator = Annotated[Seat, Depends(with_role("administrator"))]


@router.post("/login")
async def login(who: Login, request: Request, service: Service) -> LoggedIn:
    """Open a session."""
    caller = address(request, get_container(request).settings)
    return await service.login(who.username, who.password, caller)


@router.post("/logout", status_code=204)
async def logout(request: Request, _: CurrentSeat, service: Service) -> None:
    """End the session."""
    await service.logout(bearer(request))


@router.get("/me")
async def me(seat: CurrentSeat, service: Service) -> SeatOut:
    """Who am I."""
    return service.present(seat)


@router.patch("/me")
async def change(how: Availability, seat: CurrentSeat, service: Service) -> SeatOut:
    """Take new cases, or not."""
    return await service.set_available(seat.id, how.available)


@router.get("/colleagues")
async def colleagues(_: Answerer, request: Request) -> list[Colleague]:
    """Who answers visitors, to be invited to a talk or given a case."""
    container = get_container(request)
    return await container.accounts.colleagues(container.settings.gone_seconds)


@router.get("/accounts")
async def accounts(_: Administrator, request: Request) -> list[Account]:
    """Every account."""
    return await get_container(request).accounts.every()


@router.post("/accounts", status_code=201)
async def add_account(new: NewAccount, by: Administrator, request: Request) -> Account:
    """A new account; audited."""
    return await get_container(request).accounts.add(by, new)


@router.patch("/accounts/{seat_id}")
async def change_account(seat_id: str, change: AccountChange, by: Administrator, request: Request) -> Account:
    """Change an account, disable it, or set a new password; audited."""
    return await get_container(request).accounts.change(by, seat_id, change)


@router.websocket("/stream")
async def stream(socket: WebSocket) -> None:
    """The unit's tickets and messages, as they come."""
    container = get_container(socket)
    await SeatStream(container.seats, container.tickets, container.bus, socket).run()

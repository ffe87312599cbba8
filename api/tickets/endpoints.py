"""The console's ticket calls, open to other consoles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.conversations.schemas import MessageOut
from api.dependencies import get_tickets
from api.seats.endpoints import CurrentSeat
from api.tickets.schemas import Resolution, SeatMessage, Status, TicketList, TicketOut, Typing
from api.tickets.service import TicketService

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])
Service = Annotated[TicketService, Depends(get_tickets)]


@router.get("")
async def find(
    seat: CurrentSeat,
    service: Service,
    status: Annotated[list[Status] | None, Query()] = None,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> TicketList:
    """The unit's tickets: waiting and active ones unless other statuses are named."""
    return TicketList(tickets=await service.list(seat, status or ["waiting", "active"], mine, limit))


@router.get("/{ticket_id}")
async def get(ticket_id: str, seat: CurrentSeat, service: Service) -> TicketOut:
    """One ticket with the conversation so far and its history."""
    return await service.get(seat, ticket_id)


@router.post("/{ticket_id}/claim")
async def claim(ticket_id: str, seat: CurrentSeat, service: Service) -> TicketOut:
    """Take it; 409 when another seat was faster."""
    return await service.claim(seat, ticket_id)


@router.post("/{ticket_id}/messages", status_code=201)
async def say(ticket_id: str, new: SeatMessage, seat: CurrentSeat, service: Service) -> MessageOut:
    """Answer the visitor."""
    return await service.say(seat, ticket_id, new)


@router.post("/{ticket_id}/resolve")
async def resolve(ticket_id: str, how: Resolution, seat: CurrentSeat, service: Service) -> TicketOut:
    """Close the case; the visitor is asked to rate it, and the bot is there again."""
    return await service.resolve(seat, ticket_id, how)


@router.post("/{ticket_id}/typing", status_code=204)
async def typing(ticket_id: str, how: Typing, seat: CurrentSeat, service: Service) -> None:
    """Show the visitor that somebody is writing."""
    await service.typing(seat, ticket_id, how.on)

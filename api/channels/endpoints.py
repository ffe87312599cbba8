"""What a seat must know of a visitor's platform: how long, and how often, it may still be written to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from api.channels import repository
from api.dependencies import get_container, get_tickets
from api.seats.endpoints import Answerer
from api.tickets.service import TicketService

router = APIRouter(prefix="/v1/channels", tags=["channels"])


class WindowOut(BaseModel):
    """How long, and how often, a visitor may be written to.

    ``channel`` is web or the platform's name. ``closes_at`` and ``messages_left`` are null on the web; ``waiting``
    pieces go out when the visitor writes again.
    """

    channel: str
    open: bool
    closes_at: datetime | None = None
    messages_left: int | None = None
    waiting: int = 0


@router.get("/windows/{ticket_id}")
async def window(
    ticket_id: str, request: Request, seat: Answerer, tickets: Annotated[TicketService, Depends(get_tickets)]
) -> WindowOut:
    """Whether what a seat writes now reaches the visitor now; for the seats of the ticket's unit."""
    ticket = await tickets.get(seat, ticket_id)
    container = get_container(request)
    async with container.database.read() as session:
        contact = await repository.of_conversation(session, ticket.conversation_id)
        waiting = await repository.waiting(session, contact.id) if contact else ()
    if contact is None:
        return WindowOut(channel="web", open=True)
    still = contact.window_ends is not None and contact.window_ends > container.clock.now() and not contact.gone
    return WindowOut.model_validate(
        {
            "channel": contact.channel,
            "open": still and contact.quota > 0,
            "closes_at": contact.window_ends,
            "messages_left": contact.quota if still else 0,
            "waiting": len(waiting),
        }
    )

"""The console's ticket calls, open to other consoles; and the look-up for who left a message."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.conversations.endpoints import Visitor, limited
from api.conversations.schemas import MessageOut
from api.dependencies import get_casework, get_container, get_left_messages, get_supervision, get_tickets
from api.seats.endpoints import Answerer, Supervisor
from api.security import address
from api.tickets.casework import Casework
from api.tickets.drafts import AnswerRef, Drafted
from api.tickets.messages import LeftMessages
from api.tickets.schemas import (
    Assignment,
    Board,
    Extension,
    Flag,
    Invitation,
    LeftMessage,
    LookedUp,
    LookUp,
    Merge,
    NewNote,
    Reached,
    Reason,
    Receipt,
    Resolution,
    SeatMessage,
    Status,
    TicketList,
    TicketOut,
    Transfer,
    Typing,
    UnitStanding,
)
from api.tickets.service import TicketService
from api.tickets.supervision import Supervision

router = APIRouter(prefix="/v1/tickets", tags=["tickets"])
visitors = APIRouter(tags=["tickets"])
Service = Annotated[TicketService, Depends(get_tickets)]
Work = Annotated[Casework, Depends(get_casework)]
Left = Annotated[LeftMessages, Depends(get_left_messages)]
Views = Annotated[Supervision, Depends(get_supervision)]


@visitors.post("/v1/conversations/{conversation_id}/left-message", status_code=201, dependencies=[Depends(limited)])
async def leave(new: LeftMessage, conversation: Visitor, left: Left) -> Receipt:
    """Leave a message for who is not there; the code that opens the answer is shown only here."""
    return await left.leave(conversation.id, new)


@visitors.post("/v1/tickets/lookup")
async def look_up(asked: LookUp, request: Request, left: Left) -> LookedUp:
    """How far it is, and the answer, by number and code."""
    return await left.look_up(asked, address(request, get_container(request).settings))


@visitors.get("/v1/routing/units/{unit_id}", tags=["routing"])
async def standing(unit_id: str, views: Views) -> UnitStanding:
    """Whether a unit can serve at once, how long its queue is, and who is offered when it cannot."""
    return await views.standing(unit_id)


@router.get("")
async def find(
    seat: Answerer,
    service: Service,
    status: Annotated[list[Status] | None, Query()] = None,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> TicketList:
    """The unit's tickets: open ones unless other statuses are named. ``mine``: held by me, or I was invited."""
    return TicketList(tickets=await service.list(seat, status or ["waiting", "active", "answered"], mine, limit))


@router.get("/board")
async def board(seat: Supervisor, views: Views) -> Board:
    """Who is there, the queues, and the cases at risk."""
    return await views.board(seat)


def wanted(
    q: Annotated[str | None, Query(max_length=80)] = None,
    unit: Annotated[str | None, Query(max_length=20)] = None,
    status: Annotated[list[Status] | None, Query()] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    at_risk: bool = False,
) -> dict[str, Any]:
    """What a supervisor looks for."""
    return {"q": q, "unit": unit, "status": status, "since": since, "until": until, "at_risk": at_risk}


Wanted = Annotated[dict[str, Any], Depends(wanted)]


@router.get("/search")
async def search(
    seat: Supervisor, views: Views, what: Wanted, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> TicketList:
    """Tickets by number, category, note, status and day."""
    return TicketList(tickets=await views.search(seat, what, limit))


@router.get("/export", response_class=Response)
async def export(seat: Supervisor, views: Views, what: Wanted) -> Response:
    """The same as CSV; audited."""
    headers = {"Content-Disposition": 'attachment; filename="tickets.csv"'}
    return Response(await views.export(seat, what), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/next")
async def claim_next(seat: Answerer, service: Service) -> TicketOut | None:
    """Take the next ticket that I can serve; null when none waits."""
    return await service.claim_next(seat)


@router.get("/{ticket_id}")
async def get(ticket_id: str, seat: Answerer, service: Service) -> TicketOut:
    """One ticket with the conversation so far, its notes and its history."""
    return await service.get(seat, ticket_id)


@router.post("/{ticket_id}/claim")
async def claim(ticket_id: str, seat: Answerer, service: Service) -> TicketOut:
    """Take it; 409 when another seat was faster."""
    return await service.claim(seat, ticket_id)


@router.post("/{ticket_id}/messages", status_code=201)
async def say(ticket_id: str, new: SeatMessage, seat: Answerer, service: Service) -> MessageOut:
    """Answer the visitor."""
    return await service.say(seat, ticket_id, new)


@router.post("/{ticket_id}/resolve")
async def resolve(ticket_id: str, how: Resolution, seat: Answerer, service: Service) -> TicketOut:
    """Close the case; the visitor is asked to rate it, and the bot is there again."""
    return await service.resolve(seat, ticket_id, how)


@router.post("/{ticket_id}/typing", status_code=204)
async def typing(ticket_id: str, how: Typing, seat: Answerer, service: Service) -> None:
    """Show the visitor that somebody is writing."""
    await service.typing(seat, ticket_id, how.on)


@router.post("/{ticket_id}/transfer")
async def transfer(ticket_id: str, to: Transfer, seat: Answerer, work: Work) -> TicketOut:
    """改派: to another unit, with a reason and a note for its seats."""
    return await work.transfer(seat, ticket_id, to)


@router.post("/{ticket_id}/return")
async def give_back(ticket_id: str, why: Reason, seat: Answerer, work: Work) -> TicketOut:
    """退单: wrongly dispatched; to the service centre, or back to the partner that sent it."""
    return await work.give_back(seat, ticket_id, why.reason)


@router.post("/{ticket_id}/release")
async def release(ticket_id: str, why: Reason, seat: Answerer, work: Work) -> TicketOut:
    """Back into the unit's own queue."""
    return await work.release(seat, ticket_id, why.reason)


@router.post("/{ticket_id}/assign")
async def assign(ticket_id: str, to: Assignment, seat: Supervisor, work: Work) -> TicketOut:
    """Give it to a seat of its unit."""
    return await work.assign(seat, ticket_id, to)


@router.post("/{ticket_id}/merge")
async def merge(ticket_id: str, into: Merge, seat: Answerer, work: Work) -> TicketOut:
    """A duplicate: end it in another open ticket of the unit."""
    return await work.merge(seat, ticket_id, into)


@router.post("/{ticket_id}/reopen")
async def reopen(ticket_id: str, why: Reason, seat: Answerer, work: Work) -> TicketOut:
    """Take a done case up again."""
    return await work.reopen(seat, ticket_id, why.reason)


@router.post("/{ticket_id}/bot")
async def to_bot(ticket_id: str, why: Reason, seat: Answerer, work: Work) -> TicketOut:
    """Give the talk back to the bot."""
    return await work.to_bot(seat, ticket_id, why.reason)


@router.post("/{ticket_id}/confidential")
async def confidential(ticket_id: str, how: Flag, seat: Answerer, work: Work) -> TicketOut:
    """Only who works on it, or supervises it, reads it."""
    return await work.confidential(seat, ticket_id, how)


@router.post("/{ticket_id}/supervise")
async def supervise(ticket_id: str, why: Reason, seat: Supervisor, work: Work) -> TicketOut:
    """督办: mark it, with what is asked of the unit."""
    return await work.supervise(seat, ticket_id, why.reason)


@router.post("/{ticket_id}/extend")
async def extend(ticket_id: str, by: Extension, seat: Supervisor, work: Work) -> TicketOut:
    """More working days for its completion, once."""
    return await work.extend(seat, ticket_id, by)


@router.post("/{ticket_id}/notes")
async def note(ticket_id: str, new: NewNote, seat: Answerer, work: Work) -> TicketOut:
    """A private note; the visitor never sees it."""
    return await work.note(seat, ticket_id, new.text)


@router.post("/{ticket_id}/invite")
async def invite(ticket_id: str, who: Invitation, seat: Answerer, work: Work) -> TicketOut:
    """Ask a second seat, of any unit, into the talk."""
    return await work.invite(seat, ticket_id, who.seat)


@router.post("/{ticket_id}/leave")
async def leave_talk(ticket_id: str, seat: Answerer, work: Work) -> TicketOut:
    """Leave a talk that I was invited to."""
    return await work.leave(seat, ticket_id)


@router.post("/{ticket_id}/draft-entry", status_code=201)
async def draft(ticket_id: str, which: AnswerRef, seat: Answerer, request: Request) -> Drafted:
    """Keep a seat's answer as a draft of the knowledge base."""
    return await get_container(request).drafts.make(seat, ticket_id, which.seq)


@router.post("/{ticket_id}/contact")
async def contact(ticket_id: str, why: Reason, seat: Answerer, work: Work) -> Reached:
    """The way to reach the visitor, in clear; audited."""
    return Reached(contact=await work.contact(seat, ticket_id, why.reason))

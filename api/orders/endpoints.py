"""The partners' calls about orders and talks, each signed; and the console's, which bring partners in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.conversations.schemas import MessageOut
from api.dependencies import get_orders, get_talks
from api.orders.schemas import MoreText, NewOrder, OrderOut, Progress, TalkOut, ToPartner, Words
from api.orders.service import OrderService
from api.orders.talks import LONGEST_WAIT, Talks
from api.partners.dependencies import Partner
from api.problems import Problem
from api.seats.endpoints import Answerer
from api.tickets.schemas import TicketOut

router = APIRouter(tags=["work orders"])
Orders = Annotated[OrderService, Depends(get_orders)]
Talking = Annotated[Talks, Depends(get_talks)]
OrderNo = Annotated[str, Path(max_length=64)]


async def of_path(partner: str, signer: Partner) -> str:
    """The partner of the path, who must be the one that signed."""
    if partner != signer:
        raise Problem(403, "other-partner", f"signed by {signer}: use /v1/partners/{signer}/…")
    return signer


Sender = Annotated[str, Depends(of_path)]


@router.post("/v1/partners/{partner}/work-orders", status_code=201)
async def take(new: NewOrder, sender: Sender, orders: Orders, response: Response) -> OrderOut:
    """Hand an order over: 201 when it is new, 200 when it was sent before; 409 under a number used otherwise."""
    order, fresh = await orders.take(sender, new)
    response.status_code = 201 if fresh else 200
    return order


@router.get("/v1/partners/{partner}/work-orders/{order_no}")
async def read(order_no: OrderNo, sender: Sender, orders: Orders) -> OrderOut:
    """How far an order is."""
    return await orders.read(sender, order_no)


@router.post("/v1/partners/{partner}/work-orders/{order_no}/additions")
async def add(order_no: OrderNo, more: MoreText, sender: Sender, orders: Orders) -> OrderOut:
    """Add words to an open order."""
    return await orders.add(sender, order_no, more)


@router.put("/v1/partners/{partner}/transfers/{order_no}/events/{seq}", status_code=204)
async def progress(order_no: OrderNo, seq: int, news: Progress, sender: Sender, orders: Orders) -> None:
    """What became of a case that was transferred to the partner; ``seq`` in the path and in the body are one."""
    if seq != news.seq:
        raise Problem(422, "seq-differs", "seq in the path and in the body differ", field="seq")
    await orders.progress(sender, order_no, news)


@router.get("/v1/partners/{partner}/talks/{number}/messages")
async def listen(
    number: OrderNo,
    sender: Sender,
    talks: Talking,
    after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0,
) -> TalkOut:
    """What was said in a talk after a sequence number; with ``wait``, the answer comes when there is something."""
    return await talks.read(sender, number, after, wait)


@router.post("/v1/partners/{partner}/talks/{number}/messages", status_code=201)
async def say(number: OrderNo, words: Words, sender: Sender, talks: Talking) -> MessageOut:
    """Say something to visitor and seats."""
    return await talks.say(sender, number, words)


@router.delete("/v1/partners/{partner}/talks/{number}", status_code=204)
async def leave(number: OrderNo, sender: Sender, talks: Talking) -> None:
    """Leave a talk."""
    await talks.leave(sender, number)


@router.post("/v1/tickets/{ticket_id}/invite-partner", tags=["tickets"])
async def invite(ticket_id: str, to: ToPartner, seat: Answerer, talks: Talking) -> TicketOut:
    """Ask a partner's person, such as one of 12345, into the talk."""
    return await talks.invite(seat, ticket_id, to)


@router.post("/v1/tickets/{ticket_id}/hand-over", tags=["tickets"])
async def hand_over(ticket_id: str, to: ToPartner, seat: Answerer, orders: Orders) -> TicketOut:
    """Transfer a case to a partner, such as 12345."""
    return await orders.hand_over(seat, ticket_id, to)

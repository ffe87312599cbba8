"""The visitor's calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, WebSocket

from api.conversations.models import Conversation
from api.conversations.schemas import (
    ConversationOut,
    Exchange,
    FeedbackOut,
    HandoffRequest,
    History,
    NewConversation,
    NewFeedback,
    NewMessage,
    NewRating,
    RatingOut,
    Started,
    Switch,
)
from api.conversations.service import ConversationService
from api.conversations.stream import VisitorStream
from api.dependencies import get_container, get_conversations
from api.security import address, bearer

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
Service = Annotated[ConversationService, Depends(get_conversations)]


async def visitor(conversation_id: str, request: Request, service: Service) -> Conversation:
    """The conversation of the address, opened by its own visitor's token."""
    return await service.authorise(conversation_id, bearer(request))


Visitor = Annotated[Conversation, Depends(visitor)]


async def limited(conversation: Visitor, request: Request) -> None:
    """Counts a conversation's writes."""
    container = get_container(request)
    await container.limits.check(container.settings.limit_messages, "message", conversation.id)


@router.post("", status_code=201)
async def start(new: NewConversation, request: Request, service: Service) -> Started:
    """Begin a conversation; the token is shown only here."""
    container = get_container(request)
    caller = address(request, container.settings)
    await container.limits.check(container.settings.limit_conversations, "conversation", caller)
    return await service.start(new, container.network.of(caller))


@router.post("/{conversation_id}/messages", dependencies=[Depends(limited)])
async def send(new: NewMessage, conversation: Visitor, service: Service) -> Exchange:
    """Say something; waits for the bot's reply, 8 seconds at most."""
    return await service.receive(conversation.id, new)


@router.get("/{conversation_id}/messages")
async def read(conversation: Visitor, service: Service, after: Annotated[int, Query(ge=0)] = 0) -> History:
    """What came after a sequence number."""
    return await service.history(conversation.id, after)


@router.post("/{conversation_id}/handoff", dependencies=[Depends(limited)])
async def hand_over(wish: HandoffRequest, conversation: Visitor, service: Service) -> Exchange:
    """To a human."""
    return await service.request_human(conversation.id, wish)


@router.post("/{conversation_id}/rating", dependencies=[Depends(limited)])
async def rate(new: NewRating, conversation: Visitor, service: Service) -> RatingOut:
    """好差评: one to five; again replaces it."""
    return await service.rate(conversation.id, new)


@router.post("/{conversation_id}/messages/{message_id}/feedback", dependencies=[Depends(limited)])
async def judge(message_id: str, new: NewFeedback, conversation: Visitor, service: Service) -> FeedbackOut:
    """Whether one answer helped; again replaces it."""
    return await service.judge(conversation.id, message_id, new)


@router.patch("/{conversation_id}")
async def switch(change: Switch, conversation: Visitor, service: Service) -> ConversationOut:
    """The visitor's own switch of language, place or origin."""
    return await service.switch(conversation.id, change)


@router.websocket("/{conversation_id}/stream")
async def stream(socket: WebSocket, conversation_id: str, after: int = 0) -> None:
    """What comes, as it comes. The first frame carries the token: it is never part of an address."""
    container = get_container(socket)
    await VisitorStream(container.conversations, container.bus, socket).run(conversation_id, max(after, 0))

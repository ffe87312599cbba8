"""How an endpoint gets a service: from the application's state, where ``api.app`` put it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from api.app import Container
    from api.conversations.service import ConversationService
    from api.knowledge.service import KnowledgeService
    from api.orders.service import OrderService
    from api.orders.talks import Talks
    from api.routing.service import RoutingService
    from api.seats.service import SeatService
    from api.tickets.casework import Casework
    from api.tickets.messages import LeftMessages
    from api.tickets.service import TicketService
    from api.tickets.supervision import Supervision
    from api.tools.service import ToolService


def get_container(connection: HTTPConnection) -> Container:
    """Everything that one gateway process holds."""
    return cast("Container", connection.app.state.container)


def get_conversations(connection: HTTPConnection) -> ConversationService:
    """The conversation service."""
    return get_container(connection).conversations


def get_knowledge(connection: HTTPConnection) -> KnowledgeService:
    """The knowledge service."""
    return get_container(connection).knowledge


def get_routing(connection: HTTPConnection) -> RoutingService:
    """The routing service."""
    return get_container(connection).routing


def get_seats(connection: HTTPConnection) -> SeatService:
    """The seat service."""
    return get_container(connection).seats


def get_tickets(connection: HTTPConnection) -> TicketService:
    """The ticket service."""
    return get_container(connection).tickets


def get_tools(connection: HTTPConnection) -> ToolService:
    """The tools."""
    return get_container(connection).tools


def get_casework(connection: HTTPConnection) -> Casework:
    """What else is done to tickets."""
    return get_container(connection).casework


def get_left_messages(connection: HTTPConnection) -> LeftMessages:
    """Messages left for who is not there."""
    return get_container(connection).left_messages


def get_supervision(connection: HTTPConnection) -> Supervision:
    """The supervisors' views."""
    return get_container(connection).supervision


def get_orders(connection: HTTPConnection) -> OrderService:
    """Partners' work orders."""
    return get_container(connection).orders


def get_talks(connection: HTTPConnection) -> Talks:
    """Talks that partners join."""
    return get_container(connection).talks

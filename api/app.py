"""Puts the gateway together: services, endpoints, the action webhook, and the web pages."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import structlog
import yaml
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from sqlalchemy import text

from actions.executor import build_executor
from actions.services import Services
from api import problems, web
from api.audit.endpoints import router as audit_calls
from api.bus import Bus, make_bus
from api.channels import registry
from api.channels.channel import Parts
from api.channels.endpoints import router as channel_calls
from api.clock import Clock
from api.conversations.endpoints import router as conversation_calls
from api.conversations.service import ConversationService
from api.database import Database
from api.dependencies import get_container
from api.engine.client import EngineClient
from api.insights.endpoints import router as insight_calls
from api.insights.service import InsightService
from api.knowledge.editing import EditingService
from api.knowledge.editor_endpoints import router as editor_calls
from api.knowledge.endpoints import router as knowledge_calls
from api.knowledge.exchange import ExchangeService
from api.knowledge.journal import Journal
from api.knowledge.listing import ListingService
from api.knowledge.rules import Rules
from api.knowledge.service import KnowledgeService
from api.logs import configure_logging
from api.orders.endpoints import router as order_calls
from api.orders.outbox import Outbox
from api.orders.service import OrderService
from api.orders.talks import Talks
from api.partners.service import PartnerService
from api.portal import endpoints as portal
from api.portal.site import Site
from api.portal.words import Words
from api.problems import Problem
from api.routing.endpoints import router as routing_calls
from api.routing.locate import Locator
from api.routing.network import NetworkPlaces
from api.routing.service import RoutingService
from api.seats.accounts import AccountService
from api.seats.endpoints import router as seat_calls
from api.seats.service import SeatService
from api.security import RateLimits, address
from api.settings import Settings, get_settings
from api.tickets.casework import Casework
from api.tickets.contacts import Contacts
from api.tickets.deadlines import Deadlines
from api.tickets.desk import Desk
from api.tickets.drafts import Drafts
from api.tickets.endpoints import router as ticket_calls
from api.tickets.endpoints import visitors as ticket_visitor_calls
from api.tickets.handoff import Handoff
from api.tickets.messages import LeftMessages
from api.tickets.queues import Queues
from api.tickets.service import TicketService
from api.tickets.supervision import Supervision
from api.tickets.sweep import FollowUps, Sweeper
from api.tools.endpoints import router as tool_calls
from api.tools.service import ToolService
from knowledge.text.gazetteer import Gazetteer
from knowledge.texts import Referrals, Texts
from knowledge.tools.toolbox import Toolbox

log = structlog.get_logger()
operations = APIRouter(tags=["operations"])
ROUTERS = (
    conversation_calls,
    knowledge_calls,
    editor_calls,
    insight_calls,
    routing_calls,
    seat_calls,
    ticket_visitor_calls,
    ticket_calls,
    tool_calls,
    order_calls,
    audit_calls,
    channel_calls,
    *registry.ROUTERS,
    operations,
)


@dataclass
class Container:
    """Everything that one gateway process holds."""

    settings: Settings
    clock: Clock
    database: Database
    bus: Bus
    limits: RateLimits
    engine: EngineClient
    knowledge: KnowledgeService
    editing: EditingService
    exchange: ExchangeService
    journal: Journal
    rules: Rules
    listing: ListingService
    insights: InsightService
    routing: RoutingService
    network: NetworkPlaces
    seats: SeatService
    accounts: AccountService
    tickets: TicketService
    casework: Casework
    left_messages: LeftMessages
    supervision: Supervision
    sweeper: Sweeper
    drafts: Drafts
    orders: OrderService
    talks: Talks
    outbox: Outbox
    conversations: ConversationService
    executor: ActionExecutor
    partners: PartnerService
    tools: ToolService
    portal: Site
    channels: registry.Channels


def build(settings: Settings) -> Container:
    """The services, wired; nothing is started yet."""
    clock = Clock(settings.now)
    database = Database(settings.database)
    bus = make_bus(settings.redis_url)
    limits = RateLimits(settings)
    texts = Texts(settings.data_dir / "texts")
    engine = EngineClient(settings)
    journal = Journal(database, clock, bus)
    rules = Rules(settings.data_dir)
    editing = EditingService(settings.owner, database, clock, journal, rules)
    knowledge = KnowledgeService(settings, database, clock, bus, journal, editing)
    gazetteer = Gazetteer.load(settings.data_dir)
    routing = RoutingService(settings.data_dir, gazetteer)
    authorities = yaml.safe_load((settings.data_dir / "knowledge" / "authorities.yaml").read_text("utf-8"))
    referrals = Referrals(settings.data_dir / "referrals.yaml")
    services = Services(knowledge, texts, referrals, authorities, gazetteer, Toolbox.load(settings.data_dir))
    seats = SeatService(settings, database, clock, routing.geography, limits)
    queues, deadlines = Queues(settings, routing, clock), Deadlines.load(settings.data_dir / "deadlines.yaml")
    desk = Desk(settings, database, bus, clock, texts, routing, queues, deadlines)
    handoff, contacts = Handoff(routing, texts, clock, queues, deadlines), Contacts(settings)
    left_messages, casework = LeftMessages(desk, handoff, contacts, limits), Casework(desk, contacts)
    tickets = TicketService(desk, handoff, left_messages, FollowUps(desk, casework))
    conversations = ConversationService(settings, database, bus, clock, engine, services, tickets, routing.geography)
    words = Words(settings.data_dir / "portal")
    locator, tools = Locator(routing.geography, gazetteer), ToolService(services, routing.geography)
    return Container(
        settings=settings,
        clock=clock,
        database=database,
        bus=bus,
        limits=limits,
        engine=engine,
        knowledge=knowledge,
        editing=editing,
        exchange=ExchangeService(journal, rules, editing),
        journal=journal,
        rules=rules,
        listing=ListingService(settings.owner, database, clock),
        insights=InsightService(settings.data_dir, database, clock, knowledge, services, routing.geography, words),
        routing=routing,
        network=NetworkPlaces(settings.network_places, gazetteer),
        seats=seats,
        accounts=AccountService(database, clock, seats),
        tickets=tickets,
        casework=casework,
        left_messages=left_messages,
        supervision=Supervision(desk),
        orders=OrderService(desk, handoff, contacts),
        talks=Talks(desk),
        outbox=Outbox(desk, contacts),
        sweeper=Sweeper(desk, casework),
        drafts=Drafts(desk, editing),
        conversations=conversations,
        executor=build_executor(services),
        partners=PartnerService(settings.partners, database, clock),
        tools=tools,
        portal=Site(settings, knowledge, services, tools, routing.geography, words),
        channels=registry.Channels(Parts(settings, database, clock, texts, conversations, limits, locator)),
    )


@contextlib.asynccontextmanager
async def running(container: Container) -> AsyncIterator[None]:
    """Start the services, and on the way out finish what was begun."""
    await container.knowledge.start()
    owed = await container.conversations.resume()
    if owed:
        log.info("resumed", messages=owed)
    jobs = (container.knowledge.follow(), container.sweeper.run(), container.outbox.run(), *container.channels.jobs())
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await container.channels.close()
        await container.conversations.lanes.drain()
        await container.engine.close()
        await container.outbox.close()
        await container.bus.close()
        await container.database.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The gateway as an ASGI application."""
    settings = settings or get_settings()
    configure_logging()
    container = build(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(container):
            yield

    app = FastAPI(title="12367 Online Consultation", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.container = container
    problems.install(app)
    app.middleware("http")(guard)
    app.add_middleware(web.Compressed)
    for router in ROUTERS:
        app.include_router(router)
    portal.install(app)
    web.mount(app, settings.web_dir)
    return app


async def guard(request: Request, call_next: Any) -> Any:
    """What holds for every call: the limit per address, the list of origins, and the security headers."""
    if web.is_preflight(request):  # everybody may ask; the call itself is what an unknown site is refused
        return web.allow(request, JSONResponse(None, status_code=204))
    container = get_container(request)
    try:
        web.check_origin(request, container.settings.allowed_origins)
        if request.url.path.startswith("/v1/") and not request.url.path.startswith("/v1/channels/"):
            # A platform's few servers call for all of its users; each of those is counted on its own there.
            caller = address(request, container.settings)
            await container.limits.check(container.settings.limit_requests, "request", caller)
    except Problem as problem:
        refusal = problems.document(problem.status, problem.code, problem.detail, headers=problem.headers)
        return web.allow(request, refusal)  # readable there, so that its owner learns what to do
    return web.allow(request, web.harden(await call_next(request)))


@operations.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "alive"}


@operations.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Engine, database and index answer; 503 names what does not."""
    container = get_container(request)
    checks = {
        "engine": await container.engine.alive(),
        "database": await _database_answers(container.database),
        "index": container.knowledge.ready,
    }
    return JSONResponse({"ready": all(checks.values()), **checks}, status_code=200 if all(checks.values()) else 503)


async def _database_answers(database: Database) -> bool:
    try:
        async with database.read() as session:
            await session.execute(text("select 1"))
    except Exception:  # whatever the driver raises, the answer is the same: no
        return False
    return True


@operations.post("/internal/actions/webhook", include_in_schema=False)
async def run_action(request: Request) -> JSONResponse:
    """The engine's call for an action. It needs the secret that both processes were started with."""
    container = get_container(request)
    secret = container.settings.actions_token.get_secret_value()
    given = request.query_params.get("token", "")
    if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
        raise Problem(403, "wrong-token", "the action webhook needs the token that the engine was started with")
    result = await container.executor.run(await request.json())
    return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})

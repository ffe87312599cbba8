"""Any other messenger, by signed calls in both directions; README.md has the shapes for its adapter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from api.channels.channel import Parts
from api.channels.courier import Courier, Fate
from api.channels.models import Contact, Outgoing
from api.channels.service import ChannelService, Window
from api.clock import Clock
from api.conversations.schemas import MAX_TEXT, Strict
from api.dependencies import get_container
from api.partners.service import PartnerService
from api.partners.signature import signed
from api.problems import Problem
from api.routing.locate import Locator
from api.settings import Settings

router = APIRouter(prefix="/v1/channels/webhook", tags=["channels"])
TIMEOUT_SECONDS = 10.0
FATES = {409: Fate.CLOSED, 410: Fate.GONE, 400: Fate.REFUSED, 413: Fate.REFUSED, 422: Fate.REFUSED}
"""What an adapter's answer means for a message; any other than 2xx is a bad moment, and tried again."""


class Location(Strict):
    """A point in degrees north and east, an address, or both."""

    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)
    address: str = Field("", max_length=200)


class Deed(Strict):
    """What a visitor did: wrote, sent a place or something else, began (followed, opened the chat), or left.

    ``id`` is the messenger's own: the same again changes nothing. ``user`` is an id there, no phone number.
    """

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    user: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    type: Literal["text", "location", "other", "start", "stop"]
    text: str | None = Field(None, max_length=MAX_TEXT)
    location: Location | None = None


class Taken(Strict):
    """The deed is stored; what there is to say to it comes as calls of the adapter's address."""

    id: str


@dataclass
class Webhook:
    """The channel in one gateway: every messenger is an account of it."""

    settings: Settings
    service: ChannelService
    courier: Courier
    sender: Pusher
    verifier: PartnerService
    locator: Locator

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What runs for as long as the gateway does."""
        return [self.courier.run()]

    async def close(self) -> None:
        """Give the connections back."""
        await self.sender.http.aclose()

    async def take(self, messenger: str, deed: Deed) -> None:
        """Bring a deed into the visitor's conversation; what is said to it the courier brings back."""
        if deed.type == "stop":
            await self.service.leave(messenger, deed.user)
            return
        rule = self.settings.messengers[messenger]
        window = Window(rule.messages, timedelta(hours=rule.hours))
        key = "wh-" + hashlib.sha256(deed.id.encode()).hexdigest()[:40]
        contact, fresh = await self.service.arrive(messenger, deed.user, window, greet=deed.type == "start")
        try:
            if deed.type == "text":
                await self.service.say(contact, deed.text or "", key)
            elif deed.type == "location" and deed.location:
                await self._locate(contact, deed.location, key)
            elif deed.type == "other":
                await self.service.note(contact, "channel_unsupported", key)
            elif not fresh:
                await self.service.note(contact, "hello", key)
        finally:
            await self.service.release(contact)
            self.courier.hurry()

    async def _locate(self, contact: Contact, given: Location, key: str) -> None:
        place = self.locator.named(given.address)
        if place is None and given.latitude is not None and given.longitude is not None:
            place = self.locator.nearest(given.latitude, given.longitude)
        if place is None:
            await self.service.note(contact, "channel_unknown_place", key)
        else:
            await self.service.locate(contact, place.code, place.zh, key)


class Pusher:
    """Calls the adapters' addresses."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self.http = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)

    async def send(self, contact: Contact, rows: Sequence[Outgoing]) -> tuple[Fate, str]:
        """One signed call with pieces in their order; each has an id, under which it may come again."""
        rule = self._settings.messengers.get(contact.account)
        if rule is None:
            return Fate.AGAIN, f"{contact.account} is not among the messengers any more"
        body = {
            "user": contact.address,
            "messages": [
                {"id": str(row.id), "text": row.text, "choices": row.choices, "language": row.language}
                for row in rows
            ],
        }
        content = json.dumps(body, ensure_ascii=False).encode()
        parts = urlsplit(rule.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        secret, now = rule.secret.get_secret_value(), self._clock.now()
        headers = signed(self._settings.owner, secret, "POST", target, content, now)
        try:
            answer = await self.http.post(
                rule.url, content=content, headers=headers | {"Content-Type": "application/json"}
            )
        except httpx.HTTPError as error:
            return Fate.AGAIN, repr(error)
        fate = Fate.SENT if answer.is_success else FATES.get(answer.status_code, Fate.AGAIN)
        return fate, f"{answer.status_code} {answer.text[:100]}"


def open_channel(parts: Parts) -> Webhook | None:
    """The channel, or None where no messenger is set up."""
    settings = parts.settings
    if not settings.messengers:
        return None
    service, sender = parts.service("webhook"), Pusher(settings, parts.clock)
    secrets = {name: rule.secret for name, rule in settings.messengers.items()}
    verifier = PartnerService(secrets, parts.database, parts.clock)
    return Webhook(settings, service, parts.courier(service, sender), sender, verifier, parts.locator)


def _channel(request: Request) -> Webhook:
    channel = get_container(request).channels.get(Webhook)
    if channel is None:
        raise Problem(404, "channel-closed", "no messenger is set up: set CONSULT_MESSENGERS")
    return channel


async def _signer(request: Request) -> str:
    """The messenger that signed this call."""
    query = request.url.query
    target = request.url.path + (f"?{query}" if query else "")
    channel = _channel(request)
    return await channel.verifier.verify(request.headers, request.method, target, await request.body())


@router.post("", status_code=202)
async def push(request: Request, messenger: Annotated[str, Depends(_signer)], deed: Deed) -> Taken:
    """What a visitor did in a messenger; signed as partners sign. Stored, then confirmed: repeat it until it is."""
    if (deed.type == "text") != (deed.text is not None) or (deed.type == "location") != (deed.location is not None):
        raise Problem(422, "unfitting-fields", f"{deed.type!r} brings its own field and no other", field="type")
    await _channel(request).take(messenger, deed)
    return Taken(id=deed.id)

"""Pulls what visitors of 微信客服 wrote, in order and once, and hands it to the conversation."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import structlog

from api.channels import repository
from api.channels.calls import PlatformError
from api.channels.models import Contact, Credential
from api.channels.service import ChannelService, Window
from api.channels.wecom.client import WeComClient, carried
from api.database import Database
from api.routing.locate import Locator

log = structlog.get_logger()
MESSAGE = Window(quota=5, lasts=timedelta(hours=48))
ENTERED = Window(quota=0, lasts=timedelta(0))
"""Entering allows no message but the welcome."""
FROM_VISITOR = 3
TOO_LATE = frozenset({4, 6})
"""Kinds of failure that say the window is over: beyond 48 hours, beyond five messages."""
POLL_SECONDS = 60.0
"""How often is pulled unasked: a callback that was lost costs at most this."""
CURSOR = "cursor:wecom:"


class Inbound:
    """The pulling end of one company's accounts."""

    def __init__(self, service: ChannelService, client: WeComClient, database: Database, locator: Locator) -> None:
        self._service, self._client, self._database, self._locator = service, client, database, locator
        self._pulls: set[asyncio.Task[None]] = set()

    def called(self, kf: str, token: str) -> None:
        """A callback: there is something to pull. WeCom is answered at once, the pull goes on by itself."""
        task = asyncio.create_task(self._pull_safely(kf, token))
        self._pulls.add(task)
        task.add_done_callback(self._pulls.discard)

    async def run(self) -> None:
        """Pull from every known account now and then: what came while no gateway ran is kept for three days."""
        while True:
            async with self._database.read() as session:
                names = await repository.credential_names(session, CURSOR)
            for name in names:
                await self._pull_safely(name.removeprefix(CURSOR), "")
            await asyncio.sleep(POLL_SECONDS)

    async def drain(self) -> None:
        """Wait for the pulls under way."""
        if self._pulls:
            await asyncio.wait(set(self._pulls))

    async def _pull_safely(self, kf: str, token: str) -> None:
        try:
            async with self._database.exclusive(f"pull:{kf}"):
                await self._pull(kf, token)
        except (PlatformError, httpx.HTTPError, ValueError, KeyError) as error:
            log.warning("wecom_pull_failed", error=str(error))
        except Exception:  # what was not taken is pulled again: the cursor stands before it
            log.exception("wecom_pull_failed")

    async def _pull(self, kf: str, token: str) -> None:
        """Page by page; the cursor moves when a page is done, and a message that comes again changes nothing."""
        name, more = f"{CURSOR}{kf}", True
        while more:
            async with self._database.read() as session:
                before = await repository.credential(session, name)
            rows, cursor, more = await self._client.pull(kf, before.value if before else "", token)
            by_visitor: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
            for row in rows:
                who = row.get("external_userid") or row.get("event", {}).get("external_userid")
                if who:
                    by_visitor[who].append(row)
            await asyncio.gather(*(self._visitor(kf, who, theirs) for who, theirs in by_visitor.items()))
            async with self._database.write() as session:
                await session.merge(Credential(name=name, value=cursor, expires_at=None))

    async def _visitor(self, kf: str, who: str, rows: list[Mapping[str, Any]]) -> None:
        """One visitor's rows in order, while others' are taken side by side."""
        for row in rows:
            if row["msgtype"] == "event":
                await self._event(kf, who, row["event"])
            elif row.get("origin") == FROM_VISITOR:
                contact, fresh = await self._service.arrive(kf, who, MESSAGE, greet=False)
                if fresh:
                    await self._client.hold(contact)
                await self._message(contact, row)
                await self._service.release(contact)

    async def _message(self, contact: Contact, row: Mapping[str, Any]) -> None:
        kind, key = row["msgtype"], f"kf-{row['msgid']}"[:64]
        if kind == "text":
            await self._service.say(contact, row["text"]["content"], key)
        elif kind == "location":
            await self._location(contact, row["location"], key)
        else:
            await self._service.note(contact, "channel_unheard" if kind == "voice" else "channel_unsupported", key)

    async def _location(self, contact: Contact, given: Mapping[str, Any], key: str) -> None:
        north, east = float(given.get("latitude", math.nan)), float(given.get("longitude", math.nan))
        place = self._locator.named(f"{given.get('address', '')} {given.get('name', '')}")
        if place is None and math.isfinite(north) and math.isfinite(east):
            place = self._locator.nearest(north, east)
        if place is None:
            await self._service.note(contact, "channel_unknown_place", key)
        else:
            await self._service.locate(contact, place.code, place.zh, key)

    async def _event(self, kf: str, who: str, event: Mapping[str, Any]) -> None:
        kind = event["event_type"]
        if kind == "enter_session" and event.get("welcome_code"):
            key = f"welcome-{event['welcome_code']}"[:64]
            contact, fresh = await self._service.arrive(kf, who, ENTERED, greet=True)
            if not fresh:
                await self._service.note(contact, "hello", key)
            greeting = await self._service.reply(contact, key)
            if greeting:
                await self._client.welcome(str(event["welcome_code"]), greeting)
            await self._service.release(contact)
        elif kind == "msg_send_fail" and (span := carried(str(event.get("fail_msgid", "")))):
            await self._service.failed(kf, who, span, late=event.get("fail_type") in TOO_LATE)

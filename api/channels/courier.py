"""Brings messages to platforms that have to be called: seats' answers, late answers, and what did not fit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from enum import Enum
from typing import Protocol

import structlog

from api.channels import repository
from api.channels.models import Contact, Outgoing
from api.channels.service import ChannelService, fitting
from api.clock import Clock
from api.database import Database

log = structlog.get_logger()
POLL_SECONDS = 0.5
LEASE = timedelta(seconds=30)
MAX_DELAY = 60
"""Seconds between two tries, at most; tries go on until the window ends, and again in the next one."""


class Fate(Enum):
    """What became of one message."""

    SENT = "sent"
    AGAIN = "again"  # nobody's fault: later
    CLOSED = "closed"  # the window is over: waits for the visitor's next message
    GONE = "gone"  # the visitor left the account
    REFUSED = "refused"  # never going to work


class Sender(Protocol):
    """The platform's own way of sending."""

    async def send(self, contact: Contact, rows: Sequence[Outgoing]) -> tuple[Fate, str]:
        """Send pieces as one message; what became of it, and the platform's words for the log."""
        ...


class Courier:
    """One platform's deliveries in one gateway. The database is the truth: a killed courier loses nothing."""

    def __init__(self, service: ChannelService, sender: Sender, database: Database, clock: Clock) -> None:
        self._service, self._sender, self._database, self._clock = service, sender, database, clock
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Deliver for as long as the gateway runs."""
        while True:
            try:
                await self.deliver()
            except Exception:  # a bad moment of the database or the platform must not end the deliveries
                log.exception("courier_failed", channel=self._service.channel)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), POLL_SECONDS)
            self._hurry.clear()

    def hurry(self) -> None:
        """There is something to deliver: look at once."""
        self._hurry.set()

    async def deliver(self) -> None:
        """Bring everything that can be brought now; contacts side by side, each one's pieces in order."""
        async with self._database.read() as session:
            due = await repository.due(session, self._service.channel, self._clock.now())
        await asyncio.gather(*(self._visit(contact_id) for contact_id in due))

    async def _visit(self, contact_id: str) -> None:
        """One contact, alone: the lease ends by itself when this process dies."""
        now = self._clock.now()
        async with self._database.write() as session:
            if not await repository.lease(session, contact_id, "courier", now, now + LEASE):
                return
            contact = await repository.lock(session, contact_id)
            await self._service.render(session, contact)
        try:
            while await self._send_next(contact_id):
                pass
        finally:
            async with self._database.write() as session:
                held = await repository.lock(session, contact_id)
                held.lease_until = self._clock.now()

    async def _send_next(self, contact_id: str) -> bool:
        """Send one message; whether to go on with the next."""
        now = self._clock.now()
        async with self._database.read() as session:
            contact = await session.get(Contact, contact_id)
            assert contact is not None
            rows = fitting(await repository.waiting(session, contact_id))
        open_now = contact.quota > 0 and contact.window_ends is not None and contact.window_ends > now
        if not rows or rows[0].next_at > now or contact.gone or not open_now:
            return False
        fate, words = await self._sender.send(contact, rows)
        if fate is not Fate.SENT:
            log.warning("not_delivered", channel=contact.channel, contact=contact.id, fate=fate.value, words=words)
        async with self._database.write() as session:
            held = await repository.lock(session, contact_id)
            self._note(held, await repository.rows(session, [row.id for row in rows]), fate, words)
        return fate in (Fate.SENT, Fate.REFUSED)

    def _note(self, contact: Contact, rows: Sequence[Outgoing], fate: Fate, words: str) -> None:
        now = self._clock.now()
        for row in rows:
            if fate is Fate.SENT:
                row.state, row.sent_at = "sent", now
            elif fate is Fate.REFUSED:
                row.state, row.error = "failed", words[:200]
            elif fate is Fate.AGAIN:
                row.attempts += 1
                row.next_at = now + timedelta(seconds=min(2**row.attempts, MAX_DELAY))
        if fate is Fate.SENT:
            contact.quota -= 1
        elif fate is Fate.CLOSED:
            contact.quota = 0
        elif fate is Fate.GONE:
            contact.gone = True

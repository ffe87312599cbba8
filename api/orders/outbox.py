"""Telling partners: each event in its turn, again and again with growing pauses until the partner confirms it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import repository as conversations
from api.orders import repository, talks
from api.orders.models import WorkOrder
from api.orders.service import shown
from api.partners.signature import signed
from api.tickets import repository as tickets
from api.tickets.contacts import Contacts
from api.tickets.desk import Desk
from api.tickets.models import Ticket, TicketEvent

log = structlog.get_logger()
EVENTS = {
    "dispatched": "accepted", "transferred": "moved", "returned": "moved", "moved": "moved", "answered": "answered",
    "resolved": "resolved", "refused": "returned", "reopened": "reopened",
}  # fmt: skip
"""Lines of a ticket's history that a partner is told, and as what."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
TIMEOUT = 10.0


class Outbox:
    """Sends what partners have not been told yet; several gateways may run it."""

    def __init__(self, desk: Desk, contacts: Contacts, http: httpx.AsyncClient | None = None) -> None:
        self._desk, self._contacts = desk, contacts
        self._http = http or httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await asyncio.sleep(self._desk.settings.sweep_seconds)
            try:
                await self.send_due()
            except Exception:
                log.exception("orders_outbox_failed")

    async def send_due(self) -> int:
        """Everything that is due now; returns how many were confirmed."""
        sent, urls = 0, self._desk.settings.partner_urls
        async with self._desk.database.read() as session:
            due = await repository.due(session, self._desk.clock.now(), list(EVENTS), list(urls))
        for order_id in due:
            while await self._send_next(order_id):
                sent += 1
        return sent

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def _send_next(self, order_id: str) -> bool:
        """Send an order's next event outside any transaction; note afterwards what came of it.

        Where the answer is lost, or two gateways send at once, the partner hears the same event again under the
        same number: it is a PUT.
        """
        async with self._desk.database.read() as session:
            order = await session.get(WorkOrder, order_id)
            if order is None or order.due_at > self._desk.clock.now():
                return False
            prepared = await self._next(session, order)
        if prepared is None:
            return False
        line_id, target, body = prepared
        confirmed = await self._put(order.partner, target, body)
        async with self._desk.database.write() as session:
            stored = await session.execute(select(WorkOrder).where(WorkOrder.id == order_id).with_for_update())
            current = stored.scalar_one()
            if current.told_seq != order.told_seq:
                return False  # another gateway was faster
            if confirmed:
                current.told, current.told_seq, current.tries = line_id, current.told_seq + 1, 0
            else:
                current.tries += 1
                pause = min(FIRST_PAUSE * 2 ** min(current.tries - 1, 10), LONGEST_PAUSE)
                current.due_at = self._desk.clock.now() + pause
        return confirmed

    async def _next(self, session: AsyncSession, order: WorkOrder) -> tuple[int, str, dict[str, Any]] | None:
        ticket = await tickets.get(session, order.ticket_id)
        assert ticket is not None
        number = quote(order.order_no, safe="")
        if order.direction == "out":
            return (0, f"/orders/{number}", await self._order(session, ticket)) if order.told_seq == 0 else None
        if order.direction == "talk":
            if order.told_seq or await repository.end_of(session, order):
                return None
            return order.told, f"/talks/{number}", await self._talk(session, order, ticket)
        line = await repository.next_event(session, order, list(EVENTS))
        if line is None:
            return None
        seq = order.told_seq + 1
        return line.id, f"/orders/{number}/events/{seq}", await self._event(session, order, ticket, line, seq)

    async def _event(
        self, session: AsyncSession, order: WorkOrder, ticket: Ticket, line: TicketEvent, seq: int
    ) -> dict[str, Any]:
        state = await shown(session, order, ticket)
        body: dict[str, Any] = {
            "order_no": order.order_no,
            "seq": seq,
            "event": EVENTS[line.what],
            "ticket": ticket.number,
            "unit": state.unit.model_dump(),
            "at": line.at.isoformat(),
        }
        if line.what in ("answered", "resolved"):
            body |= {"answers": state.answers, "category": state.category}
        if reason := line.details.get("reason"):
            body["reason"] = reason
        return body

    async def _order(self, session: AsyncSession, ticket: Ticket) -> dict[str, Any]:
        said = await conversations.after(session, ticket.conversation_id, 0)
        words = [message.text for message in said if message.sender == "user"]
        lines = await tickets.history(session, ticket.id)
        reason = next((line.details["reason"] for line in reversed(lines) if line.what == "handed_over"), "")
        return {
            "order_no": ticket.number,
            "text": "\n".join(words),
            **_about(ticket),
            "reason": reason,
            "contact": self._contacts.read(ticket.contact) if ticket.contact else None,
        }

    async def _talk(self, session: AsyncSession, talk: WorkOrder, ticket: Ticket) -> dict[str, Any]:
        invited = await session.get(TicketEvent, talk.told)
        assert invited is not None
        said = await talks.shown(session, talk, ticket, 0)
        path = f"/v1/partners/{quote(talk.partner, safe='')}/talks/{quote(talk.order_no, safe='')}"
        return {
            "number": talk.order_no,
            "ticket": ticket.number,
            **_about(ticket),
            "reason": invited.details["reason"],
            "address": self._desk.settings.public_url.rstrip("/") + path,
            "messages": said.model_dump(mode="json")["messages"],
        }

    async def _put(self, partner: str, target: str, body: dict[str, Any]) -> bool:
        settings = self._desk.settings
        url, secret = settings.partner_urls[partner].rstrip("/") + target, settings.partners.get(partner)
        if secret is None:
            log.error("partner_without_secret", partner=partner)
            return False
        content = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
        path = urlsplit(url).path
        headers = signed(settings.owner, secret.get_secret_value(), "PUT", path, content, self._desk.clock.now())
        try:
            answer = await self._http.put(
                url, content=content, headers=headers | {"Content-Type": "application/json"}
            )
        except httpx.HTTPError as error:
            log.warning("partner_unreachable", partner=partner, target=target, error=repr(error))
            return False
        if not answer.is_success:
            log.warning("partner_refused", partner=partner, target=target, status=answer.status_code)
        return answer.is_success


def _about(ticket: Ticket) -> dict[str, Any]:
    """What a person needs to know of a case at first sight."""
    return {"language": ticket.language, "business": ticket.business, "place": ticket.place}

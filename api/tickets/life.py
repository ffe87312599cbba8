"""A ticket's life as one table, and its history, which nobody can alter.

受理 and 派单 happen when a ticket opens (``waiting``), 办理 while a seat holds it (``active``), 答复 once the visitor
has an answer (``answered``), then 办结 (``resolved``), 回访 (``followed_up``) and 评价 (``closed``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.problems import Problem
from api.tickets.models import Ticket, TicketEvent

HELD = ("active", "answered")
OPEN = ("waiting", *HELD)
DONE = ("resolved", "followed_up", "closed")
PARTNER_GONE = ("partner_left", "resolved", "to_bot", "handed_over", "merged")
"""Lines of a history after which no partner is in the talk any more."""

_BACK = dict.fromkeys(OPEN, "waiting")
LIFE: dict[str, dict[str, str]] = {
    "claim": {"waiting": "active"},
    "answer": {"active": "answered", "answered": "answered"},
    "ask": {"waiting": "waiting", "active": "active", "answered": "active"},  # the visitor speaks
    "release": dict.fromkeys(HELD, "waiting"),  # back into its unit's queue
    "transfer": _BACK,  # 改派, to another unit
    "assign": dict.fromkeys(OPEN, "active"),  # by a supervisor, to a seat
    "return": _BACK,  # 退单, to who dispatched it
    "refuse": dict.fromkeys(OPEN, "returned"),  # 退单 of a partner's order, back to the partner
    "hand_over": dict.fromkeys(OPEN, "away"),  # to a partner, who tells how it goes on
    "come_back": {"away": "waiting"},  # the partner returned it
    "settle_away": {"away": "resolved"},  # the partner resolved it
    "merge": dict.fromkeys(OPEN, "merged"),
    "to_bot": dict.fromkeys(HELD, "closed"),
    "resolve": dict.fromkeys(HELD, "resolved"),
    "follow_up": {"resolved": "followed_up"},
    "settle": {"resolved": "closed", "followed_up": "closed"},
    "rate": {"resolved": "closed", "followed_up": "closed", "closed": "closed"},
    "reopen": dict.fromkeys(DONE, "waiting"),
}
"""What may be done: action -> status before -> status after. Everything else is refused."""

STATUSES = tuple(sorted({status for moves in LIFE.values() for pair in moves.items() for status in pair}))
START = "0" * 64


def move(ticket: Ticket, action: str) -> None:
    """Do an action to a locked ticket.

    Raises:
        Problem: 409 when its status does not allow that.
    """
    after = LIFE[action].get(ticket.status)
    if after is None:
        raise Problem(409, "not-allowed-now", f"ticket {ticket.number} is {ticket.status}: {action} is not possible")
    ticket.status = after


def record(session: AsyncSession, ticket: Ticket, what: str, at: datetime, **details: Any) -> TicketEvent:
    """Add a line to the history of a locked ticket, chained to the line before; the database refuses changes."""
    seat_id = details.pop("seat_id", None)
    line = TicketEvent(ticket_id=ticket.id, what=what, seat_id=seat_id, details=details, at=at)
    line.digest = ticket.history_head = _digest(line, ticket.history_head or START)
    session.add(line)
    return line


def first_altered(ticket: Ticket, lines: Sequence[TicketEvent]) -> int | None:
    """The place (from 0) of the first line that does not fit, the length when lines are missing; None when whole."""
    before = START
    for place, line in enumerate(lines):
        before = _digest(line, before)
        if line.digest != before:
            return place
    return None if before == (ticket.history_head or START) else len(lines)


def _digest(line: TicketEvent, before: str) -> str:
    at = line.at.astimezone(timezone.utc).isoformat()
    content = json.dumps([before, at, line.ticket_id, line.what, line.seat_id, line.details], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()

"""What supervisors see: who is there, the queues, cases at risk, search and export."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

from api.clock import SHANGHAI
from api.problems import Problem
from api.routing.endpoints import UnitOut
from api.routing.geography import SERVICE_CENTRE
from api.seats import repository as seats
from api.seats.models import Seat
from api.tickets import repository
from api.tickets.desk import Desk
from api.tickets.models import Ticket
from api.tickets.present import present
from api.tickets.schemas import Board, QueueBoard, SeatBoard, TicketOut, UnitStanding

MAX_EXPORT = 10_000
EXPORTED = (
    "number", "status", "mode", "unit_id", "unit_name", "business", "language", "rule", "category", "opened_at",
    "claimed_at", "first_response_at", "response_alert", "completion_due_at", "completion_alert", "resolved_at",
    "reopened", "score",
)  # fmt: skip


class Supervision:
    """Views for supervisors: of their own unit, or of every unit for the service centre's."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def board(self, seat: Seat) -> Board:
        """Who is there, how long the queues are, and what is late or about to be."""
        unit = None if seat.unit_id == SERVICE_CENTRE else seat.unit_id
        async with self._desk.database.read() as session:
            people = [one for one in await seats.every(session) if unit in (None, one.unit_id) and not one.disabled]
            live = {one.id: await repository.live_of(session, one.id) for one in people}
            counted = await repository.counts(session, unit)
            risky = await repository.found(session, {"unit": unit, "at_risk": True}, 100)
            at_risk = [await present(session, ticket, seat) for ticket in risky]
        since = self._desk.queues.here_since(self._desk.clock.now())
        staff = [self._seat(one, live[one.id], since) for one in people if "seat" in one.roles]
        return Board(seats=staff, queues=self._queues(counted), at_risk=at_risk)

    async def standing(self, unit_id: str) -> UnitStanding:
        """A unit's queue, for the phone line's IVR and for supervisors."""
        async with self._desk.database.read() as session:
            found = await self._desk.queues.standing(session, self._desk.unit(unit_id))
        return UnitStanding(
            unit=UnitOut(id=found.unit.id, name=found.unit.zh),
            open=found.open,
            seats=found.here,
            waiting=found.waiting,
            expected_minutes=found.expected_minutes(found.waiting + 1),
            why=found.why,
            offered=UnitOut(id=found.offered.id, name=found.offered.zh) if found.offered else None,
        )

    async def search(self, seat: Seat, wanted: dict[str, Any], limit: int) -> list[TicketOut]:
        """Tickets by number, category, note, status and day, newest first."""
        async with self._desk.database.read() as session:
            found = await repository.found(session, self._scoped(seat, wanted), limit)
            return [await present(session, ticket, seat) for ticket in found]

    async def export(self, seat: Seat, wanted: dict[str, Any]) -> str:
        """The same tickets as CSV, without anybody's words; who exported what stands in the audit log."""
        scoped = self._scoped(seat, wanted)
        async with self._desk.database.write() as session:
            found = await repository.found(session, scoped, MAX_EXPORT)
            said = {name: str(value) for name, value in scoped.items() if value}
            await self._desk.audited(
                session, seat, "tickets.export", scoped.get("unit") or "*", rows=len(found), **said
            )
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(EXPORTED)
        writer.writerows([_cell(ticket, name) for name in EXPORTED] for ticket in found)
        return "\ufeff" + file.getvalue()  # the mark by which a spreadsheet knows UTF-8

    @staticmethod
    def _scoped(seat: Seat, wanted: dict[str, Any]) -> dict[str, Any]:
        if seat.unit_id == SERVICE_CENTRE:
            return wanted
        if wanted.get("unit") not in (None, seat.unit_id):
            raise Problem(403, "other-unit", "you supervise your own unit only")
        return wanted | {"unit": seat.unit_id}

    def _seat(self, one: Seat, live: int, since: datetime) -> SeatBoard:
        unit = self._desk.unit(one.unit_id)
        return SeatBoard(
            id=one.id,
            name=one.name,
            unit=UnitOut(id=unit.id, name=unit.zh),
            languages=one.languages,
            here=one.seen_at is not None and one.seen_at > since,
            available=one.available,
            live=live,
            capacity=one.capacity,
            seen_at=one.seen_at,
        )

    def _queues(self, counted: Any) -> list[QueueBoard]:
        rows: dict[str, dict[str, Any]] = {}
        for unit_id, status, count, oldest in counted:
            row = rows.setdefault(unit_id, {"waiting": 0, "active": 0, "answered": 0, "oldest_waiting": None})
            row[status] = count
            if status == "waiting":
                row["oldest_waiting"] = oldest
        units = {unit_id: self._desk.unit(unit_id) for unit_id in rows}
        boards = [QueueBoard(unit=UnitOut(id=key, name=units[key].zh), **row) for key, row in rows.items()]
        return sorted(boards, key=lambda board: -board.waiting)


def _cell(ticket: Ticket, name: str) -> str:
    value = getattr(ticket, name)
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(timespec="seconds")
    text = "" if value is None else str(value)
    return "'" + text if text[:1] in "=+-@\t\r" else text  # a spreadsheet must not run what somebody typed

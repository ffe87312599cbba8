"""A seat's live connection: its unit's tickets and what visitors say in them."""

from __future__ import annotations

import asyncio

from fastapi import WebSocket

from api.bus import Bus, Frame
from api.problems import Problem
from api.seats.models import Seat
from api.seats.service import SeatService
from api.sockets import BAD_TOKEN, FORBIDDEN, Refused, both, first_frame, guarded, receive
from api.tickets.service import TicketService


class SeatStream:
    """One WebSocket of a console; the session's end closes it."""

    def __init__(self, seats: SeatService, tickets: TicketService, bus: Bus, socket: WebSocket) -> None:
        self._seats, self._tickets, self._bus, self._socket = seats, tickets, bus, socket
        self._token = ""

    async def run(self) -> None:
        """Serve the socket until either side ends it."""

        async def session() -> None:
            self._token = await first_frame(self._socket)
            seat = await self._authorise()
            if not {"seat", "supervisor"} & set(seat.roles):
                raise Refused(FORBIDDEN, "cases are shown to the roles seat and supervisor only")
            async with self._bus.subscribe(f"unit:{seat.unit_id}", f"seat:{seat.id}") as frames:
                await self._socket.send_json({"type": "ready"})
                await both(self._read(), self._write(seat, frames))

        await guarded(self._socket, session)

    async def _authorise(self) -> Seat:
        try:
            return await self._seats.authorise(self._token)
        except Problem as problem:
            raise Refused(BAD_TOKEN, problem.detail) from problem

    async def _read(self) -> None:
        while True:
            frame = await receive(self._socket)
            if frame.get("type") == "ping":
                await self._authorise()  # an open console keeps its session; an ended one is told
                await self._socket.send_json({"type": "pong"})

    async def _write(self, seat: Seat, frames: asyncio.Queue[Frame]) -> None:
        while True:
            frame = await frames.get()
            if frame["type"] == "ticket":
                ticket = await self._tickets.shown(frame, seat)
                if ticket:
                    await self._socket.send_json({"type": "ticket", "ticket": ticket.model_dump(mode="json")})
            else:
                await self._socket.send_json(frame)

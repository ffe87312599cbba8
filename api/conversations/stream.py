"""A visitor's live connection: catches up by sequence number, then shows what comes."""

from __future__ import annotations

import asyncio

from fastapi import WebSocket

from api.bus import Bus, Frame
from api.conversations.service import ConversationService
from api.problems import Problem
from api.sockets import BAD_TOKEN, NOT_FOUND, Refused, both, first_frame, guarded, receive

RECHECK_SECONDS = 30.0  # a wake frame that was lost costs at most this


class VisitorStream:
    """One WebSocket: auth, ready, then messages in order, each once, and changes of state."""

    def __init__(self, service: ConversationService, bus: Bus, socket: WebSocket) -> None:
        self._service, self._bus, self._socket = service, bus, socket
        self._state: Frame | None = None

    async def run(self, conversation_id: str, after: int) -> None:
        """Serve the socket until either side ends it."""

        async def session() -> None:
            token = await first_frame(self._socket)
            try:
                await self._service.authorise(conversation_id, token)
            except Problem as problem:
                raise Refused(NOT_FOUND if problem.status == 404 else BAD_TOKEN, problem.detail) from problem
            async with self._bus.subscribe(f"conversation:{conversation_id}") as frames:
                await both(self._read(conversation_id), self._write(conversation_id, after, frames))

        await guarded(self._socket, session)

    async def _read(self, conversation_id: str) -> None:
        while True:
            frame = await receive(self._socket)
            if frame.get("type") == "ping":
                await self._socket.send_json({"type": "pong"})
            elif frame.get("type") == "typing":
                await self._service.visitor_types(conversation_id, bool(frame.get("on")))

    async def _write(self, conversation_id: str, after: int, frames: asyncio.Queue[Frame]) -> None:
        seq = await self._catch_up(conversation_id, after, first=True)
        while True:
            try:
                frame = await asyncio.wait_for(frames.get(), RECHECK_SECONDS)
            except TimeoutError:
                frame = {"type": "wake"}
            if frame["type"] == "typing":
                await self._socket.send_json(frame)
                continue
            while not frames.empty():  # one look answers every wake that came meanwhile
                if (more := frames.get_nowait())["type"] == "typing":
                    await self._socket.send_json(more)
            seq = await self._catch_up(conversation_id, seq)

    async def _catch_up(self, conversation_id: str, after: int, first: bool = False) -> int:
        """Send what is new in the database; returns the last sequence number sent."""
        history = await self._service.history(conversation_id, after)
        seq = history.messages[-1].seq if history.messages else after
        if first:
            await self._socket.send_json({"type": "ready", "owner": history.owner, "seq": seq})
        for message in history.messages:
            await self._socket.send_json({"type": "message", "message": message.model_dump(mode="json")})
        state = {"type": "state", **history.model_dump(mode="json", include={"owner", "queue", "seat"})}
        if state != self._state:
            self._state = state
            await self._socket.send_json(state)
        return seq

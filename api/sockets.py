"""What every WebSocket of the gateway has in common: it opens with an auth frame, and reads while it writes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from api import web
from api.dependencies import get_container
from api.problems import Problem

AUTH_SECONDS = 5.0
MAX_FRAME = 4096
BAD_TOKEN, FORBIDDEN, NOT_FOUND, NO_AUTH, BAD_FRAME, GOING_AWAY = 4401, 4403, 4404, 4408, 1003, 1001


class Refused(Exception):
    """The socket is to be closed with this code."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


async def first_frame(socket: WebSocket) -> str:
    """The token of ``{"type": "auth", "token": …}``, which must come first and soon.

    Raises:
        Refused: too late, or something else came.
    """
    try:
        frame = await asyncio.wait_for(receive(socket), AUTH_SECONDS)
    except TimeoutError as error:
        raise Refused(NO_AUTH, "send the auth frame first") from error
    if frame.get("type") != "auth" or not isinstance(frame.get("token"), str):
        raise Refused(BAD_TOKEN, "the first frame must be {type: auth, token}")
    return str(frame["token"])


async def receive(socket: WebSocket) -> dict[str, Any]:
    """One JSON object from the peer.

    Raises:
        Refused: not an object, or too long.
    """
    text = await socket.receive_text()
    if len(text) > MAX_FRAME:
        raise Refused(BAD_FRAME, "frame too long")
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise Refused(BAD_FRAME, "frames are JSON objects") from error
    if not isinstance(frame, dict):
        raise Refused(BAD_FRAME, "frames are JSON objects")
    return frame


async def guarded(socket: WebSocket, session: Callable[[], Awaitable[None]]) -> None:
    """Accept, run one session, and close with the right code whatever happens."""
    await socket.accept()
    try:
        _check_origin(socket)
        await session()
    except Refused as refusal:
        await _close(socket, refusal.code, refusal.why)
    except WebSocketDisconnect:
        pass
    else:
        await _close(socket, GOING_AWAY, "")


def _check_origin(socket: WebSocket) -> None:
    try:
        web.check_origin(socket, get_container(socket).settings.allowed_origins)
    except Problem as problem:
        raise Refused(FORBIDDEN, problem.detail) from problem


async def both(reading: Awaitable[None], writing: Awaitable[None]) -> None:
    """Run the two halves of a session until either ends; the other one is stopped."""
    tasks = [asyncio.ensure_future(reading), asyncio.ensure_future(writing)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _close(socket: WebSocket, code: int, why: str) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        with contextlib.suppress(RuntimeError):  # the peer was faster
            await socket.close(code, why)

"""Wakes listeners when something happened. The bus only wakes: the database is the truth.

A topic is ``conversation:<id>`` or ``unit:<id>``; a frame is a small JSON object. A lost frame costs a
listener nothing but time, because it reads what it missed by sequence number.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

Frame = dict[str, Any]
log = structlog.get_logger()
QUEUE_LIMIT = 256


class Bus(Protocol):
    """What the gateway needs of a bus."""

    async def publish(self, topic: str, frame: Frame) -> None:
        """Hand ``frame`` to everybody who listens to ``topic``."""
        ...

    def subscribe(self, *topics: str) -> contextlib.AbstractAsyncContextManager[asyncio.Queue[Frame]]:
        """Listen for the length of the block."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


class LocalBus:
    """The default: listeners of this process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[Frame]]] = defaultdict(set)

    async def publish(self, topic: str, frame: Frame) -> None:
        for queue in tuple(self._listeners.get(topic, ())):
            if queue.full():  # a listener that stopped reading loses the oldest frame, never the newest
                queue.get_nowait()
            queue.put_nowait(frame)

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[asyncio.Queue[Frame]]:
        queue: asyncio.Queue[Frame] = asyncio.Queue(QUEUE_LIMIT)
        for topic in topics:
            self._listeners[topic].add(queue)
        try:
            yield queue
        finally:
            for topic in topics:
                self._listeners[topic].discard(queue)
                if not self._listeners[topic]:
                    del self._listeners[topic]

    async def close(self) -> None:
        self._listeners.clear()


class RedisBus:
    """The bus between several gateways: one subscription a process, handed on to its local listeners.

    While Redis is away, frames reach only this process's listeners; on its return every local listener gets
    a ``wake`` frame and reads what it missed.
    """

    CHANNEL = "consult:bus"

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self._local = LocalBus()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def publish(self, topic: str, frame: Frame) -> None:
        try:
            await self._redis.publish(self.CHANNEL, json.dumps({"topic": topic, "frame": frame}))
        except (RedisError, OSError) as error:
            log.warning("bus_unreachable", error=str(error))
            await self._local.publish(topic, frame)

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[asyncio.Queue[Frame]]:
        self._task = self._task or asyncio.create_task(self._listen())
        async with self._local.subscribe(*topics) as queue:
            yield queue

    async def close(self) -> None:
        self._closed = True  # the client can swallow a cancellation that meets its connecting
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._redis.aclose()

    async def _listen(self) -> None:
        delay = 0.1
        while not self._closed:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(self.CHANNEL)
                    await self._wake_all()
                    delay = 0.1
                    while not self._closed:
                        message = await channel.get_message(ignore_subscribe_messages=True, timeout=1.0)
                        if message:
                            data = json.loads(message["data"])
                            await self._local.publish(data["topic"], data["frame"])
            except (RedisError, OSError) as error:
                log.warning("bus_reconnecting", error=str(error), delay=delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)

    async def _wake_all(self) -> None:
        for topic in tuple(self._local._listeners):
            await self._local.publish(topic, {"type": "wake"})


def make_bus(redis_url: str) -> Bus:
    """The bus that the settings ask for."""
    return RedisBus(redis_url) if redis_url else LocalBus()

"""One first-in-first-out lane per conversation: the engine never holds two messages of one conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

Job = Callable[[], Awaitable[None]]


class Lanes:
    """Runs the jobs of a conversation one after another, and those of different ones side by side.

    A job outlives the request that brought it: a visitor who hangs up still gets the answer stored.
    """

    def __init__(self) -> None:
        self._intakes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._last: dict[str, asyncio.Task[None]] = {}

    def intake(self, conversation_id: str) -> asyncio.Lock:
        """Held while a message is stored and its job handed in, so that jobs stand in the order of ``seq``."""
        lock = self._intakes.get(conversation_id)
        if lock is None:
            lock = self._intakes[conversation_id] = asyncio.Lock()
        return lock

    def submit(self, conversation_id: str, job: Job) -> asyncio.Task[None]:
        """Put a job at the end of the lane; the task ends when the job has."""
        task = asyncio.create_task(self._run(self._last.get(conversation_id), job))
        self._last[conversation_id] = task
        task.add_done_callback(lambda done: self._leave(conversation_id, done))
        return task

    def latest(self, conversation_id: str) -> asyncio.Task[None] | None:
        """The lane's last job, while it runs."""
        return self._last.get(conversation_id)

    async def drain(self) -> None:
        """Wait for the jobs under way: a gateway that stops finishes what it began."""
        while self._last:
            await asyncio.wait(set(self._last.values()))

    @staticmethod
    async def _run(before: asyncio.Task[None] | None, job: Job) -> None:
        if before is not None:
            await asyncio.wait({before})
        await job()

    def _leave(self, conversation_id: str, done: asyncio.Task[None]) -> None:
        if self._last.get(conversation_id) is done:
            del self._last[conversation_id]

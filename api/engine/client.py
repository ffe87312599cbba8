"""Asks the engine what to say. It has three seconds; whatever goes wrong is one exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from actions.replies import Choice, HandoffWish, Reply
from api.settings import Settings

AT_ONCE = 8
"""Turns that the engine is given at a time: it answers one after the other, and of two hundred given at once hardly
one is ready in time. The others wait here, for as long as the engine itself may take."""


class EngineError(Exception):
    """The engine did not give a usable answer in time; the message says why."""


@dataclass(frozen=True)
class Understood:
    """One turn as the engine decided it."""

    replies: tuple[Reply, ...]
    memory: dict[str, Any]
    understood: dict[str, Any]


class EngineClient:
    """Talks to Rasa's REST channel."""

    def __init__(self, settings: Settings) -> None:
        self._http = httpx.AsyncClient(
            base_url=settings.engine_url,
            timeout=settings.engine_timeout,
            limits=httpx.Limits(max_connections=AT_ONCE),
            trust_env=False,
        )

    async def ask(self, sender: str, text: str, metadata: dict[str, Any]) -> Understood:
        """One masked message in, typed replies out.

        Raises:
            EngineError: unreachable, too slow, or an answer that is not one of ours.
        """
        body = {"sender": sender, "message": text, "metadata": metadata}
        try:
            response = await self._http.post("/webhooks/rest/webhook", json=body)
            response.raise_for_status()
            payloads = [item["custom"] for item in response.json() if "custom" in item]
            return parse(payloads[-1])
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            raise EngineError(f"{type(error).__name__}: {error}") from error

    async def alive(self) -> bool:
        """Whether the engine answers; Rasa listens only after its model is loaded."""
        try:
            response = await self._http.get("/", timeout=1.0)
        except httpx.PoolTimeout:
            return True  # busy with others' questions, so it lives
        except httpx.HTTPError:
            return False
        return response.is_success

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()


def parse(payload: dict[str, Any]) -> Understood:
    """The custom payload of one turn as typed replies."""
    replies = tuple(_reply(data) for data in payload["replies"])
    if not replies:
        raise ValueError("the engine sent no reply")
    return Understood(replies, payload["memory"], payload["understood"])


def _reply(data: dict[str, Any]) -> Reply:
    wish = data.get("handoff")
    choices = tuple(Choice(**choice) for choice in data.get("choices", ()))
    return Reply(**{**data, "choices": choices, "handoff": HandoffWish(**wish) if wish else None})

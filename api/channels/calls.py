"""Calls of a platform's interface, with the access token that all of them need."""

from __future__ import annotations

from typing import Any

import httpx

from api.channels.courier import Fate
from api.channels.tokens import Fetch, Tokens
from api.clock import Clock
from api.database import Database

TIMEOUT_SECONDS = 5.0
BAD_TOKEN = frozenset({40001, 40014, 42001})


class PlatformError(Exception):
    """The platform refused a call; the message has its code and words."""


class Calls:
    """The interface of one account; every answer is an object with ``errcode``, 0 when all is well."""

    def __init__(self, account: str, url: str, database: Database, clock: Clock, fetch: Fetch) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS)
        self._tokens = Tokens(account, database, clock, fetch)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST with the access token; a token that is turned down is renewed once.

        Raises:
            PlatformError: no token to be had. httpx.HTTPError, ValueError: no usable answer.
        """
        token = await self._tokens.get()
        answer = await self.bare("POST", path, body, {"access_token": token})
        if int(answer.get("errcode", 0)) in BAD_TOKEN:
            token = await self._tokens.get(refused=token)
            answer = await self.bare("POST", path, body, {"access_token": token})
        return answer

    async def send(self, path: str, body: dict[str, Any], fates: dict[int, Fate]) -> tuple[Fate, str]:
        """POST a message: what became of it by the platform's code, and its words."""
        try:
            answer = await self.post(path, body)
        except (httpx.HTTPError, ValueError, PlatformError) as error:
            return Fate.AGAIN, f"{type(error).__name__}: {error}"
        code = int(answer.get("errcode", 0))
        fate = Fate.AGAIN if code in BAD_TOKEN else fates.get(code, Fate.REFUSED)
        return fate, f"{code} {answer.get('errmsg', '')}"

    async def bare(
        self, method: str, path: str, body: dict[str, Any] | None, query: dict[str, str]
    ) -> dict[str, Any]:
        """One call as it is."""
        response = await self.http.request(method, path, json=body, params=query)
        response.raise_for_status()
        answer = response.json()
        if not isinstance(answer, dict):
            raise ValueError("the platform answered with something that is no object")
        return answer

    async def close(self) -> None:
        """Give the connections back."""
        await self.http.aclose()

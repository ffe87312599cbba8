"""Keeping the knowledge base in step with a partner's gateway: take in its feed, then send ours.

Both cursors are kept, the first in the same unit of work as what it brought: a sync that breaks off goes on where it
was, and what is sent twice changes nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import httpx

from api.clock import Clock
from api.database import Database
from api.knowledge import repository
from api.knowledge.exchange import ExchangeService, Imported
from api.knowledge.journal import Journal, Work
from api.knowledge.life import Life
from api.knowledge.models import EntryMove
from api.knowledge.shape import shown
from api.partners.signature import signed
from api.problems import Problem

PAGE = 100
TRIES = 4


class SyncError(RuntimeError):
    """The partner's gateway cannot be reached or does not let us in; what was done so far stays done."""


class Remote(Protocol):
    """A partner's gateway."""

    async def changes(self, after: int, limit: int) -> tuple[list[Mapping[str, Any]], int]:
        """A page of its change feed."""
        ...

    async def put(self, entry: Mapping[str, Any], base: str | None) -> Imported:
        """Send an entry. A refused one is a ``Problem``."""
        ...


@dataclass
class Report:
    """What a sync did: how many entries came to what, in either direction, and what wants an editor."""

    pulled: Counter[str] = field(default_factory=Counter)
    pushed: Counter[str] = field(default_factory=Counter)
    conflicts: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Base:
    """What a step that is sent rests on: a state, or None for the first step of an entry."""

    state: str | None


class HttpRemote:
    """A partner's gateway over HTTP. Every call may be repeated, so it is, with growing pauses."""

    def __init__(self, url: str, house: str, secret: str, clock: Clock, pause: float = 0.5) -> None:
        self._house, self._secret, self._clock, self._pause = house, secret, clock, pause
        self._prefix = urlsplit(url).path.rstrip("/")
        self._http = httpx.AsyncClient(base_url=url, timeout=30, trust_env=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def changes(self, after: int, limit: int) -> tuple[list[Mapping[str, Any]], int]:
        """A page of its change feed."""
        answer = await self._call("GET", f"/v1/knowledge/changes?after={after}&limit={limit}")
        if answer.status_code != 200:
            raise SyncError(f"the feed answers {answer.status_code}: {answer.text[:200]}")
        page = answer.json()
        return page["changes"], page["cursor"]

    async def put(self, entry: Mapping[str, Any], base: str | None) -> Imported:
        """Send an entry, signed.

        Raises:
            Problem: it was refused for what it says.
            SyncError: we were refused, or nobody answers.
        """
        body = json.dumps({"entry": entry, "base": base}, ensure_ascii=False).encode()
        answer = await self._call("PUT", f"/v1/knowledge/entries/{quote(entry['id'])}", body)
        if answer.status_code in (200, 202, 409):
            return Imported.model_validate(answer.json())
        if answer.status_code == 422:
            raise Problem(422, "refused", str(answer.json()["detail"]))
        raise SyncError(f"{entry['id']}: the partner answers {answer.status_code}: {answer.text[:200]}")

    async def _call(self, method: str, target: str, body: bytes = b"") -> httpx.Response:
        """One call, signed anew at each try; repeated while nobody answers or the answer is "later"."""
        for attempt in range(TRIES):
            headers = {"Content-Type": "application/json"}
            if body:
                now = self._clock.now()
                headers |= signed(self._house, self._secret, method, self._prefix + target, body, now)
            try:
                answer = await self._http.request(method, target, content=body, headers=headers)
            except httpx.TransportError as error:
                if attempt == TRIES - 1:
                    raise SyncError(f"{self._http.base_url} cannot be reached: {error!r}") from error
            else:
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
                if attempt == TRIES - 1:
                    raise SyncError(f"{self._http.base_url} answers {answer.status_code}")
            await asyncio.sleep(self._pause * 2**attempt)
        raise AssertionError("the last try returns or raises")


class Sync:
    """The exchange with one partner, seen from this house."""

    def __init__(
        self,
        house: str,
        partner: str,
        database: Database,
        journal: Journal,
        exchange: ExchangeService,
        remote: Remote,
    ) -> None:
        self._house, self._partner = house, partner
        self._database, self._journal, self._exchange, self._remote = database, journal, exchange, remote

    async def run(self) -> Report:
        """Take in what the partner changed, then send what was changed here.

        Raises:
            SyncError: the partner cannot be reached; run it again later.
        """
        report = Report()
        while await self._pull(report):
            pass
        while await self._push(report):
            pass
        return report

    async def _pull(self, report: Report) -> bool:
        """One page of the partner's feed; whether there was any."""
        async with self._database.read() as session:
            after = (await repository.sync_point(session, self._partner)).pulled
        page, cursor = await self._remote.changes(after, PAGE)
        if not page:
            return False
        async with self._journal.open() as work:
            point = await repository.sync_point(work.session, self._partner)
            if point.pulled != after:  # another sync was here: nothing of this page is new
                return True
            for change in page:
                entry = change["entry"]
                if await self._is(work, str(entry["id"]), change["state"]):
                    report.pulled["unchanged"] += 1
                    continue
                try:
                    imported = await self._exchange.take_in(work, self._partner, entry, change["base"])
                except Problem as problem:
                    report.refused.append(f"{entry.get('id')}: {problem.detail}")
                else:
                    self._note(report.pulled, imported, report)
            point.pulled = cursor
        return True

    async def _is(self, work: Work, entry_id: str, state: str) -> bool:
        """Whether an entry is in a state already: most of a feed is an echo of what came from here."""
        step = await repository.newest(work.session, entry_id)
        return step is not None and step[0].state == state

    async def _push(self, report: Report) -> bool:
        """Our next changes; whether there were any."""
        async with self._database.read() as session:
            after = (await repository.sync_point(session, self._partner)).pushed
            steps = await repository.steps_after(session, after, PAGE)
            lives = await repository.lives(session, {row.entry_id for _, row in steps})
        for move, row in steps:
            if rests_on := self._sends(lives[row.entry_id], move):
                try:
                    imported = await self._remote.put(shown(row, move), rests_on.state)
                    self._note(report.pushed, imported, report)
                except Problem as problem:
                    report.refused.append(f"{row.entry_id}: {problem.detail}")
                await self._keep_pushed(move.cursor)
        if steps:
            await self._keep_pushed(steps[-1][0].cursor)
        return bool(steps)

    async def _keep_pushed(self, cursor: int) -> None:
        async with self._database.write() as session:
            point = await repository.sync_point(session, self._partner)
            point.pushed = max(point.pushed, cursor)

    def _sends(self, life: Life, move: EntryMove) -> Base | None:
        """The state that a step rests on, where the partner is to learn of it; None where not.

        What is ours is sent when it becomes public. What is another's is sent as a proposal when it was reviewed
        here; that it was taken out of service here is nobody else's business.
        """
        if move.actor == f"partner:{self._partner}":
            return None
        ours = life.owner_before(move) == self._house
        if move.public:
            return Base(move.base) if ours else None
        if ours or life.versions[move.version].writer.startswith("partner:"):
            return None
        rests_on = life.rests_on(move.version)
        states = [one.state for one in life.moves if one.public and one.version == rests_on]
        return Base(states[-1] if states else None)

    def _note(self, counts: Counter[str], imported: Imported, report: Report) -> None:
        counts[imported.result] += 1
        if imported.result == "conflict":
            both = ", ".join(imported.conflict.both) if imported.conflict else ""
            where = "here" if counts is report.pulled else f"at {self._partner}"
            report.conflicts.append(
                f"{imported.id}: proposal {imported.version} {where}; changed on both sides: {both}"
            )

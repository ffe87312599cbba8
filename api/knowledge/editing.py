"""What editors do: write, check, move, plan, roll back. Every change is one unit of work with its audit record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.clock import Clock
from api.database import Database
from api.knowledge import repository
from api.knowledge.journal import Journal, Work
from api.knowledge.life import TABLE, Life, Part
from api.knowledge.models import EntryVersion
from api.knowledge.rules import Fault, Rules, invalid
from api.knowledge.shape import Body, difference, entry_of, shown
from api.problems import Problem
from knowledge.entries import Entry, EntryError, Review, Status, from_dict, to_dict

log = structlog.get_logger()


@dataclass(frozen=True)
class Caller:
    """Who asks for a change: a seat's user name with its part, or the command line."""

    name: str
    part: Part


class EditingService:
    """The writing side of the knowledge base, for one gateway or the command line."""

    def __init__(self, house: str, database: Database, clock: Clock, journal: Journal, rules: Rules) -> None:
        self._house, self._database, self._clock = house, database, clock
        self._journal, self._rules = journal, rules

    async def life(self, entry_id: str) -> Life:
        """Everything about one entry.

        Raises:
            Problem: 404.
        """
        async with self._database.read() as session:
            return await self._known(session, entry_id)

    async def find(self, entry_id: str) -> Life:
        """Everything about one entry; a life without versions where there is none."""
        async with self._database.read() as session:
            return await repository.life(session, entry_id)

    async def create(self, body: Mapping[str, Any], caller: Caller, note: str | None = None) -> Life:
        """A new entry, as a draft.

        Raises:
            Problem: 422 naming the faulty fields, 409 when the id is taken.
        """
        entry = self._rules.parse({**body, "owner": body.get("owner") or self._house})
        async with self._journal.open() as work:
            life = await repository.life(work.session, entry.id)
            if life.versions:
                raise Problem(409, "id-taken", f"there is an entry {entry.id!r} already", field="id")
            await self._sound_predecessor(work, entry)
            await work.add(life, to_dict(entry), writer=caller.name, base=None, note=note)
        return life

    async def edit(
        self,
        entry_id: str,
        base: int,
        body: Mapping[str, Any],
        caller: Caller,
        note: str | None = None,
        merges: int | None = None,
    ) -> Life:
        """A new version of an entry, as a draft.

        Raises:
            Problem: 404; 422 naming the faulty fields; 409 when somebody wrote another version since ``base``, with
                who did and what changed.
        """
        if body["id"] != entry_id:
            raise Problem(422, "invalid-entry", f"the address says {entry_id!r}; an id never changes", field="id")
        async with self._journal.open() as work:
            life = await self._known(work.session, entry_id)
            _unchanged_since(life, base)
            owner = body.get("owner") or life.versions[life.head].owner
            entry = self._rules.parse({**body, "owner": owner})
            await self._sound_predecessor(work, entry)
            if merges is not None:
                await self._take_in(work, life, merges, caller)
            await work.add(life, to_dict(entry), writer=caller.name, base=base, note=note)
        return life

    async def move(
        self,
        entry_id: str,
        version: int,
        to: Status,
        caller: Caller,
        on: date | None = None,
        note: str | None = None,
    ) -> Life:
        """A step in the life of a version, now or on a later day.

        Raises:
            Problem: 404; 403 for who may not take it, with the reason; 409 for a step that the table does not know or
                that came too late; 422 for content that is not complete, or a day that is not to come.
        """
        await self._complete(entry_id, version, to)
        async with self._journal.open() as work:
            life = await self._known(work.session, entry_id, version)
            await self._may(work, life, version, to, caller)
            if on is None or on <= work.today:
                if on is not None and on < work.today:
                    raise Problem(422, "past-day", f"{on} is past; today is {work.today}", field="on")
                await work.move(life, version, to, actor=caller.name, note=note)
            elif not TABLE[life.status(version), to].planned:
                raise Problem(422, "not-planned", f"becoming {to} cannot be planned, only done", field="on")
            else:
                await work.plan(life.versions[version], to, on, actor=caller.name, note=note)
        return life

    async def unplan(self, entry_id: str, to: Status, caller: Caller) -> Life:
        """Forget a planned step.

        Raises:
            Problem: 404.
        """
        async with self._journal.open() as work:
            life = await self._known(work.session, entry_id)
            if not await work.unplan(entry_id, to, caller.name):
                raise Problem(404, "no-such-plan", f"nothing is planned for {entry_id} that makes it {to}")
        return life

    async def rollback(
        self, entry_id: str, to: int, base: int, caller: Caller, publish: bool = False, note: str | None = None
    ) -> Life:
        """A new version that says what an earlier one said.

        It goes through review like any other, because what was right then may be wrong now. An administrator may
        publish it at once, for the night on which a wrong answer must go; but only what was published, and so
        reviewed, before.

        Raises:
            Problem: 404, 409 as for ``edit``, 403 when somebody else than an administrator wants to publish.
        """
        async with self._journal.open() as work:
            life = await self._known(work.session, entry_id, to)
            _unchanged_since(life, base)
            if publish:
                self._may_publish_at_once(life, to, caller)
            told = f"rolled back to version {to}" + (f": {note}" if note else "")
            review = _last_review(life, to) if publish else None
            await work.add(
                life, life.versions[to].body, writer=caller.name, base=life.public.version if life.public else base,
                to="published" if publish else "draft", review=review, note=told,
            )  # fmt: skip
        return life

    async def check(self, body: Mapping[str, Any]) -> tuple[bool, list[Fault]]:
        """Whether a draft could be stored, and everything that keeps it from being published. Stores nothing."""
        try:
            entry = from_dict({**body, "owner": body.get("owner") or self._house})
        except EntryError as error:
            return False, [{"field": problem.field, "message": problem.message} for problem in error.problems]
        unusable = self._rules.unusable(entry)
        async with self._database.read() as session:
            faults = await self._incomplete(session, entry)
        named = {(fault["field"], fault["message"]) for fault in unusable}
        return not unusable, unusable + [one for one in faults if (one["field"], one["message"]) not in named]

    async def diff(self, entry_id: str, old: int, new: int) -> list[Body]:
        """What changed between two versions.

        Raises:
            Problem: 404.
        """
        async with self._database.read() as session:
            life = await self._known(session, entry_id, old)
        _has(life, new)
        return difference(*(shown(life.versions[n], life.last[n]) for n in (old, new)))

    async def content(self, entry_id: str, version: int) -> Body:
        """One version in the public shape, drafts included.

        Raises:
            Problem: 404.
        """
        async with self._database.read() as session:
            life = await self._known(session, entry_id, version)
        return shown(life.versions[version], life.last[version])

    async def keep_dates(self) -> int:
        """Make the planned moves whose day has begun; returns how many. Any gateway does it, and only one of them.

        A plan that has become impossible (somebody published another version since) is dropped and recorded.
        """
        async with self._database.read() as session:
            if not await repository.due(session, self._clock.today()):
                return 0
        made = 0
        async with self._journal.open() as work:
            for plan in await repository.due(work.session, work.today):
                life = await repository.life(work.session, plan.entry_id)
                version = life.in_force if plan.to == "retired" else plan.version
                to: Status = "retired" if plan.to == "retired" else "published"
                refusal = (
                    ("nothing-in-force", "nothing is published")
                    if version is None
                    else life.refusal(version, to, "clock", "clock", self._house)
                )
                await work.unplan(plan.entry_id, plan.to, "clock", refusal[1] if refusal else "its day has come")
                if version is None or refusal:
                    log.warning("plan_dropped", entry=plan.entry_id, to=plan.to, why=refusal and refusal[1])
                    continue
                await work.move(life, version, to, actor="clock", note=f"planned by {plan.actor} for {plan.on}")
                made += 1
        return made

    async def _known(self, session: AsyncSession, entry_id: str, version: int | None = None) -> Life:
        life = await repository.life(session, entry_id)
        if not life.versions:
            raise Problem(404, "no-such-entry", f"there is no entry {entry_id!r}")
        if version is not None:
            _has(life, version)
        return life

    async def _may(self, work: Work, life: Life, version: int, to: Status, caller: Caller) -> None:
        if refusal := life.refusal(version, to, caller.part, caller.name, self._house):
            code, reason = refusal
            raise Problem(403 if code in ("four-eyes", "role-needed") else 409, code, reason)
        if TABLE[life.status(version), to].complete:
            await self._sound_predecessor(work, entry_of(life.versions[version], life.last[version]))

    async def _complete(self, entry_id: str, version: int, to: Status) -> None:
        """Look at the content before the unit of work begins: a version never changes, and others wait to write."""
        async with self._database.read() as session:
            life = await self._known(session, entry_id, version)
            step = TABLE.get((life.status(version), to))
            if step and step.complete:
                entry = entry_of(life.versions[version], life.last[version])
                if faults := await self._incomplete(session, entry):
                    raise invalid(faults, code="incomplete-entry")

    async def _incomplete(self, session: AsyncSession, entry: Entry) -> list[Fault]:
        """Faults of an entry as it would be once published; that of the missing review is what review cures."""
        others = [entry_of(row, move) for move, row in await repository.in_force(session)]
        review = entry.review or Review(self._clock.today(), "second reader")
        return await self._rules.incomplete(replace(entry, status="published", review=review), others)

    async def _sound_predecessor(self, work: Work, entry: Entry) -> None:
        if faults := await self._rules.predecessor(work.session, entry):
            raise invalid(faults)

    async def _take_in(self, work: Work, life: Life, proposal: int, caller: Caller) -> None:
        _has(life, proposal)
        if not life.versions[proposal].proposal or life.status(proposal) != "draft":
            raise Problem(409, "no-open-proposal", f"version {proposal} is no open proposal", field="merges")
        await work.move(life, proposal, "retired", actor=caller.name, note=f"taken into version {life.newest + 1}")

    def _may_publish_at_once(self, life: Life, version: int, caller: Caller) -> None:
        if caller.part not in ("administrator", "operator"):
            raise Problem(403, "role-needed", "only an administrator publishes a rollback without review")
        if not life.was_public(version):
            raise Problem(409, "never-published", f"version {version} was never published: it needs a review")
        if (owner := life.owner(version)) != self._house:
            raise Problem(409, "not-owner", f"this entry belongs to {owner}, which publishes it")


def _has(life: Life, version: int) -> EntryVersion:
    if version not in life.versions:
        raise Problem(404, "no-such-version", f"there is no version {version}; the newest is {life.newest}")
    return life.versions[version]


def _unchanged_since(life: Life, base: int) -> None:
    """Refuse to write over what somebody else wrote meanwhile, and say who and what."""
    _has(life, base)
    if base == life.head:
        return
    row = life.versions[life.head]
    raise Problem(
        409,
        "edited-meanwhile",
        f"{row.writer} wrote version {row.version} at {row.created_at.isoformat()}; yours rests on version {base}: "
        "take both in and save on top of the newest",
        extra={
            "current": {"version": row.version, "writer": row.writer, "at": row.created_at.isoformat()},
            "changes": difference(life.versions[base].body, row.body),
        },
    )


def _last_review(life: Life, version: int) -> Mapping[str, Any] | None:
    reviews: Sequence[Any] = [move.review for move in life.moves if move.version == version and move.review]
    return reviews[-1] if reviews else None

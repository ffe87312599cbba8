"""What a partner sends: published where it owns the entry and both started from the same, else kept as a proposal.

Nothing is silently overwritten. An import rests on ``base``, the state that its sender had before their eyes:

==================================  =======================================================================
the entry here is                   the import
==================================  =======================================================================
already what was sent               unchanged
still ``base``, sender owns it      published (or retired), at once
still ``base``, another owns it     a proposal that the editors of this house review and publish, or not
a state the import's sender passed  unchanged: an old message that came late
anything else                       a conflict: kept as a proposal, and both sides are told what differs
==================================  =======================================================================
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.conversations.schemas import Strict
from api.knowledge import repository
from api.knowledge.editing import Caller, EditingService
from api.knowledge.journal import Journal, Work
from api.knowledge.life import Life
from api.knowledge.models import ImportReceipt
from api.knowledge.rules import Rules, fault, invalid
from api.knowledge.schemas import EntryDraft, EntryOut, FieldChange, Status
from api.knowledge.shape import Body, content, difference, shown, state_of
from api.problems import Problem
from knowledge.entries import EntryError, from_dict, to_dict


class EntryIn(EntryDraft):
    """An entry as the feed gives it. ``version`` is the sender's own count, not ours: it tells a text that is sent
    again from the same text that has come back."""

    version: int = Field(ge=1)
    status: Status = "published"
    review: dict[str, str] | None = None


class Import(Strict):
    """An entry from elsewhere. ``base`` is the ``state`` (see the change feed) that the sender had before their eyes;
    null for an entry that is new there."""

    entry: EntryIn
    base: str | None = None


class Conflict(BaseModel):
    """Both changed since ``base``: the three of them, and which fields differ from the base on either side."""

    base: EntryOut | None
    ours: EntryOut | None
    theirs: EntryOut
    our_changes: list[FieldChange]
    their_changes: list[FieldChange]
    both: list[str]


class Imported(BaseModel):
    """What an import came to: ``version`` is the version here that holds it, ``state`` what the entry is now."""

    result: Literal["published", "retired", "unchanged", "proposed", "drafted", "conflict"]
    id: str
    version: int
    state: str | None
    conflict: Conflict | None = None


class ExchangeService:
    """Takes in what partners send."""

    def __init__(self, journal: Journal, rules: Rules, editing: EditingService) -> None:
        self._journal, self._rules, self._editing = journal, rules, editing

    async def receive(self, partner: str, sent: Mapping[str, Any], base: str | None) -> Imported:
        """Take in one entry; the same import again gives the same result and changes nothing.

        Raises:
            Problem: 422 naming the faulty fields.
        """
        async with self._journal.open() as work:
            return await self.take_in(work, partner, sent, base)

    async def draft(self, caller: Caller, sent: Mapping[str, Any], base: str | None) -> Imported:
        """Take in what an editor of this house sends: as a draft, for it needs a second reader all the same.

        Raises:
            Problem: 422 naming the faulty fields; 409 when somebody wrote another version since ``base``.
        """
        body = {name: sent.get(name) for name in EntryDraft.model_fields}
        life = await self._editing.find(str(sent["id"]))
        if not life.versions:
            life = await self._editing.create(body, caller)
            return _imported("drafted", life, life.head)
        head = life.versions[life.head]
        if head.writer == caller.name and head.body == content(self._usable(sent)):
            return _imported("drafted", life, life.head)
        number = next((move.version for move in life.moves if base and move.state == base), None)
        if number is None:
            detail = "`base` is no state that this entry was in here: read it again, and write on top of that"
            raise Problem(409, "unknown-base", detail, field="base")
        life = await self._editing.edit(str(sent["id"]), number, body, caller)
        return _imported("drafted", life, life.head)

    async def take_in(self, work: Work, partner: str, sent: Mapping[str, Any], base: str | None) -> Imported:
        """As ``receive``, inside a unit of work that takes in several."""
        body = self._usable(sent)
        digest = _digest(body, base)
        if known := await repository.receipt(work.session, partner, digest):
            return Imported.model_validate(known.result)
        life = await repository.life(work.session, body["id"])
        result = await self._apply(work, partner, life, body, base)
        work.session.add(
            ImportReceipt(partner=partner, digest=digest, result=result.model_dump(mode="json"), created_at=work.now)
        )
        await work.session.flush()
        return result

    def _usable(self, sent: Mapping[str, Any]) -> Body:
        try:
            entry = from_dict(sent)
        except EntryError as error:
            raise invalid([fault(problem) for problem in error.problems]) from error
        if faults := self._rules.unusable(entry):
            raise invalid(faults)
        return to_dict(entry)

    async def _apply(self, work: Work, partner: str, life: Life, body: Body, base: str | None) -> Imported:
        here = life.public.state if life.public else None
        there = state_of(content(body), body["status"], body["review"])
        if here == there:
            return _imported("unchanged", life, life.public.version if life.public else 1)
        if body["status"] not in ("published", "retired"):
            return await self._propose(work, partner, life, body, base)
        if here == base and _owner(life, body) == partner:
            return await self._accept(work, partner, life, body)
        if here != base and (passed := _passed(life, there)):
            return _imported("unchanged", life, passed)
        return await self._propose(work, partner, life, body, base)

    async def _accept(self, work: Work, partner: str, life: Life, body: Body) -> Imported:
        """The owner's own step, from where we both stood."""
        faults = await self._rules.predecessor(work.session, from_dict(body))
        if faults:
            raise invalid(faults)
        writer, public = f"partner:{partner}", life.public
        ends = body["status"] == "retired"
        if ends and public and public.after == "published" and life.versions[public.version].body == content(body):
            await work.move(life, public.version, "retired", actor=writer)
            return _imported("retired", life, public.version)
        row = await work.add(
            life, body, writer=writer, base=public.version if public else None,
            to="retired" if ends else "published", review=body["review"],
        )  # fmt: skip
        return _imported("retired" if ends else "published", life, row.version)

    async def _propose(self, work: Work, partner: str, life: Life, body: Body, base: str | None) -> Imported:
        """Keep what may not, or cannot, simply be published; the same text twice is one proposal."""
        here, writer = life.public.state if life.public else None, f"partner:{partner}"
        rests_on = next((move.version for move in life.moves if base and move.state == base), None)
        kept = next(
            (
                row
                for number, row in life.versions.items()
                if row.proposal and row.writer == writer and life.status(number) == "draft"
                and row.body == content(body) and row.base == rests_on
            ),
            None,
        )  # fmt: skip
        note = f"proposed by {partner}" + (": to be retired" if body["status"] == "retired" else "")
        row = kept or await work.add(life, body, writer=writer, base=rests_on, proposal=True, note=note)
        if here == base:
            return _imported("proposed", life, row.version)
        return _imported("conflict", life, row.version, _conflict(life, body, base))


def as_problem(imported: Imported) -> Problem:
    """A conflict as the error that the sender gets."""
    return Problem(
        409,
        "changed-on-both-sides",
        f"{imported.id} changed here and there since the common base; nothing was overwritten: yours is kept as "
        f"the proposal {imported.version}, and an editor will take both in",
        extra=imported.model_dump(mode="json"),
    )


def _conflict(life: Life, body: Body, base: str | None) -> Conflict:
    rests_on = next((move for move in life.moves if base and move.state == base), None)
    old = shown(life.versions[rests_on.version], rests_on) if rests_on else None
    public = life.public
    ours = shown(life.versions[public.version], public) if public else None
    here, there = difference(old or {}, ours or {}), difference(old or {}, body)
    fields = {change["field"] for change in here} & {change["field"] for change in there}
    return Conflict.model_validate(
        {"base": old, "ours": ours, "theirs": body, "our_changes": here, "their_changes": there,
         "both": sorted(fields)}
    )  # fmt: skip


def _imported(result: Any, life: Life, version: int, conflict: Conflict | None = None) -> Imported:
    public = life.public
    entry_id = next(iter(life.versions.values())).entry_id
    return Imported(
        result=result, id=entry_id, version=version, state=public.state if public else None, conflict=conflict
    )


def _owner(life: Life, body: Body) -> str:
    """Who may change the entry: its owner so far; for a new one, whom it names."""
    return life.owner(life.public.version) if life.public else str(body["owner"])


def _passed(life: Life, state: str) -> int | None:
    """The version that was in this public state before."""
    return next((move.version for move in life.moves if move.public and move.state == state), None)


def _digest(body: Body, base: str | None) -> str:
    written = json.dumps([body, base], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()

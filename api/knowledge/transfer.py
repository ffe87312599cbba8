"""Whole sets of entries in: the seed, and an operator's import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.knowledge import repository
from api.knowledge.journal import Work
from api.knowledge.life import Life
from api.knowledge.rules import Rules
from api.knowledge.shape import Body, content, entry_of, state_of
from knowledge.entries import Entry, to_dict
from knowledge.entry_files import Problem

SEED = "seed"


@dataclass(frozen=True)
class Planned:
    """A version that an import writes, or would write; ``before`` is what the newest one says, if there is any."""

    entry_id: str
    version: int
    before: Body | None
    after: Body


async def store(
    session: AsyncSession,
    work: Work | None,
    entries: Sequence[Entry],
    *,
    writer: str = "",
    drafts: bool = False,
) -> list[Planned]:
    """Bring entries into the database where they say something new, with the status that they name.

    A seed leaves alone what anybody else has written to. Without a unit of work nothing is written: the result says
    what would be.
    """
    known = await repository.lives(session)
    planned: list[Planned] = []
    for entry in entries:
        life = known.get(entry.id) or Life([], [])
        if writer == SEED and any(row.writer != SEED for row in life.versions.values()):
            continue
        body = to_dict(replace(entry, status="draft", review=None) if drafts else entry)
        head = life.versions[life.head] if life.versions else None
        if head and _same(life, body, drafts):
            continue
        planned.append(Planned(entry.id, life.newest + 1, head.body if head else None, content(body)))
        if work:
            await work.add(
                life, body, writer=writer, base=life.head or None, to=body["status"], review=body["review"],
                audited=False,
            )  # fmt: skip
    if work and planned:
        versions = {one.entry_id: one.version for one in planned}
        await audit.record(session, work.now, writer, "knowledge.import", "entries", versions=versions)
    return planned


def _same(life: Life, body: Body, drafts: bool) -> bool:
    """Whether the newest version says this already; as a draft, whatever its status is."""
    if drafts:
        return bool(life.versions[life.head].body == content(body))
    return state_of(content(body), body["status"], body["review"]) == life.last[life.head].state


async def incoming(session: AsyncSession, rules: Rules, entries: Sequence[Entry], drafts: bool) -> list[Problem]:
    """What is wrong with entries that are to stand beside those in force, by file and line.

    Drafts only need to be such that nothing breaks; what is published meets every rule.
    """
    names = {entry.id for entry in entries}
    others = [entry_of(row, move) for move, row in await repository.in_force(session) if row.entry_id not in names]
    problems = []
    for entry in entries:
        file, line = entry.place or ("", 0)
        problems += [Problem(file, line, entry.id, one["field"], one["message"]) for one in rules.unusable(entry)]
    return problems or ([] if drafts else await rules.together(entries, others))

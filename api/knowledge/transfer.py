"""Whole sets of entries in and out: the seed, an operator's import, and the export that loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from api.audit import service as audit
from api.knowledge import repository
from api.knowledge.journal import Work
from api.knowledge.life import Life
from api.knowledge.shape import content, state_of
from knowledge.entries import Entry, to_dict


async def store(
    work: Work, entries: Sequence[Entry], *, writer: str, part: Literal["seed", "operator"]
) -> dict[str, int]:
    """Bring entries into the database where they say something new; returns entry id → version written.

    They arrive with the status that they name. A seed leaves alone what anybody else has written to.
    """
    known = await repository.lives(work.session)
    written: dict[str, int] = {}
    for entry in entries:
        life = known.get(entry.id) or Life([], [])
        if part == "seed" and any(row.writer != "seed" for row in life.versions.values()):
            continue
        body = to_dict(entry)
        if life.versions and state_of(content(body), entry.status, body["review"]) == life.last[life.head].state:
            continue
        row = await work.add(
            life,
            body,
            writer=writer,
            base=life.head or None,
            to=entry.status,
            review=body["review"],
            audited=False,
        )
        written[entry.id] = row.version
    if written:
        await audit.record(work.session, work.now, writer, "knowledge.import", "entries", versions=written)
    return written

"""Entries as their editors see them: from records to the shapes of the interface."""

from __future__ import annotations

from collections.abc import Sequence

from api.knowledge.editing import Caller
from api.knowledge.life import EDITORS, TABLE, Life
from api.knowledge.models import EntryPlan
from api.knowledge.schemas import AllowedMove, EntryDetail, EntryOut, EntryRow, PlanOut, StepOut, VersionOut
from api.knowledge.shape import shown


def detail(life: Life, plans: Sequence[EntryPlan], caller: Caller, house: str) -> EntryDetail:
    """One entry with its versions, newest first, and what the caller may do with them."""
    head = life.head
    return EntryDetail(
        entry=EntryOut(**shown(life.versions[head], life.last[head])),
        in_force=life.in_force,
        versions=[version(life, number) for number in sorted(life.versions, reverse=True)],
        moves=allowed(life, caller, house),
        plans=[planned(plan) for plan in plans],
        may_edit=caller.part in EDITORS,
    )


def allowed(life: Life, caller: Caller, house: str) -> list[AllowedMove]:
    """Every step that the table knows for a version, newest version first."""
    moves = []
    for number in sorted(life.versions, reverse=True):
        for (before, to), step in TABLE.items():
            if before != life.status(number) or not step.by & EDITORS:
                continue
            refusal = life.refusal(number, to, caller.part, caller.name, house)
            moves.append(
                AllowedMove(
                    version=number,
                    to=to,
                    allowed=refusal is None,
                    reason=refusal[1] if refusal else None,
                    can_be_planned=step.planned,
                )
            )
    return moves


def version(life: Life, number: int) -> VersionOut:
    """A version with what became of it."""
    row, last = life.versions[number], life.last[number]
    steps = [move for move in life.moves if move.version == number]
    return VersionOut(
        version=number,
        status=life.status(number),
        in_force=number == life.in_force,
        proposal=row.proposal,
        base=row.base,
        writer=row.writer,
        created_at=row.created_at,
        note=row.note,
        review=last.review,
        history=[StepOut.model_validate(move, from_attributes=True) for move in steps],
    )


def planned(plan: EntryPlan) -> PlanOut:
    """A step for a later day."""
    return PlanOut.model_validate(plan, from_attributes=True)


def row(life: Life, plans: Sequence[EntryPlan]) -> EntryRow:
    """A line of the list."""
    head = life.versions[life.head]
    body, questions = head.body, head.body["questions"]
    return EntryRow(
        id=head.entry_id,
        version=head.version,
        status=life.status(head.version),
        in_force=life.in_force,
        open_proposals=[n for n, one in life.versions.items() if one.proposal and life.status(n) == "draft"],
        title={language: wordings[0] for language, wordings in questions.items() if wordings},
        wordings={language: len(wordings) for language, wordings in questions.items()},
        missing=[name for name in head.missing.split(",") if name],
        plans=[planned(plan) for plan in plans],
        writer=head.writer,
        changed_at=life.moves[-1].at,
        **{name: body[name] for name in ("area", "topic", "region", "owner", "valid_to", "review_by")},
    )

"""The life of an entry: which step a version may take, who may take it, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from api.knowledge.models import EntryMove, EntryVersion
from knowledge.entries import Status

Part = Literal["editor", "administrator", "operator", "seed", "partner", "clock"]
EDITORS = frozenset[Part]({"editor", "administrator", "operator"})


@dataclass(frozen=True)
class Step:
    """A step of the table: who takes it, and what it demands beyond that."""

    by: frozenset[Part]
    four_eyes: bool = False  # whoever wrote the version does not take it
    complete: bool = False  # the content meets every rule of knowledge.entry_rules
    current: bool = False  # nothing was published since the version that this one rests on
    planned: bool = False  # may be set for a later day


TABLE: Mapping[tuple[Status | None, Status], Step] = {
    (None, "draft"): Step(EDITORS | {"partner"}),
    (None, "reviewed"): Step(frozenset({"operator"})),
    (None, "published"): Step(frozenset({"operator", "seed", "partner", "administrator"})),
    (None, "retired"): Step(frozenset({"operator", "seed", "partner"})),
    ("draft", "reviewed"): Step(EDITORS, four_eyes=True, complete=True, current=True),
    ("draft", "retired"): Step(EDITORS),
    ("reviewed", "draft"): Step(EDITORS),
    ("reviewed", "published"): Step(EDITORS | {"clock"}, complete=True, current=True, planned=True),
    ("reviewed", "retired"): Step(EDITORS),
    ("published", "retired"): Step(EDITORS | {"partner", "clock"}, planned=True),
}
"""Every step there is; all others are refused. ``None`` is before the beginning. (None, published) is how content
arrives that was reviewed elsewhere: the seed, an operator's import, the owner's version of a partner's entry, and an
administrator's rollback to a text that was published before. A draft that is given up is retired without ever having
been public."""


class Life:
    """Everything known about one entry, read from its versions and moves."""

    def __init__(self, versions: Sequence[EntryVersion], moves: Sequence[EntryMove]) -> None:
        self.versions = {row.version: row for row in sorted(versions, key=lambda row: row.version)}
        self.moves = sorted(moves, key=lambda move: move.cursor)

    def add(self, row: EntryVersion, move: EntryMove) -> None:
        """Take over a step that was just made."""
        self.versions[row.version] = row
        self.moves.append(move)
        for name in ("last", "public", "_shown"):
            self.__dict__.pop(name, None)

    @cached_property
    def last(self) -> dict[int, EntryMove]:
        """The last move of each version: its status and its review."""
        return {move.version: move for move in self.moves}

    @cached_property
    def public(self) -> EntryMove | None:
        """What the world saw last of this entry."""
        return next((move for move in reversed(self.moves) if move.public), None)

    @property
    def in_force(self) -> int | None:
        """The published version."""
        return self.public.version if self.public and self.public.after == "published" else None

    @property
    def newest(self) -> int:
        """The highest version number, 0 before the first."""
        return max(self.versions, default=0)

    @property
    def head(self) -> int:
        """The version that editors go on from: the newest that is not a mere proposal."""
        own = [number for number, row in self.versions.items() if not row.proposal or number in self._shown]
        return max(own, default=self.newest)

    @cached_property
    def _shown(self) -> frozenset[int]:
        return frozenset(move.version for move in self.moves if move.public)

    def owner(self, version: int) -> str:
        """Whose entry a version is of: the owner so far, which alone may hand it over; at first whom it names."""
        return self.versions[self.public.version if self.public else version].owner

    def owner_before(self, move: EntryMove) -> str:
        """Whose entry it was when a move was made."""
        seen = [one.version for one in self.moves if one.public and one.cursor < move.cursor]
        return self.versions[seen[-1] if seen else move.version].owner

    def was_public(self, version: int) -> bool:
        """Whether a version was ever published."""
        return any(move.version == version and move.after == "published" for move in self.moves)

    def rests_on(self, version: int) -> int | None:
        """The public version that a version goes back to, over all drafts between."""
        base = self.versions[version].base
        while base is not None and base in self.versions and base not in self._shown:
            base = self.versions[base].base
        return base

    def status(self, version: int) -> Status:
        """Where a version stands."""
        return _status(self.last[version].after)

    def refusal(self, version: int, to: Status, part: Part, actor: str, house: str) -> tuple[str, str] | None:
        """Why somebody may not take a step, as (code, reason); None when they may. Content is not looked at.

        ``house`` is the organisation that runs this gateway: it publishes what it owns, and of what another owns
        only the owner's versions.
        """
        row, before = self.versions[version], self.status(version)
        step = TABLE.get((before, to))
        if step is None:
            open_to = [after for (start, after), _ in TABLE.items() if start == before]
            ways = f"only {' or '.join(open_to)}" if open_to else "nothing: roll back to it instead"
            return "no-such-move", f"version {version} is {before}; from there it becomes {ways}"
        if part not in step.by:
            return "role-needed", f"a {part} does not make a {before} version {to}"
        if step.four_eyes and row.writer == actor:
            return "four-eyes", f"{actor} wrote version {version}; somebody else must review it"
        owner = self.owner(version)
        if to == "published" and owner != house and row.writer != f"partner:{owner}":
            return "not-owner", f"this entry belongs to {owner}; `consult knowledge sync` proposes it there"
        if step.current and (overtaken := self._overtaken(version)):
            return "overtaken", overtaken
        return None

    def _overtaken(self, version: int) -> str | None:
        public = self.public.version if self.public else None
        if self.rests_on(version) == public:
            return None
        rests = self.rests_on(version)
        begun = f"rests on version {rests}" if rests else "rests on no published version"
        return (
            f"version {version} {begun}, and version {public} was published since: "
            f"write a version on top of {public} that takes both in"
        )


def _status(value: str) -> Status:
    assert value in ("draft", "reviewed", "published", "retired")
    return value  # type: ignore[return-value]

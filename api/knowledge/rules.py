"""What content must meet before it is stored, and before it is reviewed or published."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from api.knowledge import repository
from api.problems import Problem
from knowledge import entry_files
from knowledge.entries import Entry, EntryError, from_dict
from knowledge.entry_rules import Facts, load_divisions, load_facts, validate, validate_one

Fault = dict[str, str]
"""``{field, message}``: what an editor sees beside the field."""


class Rules:
    """The rules, with the fact sheet, divisions and authorities that they refer to."""

    def __init__(self, data: Path) -> None:
        self._data = data

    @cached_property
    def _facts(self) -> Facts:
        return load_facts(self._data / "facts" / "facts.jsonl")

    @cached_property
    def _divisions(self) -> frozenset[str]:
        return load_divisions(self._data / "places" / "divisions.json")

    @cached_property
    def _authorities(self) -> frozenset[str]:
        return frozenset(yaml.safe_load((self._data / "knowledge" / "authorities.yaml").read_text("utf-8")))

    def parse(self, body: Mapping[str, Any]) -> Entry:
        """A well-formed entry that could be shown without breaking anything.

        Raises:
            Problem: 422 with every faulty field.
        """
        try:
            entry = from_dict(body)
        except EntryError as error:
            raise invalid([fault(problem) for problem in error.problems]) from error
        if faults := self.unusable(entry):
            raise invalid(faults)
        return entry

    def unusable(self, entry: Entry) -> list[Fault]:
        """What would break an answer, whoever wrote the entry: names that lead nowhere, no Chinese text to fall
        back to, texts too large for the tables."""
        faults = []
        if entry.authority not in self._authorities:
            known = ", ".join(sorted(self._authorities))
            faults.append({"field": "authority", "message": f"{entry.authority!r} is none of {known}"})
        if entry.region is not None and entry.region not in self._divisions:
            faults.append({"field": "region", "message": f"{entry.region!r} is no division code"})
        if not entry.answer.get("zh"):
            faults.append({"field": "answer", "message": "the Chinese text is missing: others fall back to it"})
        for name, limit in {"id": 80, "topic": 80, "owner": 80, "supersedes": 80}.items():
            if len(getattr(entry, name) or "") > limit:
                faults.append({"field": name, "message": f"is longer than {limit} characters"})
        return faults

    async def incomplete(self, entry: Entry, others: Sequence[Entry]) -> list[Fault]:
        """What keeps an entry from being published beside the others (``knowledge.entry_rules``)."""
        found = await asyncio.to_thread(validate_one, entry, others, self._facts, self._divisions)
        return [fault(problem) for problem in found]

    async def together(self, entries: Sequence[Entry], others: Sequence[Entry]) -> list[entry_files.Problem]:
        """What is wrong with entries that come in together and stand beside others, by file and line."""
        mine = {entry.id for entry in entries}
        found = await asyncio.to_thread(validate, [*others, *entries], self._facts, self._divisions)
        return [problem for problem in found if problem.entry in mine]

    async def predecessor(self, session: AsyncSession, entry: Entry) -> list[Fault]:
        """What is wrong with ``supersedes``: it names an entry, and the chain of predecessors has an end."""
        passed, other = {entry.id}, entry.supersedes
        while other is not None:
            if other in passed:
                return [{"field": "supersedes", "message": f"goes round in a circle at {other!r}"}]
            passed.add(other)
            step = await repository.newest(session, other)
            if step is None:
                return [{"field": "supersedes", "message": f"{other!r} is no entry that was ever published"}]
            other = step[1].body.get("supersedes")
        return []


def fault(problem: entry_files.Problem) -> Fault:
    """A fault of the library as the interface shows it."""
    return {"field": problem.field, "message": problem.message}


def invalid(faults: Sequence[Fault], status: int = 422, code: str = "invalid-entry") -> Problem:
    """The problem document that lists faults."""
    detail = "; ".join(f"{one['field']}: {one['message']}" for one in faults)
    return Problem(status, code, detail, errors=list(faults))

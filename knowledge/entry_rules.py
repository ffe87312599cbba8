"""What must hold between entries, facts and divisions: the checks that editors and CI run on content."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.entries import LANGUAGES, Entry
from knowledge.entry_files import Problem
from knowledge.language import script_of
from knowledge.text.normalise import normalise

VOLATILE_REVIEW = date(2027, 1, 31)
"""Latest day on which an entry with a volatile fact must be looked at again."""

Facts = Mapping[str, Mapping[str, Any]]


def load_facts(path: Path) -> dict[str, dict[str, Any]]:
    """Read the fact sheet (JSON lines) as id → fact."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {row["id"]: row for row in rows}


def load_divisions(path: Path) -> frozenset[str]:
    """Read the codes of all provinces and cities."""
    return frozenset(row["code"] for row in json.loads(path.read_text(encoding="utf-8"))["divisions"])


def validate(entries: Sequence[Entry], facts: Facts, divisions: Collection[str]) -> list[Problem]:
    """Say what is wrong with entries that are well-formed one by one; an empty list means that all is well.

    >>> from knowledge.entries import from_dict
    >>> entry = from_dict({"id": "a", "topic": "t", "area": "life", "questions": {"zh": ["问"]},
    ...     "answer": {"zh": "答"}, "authority": "nia", "facts": ["nowhere"]})
    >>> [problem.field for problem in validate([entry], {}, ())]
    ['questions', 'answer', 'review_by', 'facts']
    """
    ids = {entry.id for entry in entries}
    problems: list[Problem] = []
    for entry in entries:
        for name, message in _faults(entry, facts, divisions, ids):
            problems.append(_problem(entry, name, message))
    return problems + list(_shared_wordings(entries))


def _problem(entry: Entry, name: str, message: str) -> Problem:
    file, line = entry.place or ("", 0)
    return Problem(file, line, entry.id, name, message)


def _faults(
    entry: Entry, facts: Facts, divisions: Collection[str], ids: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Faults of one entry as (field, message)."""
    yield from _language_faults(entry)
    if entry.region is not None and entry.region not in divisions:
        yield "region", f"{entry.region!r} is no division code"
    for other in entry.related:
        if other not in ids or other == entry.id:
            yield "related", f"{other!r} is no other entry"
    if entry.review_by is None:
        yield "review_by", "a day for the next review is missing"
    yield from _fact_faults(entry, facts)


def _language_faults(entry: Entry) -> Iterator[tuple[str, str]]:
    """Missing languages, and Chinese in the wrong script."""
    missing = [language for language in LANGUAGES if not entry.questions.get(language)]
    if missing:
        yield "questions", f"no wording in {', '.join(missing)}"
    missing = [language for language in LANGUAGES if language not in entry.answer]
    if missing:
        yield "answer", f"no text in {', '.join(missing)}"
    if script_of(entry.answer.get("zh", "")) == "hant":
        yield "answer", "the zh text is not in Simplified characters"
    if script_of(entry.answer.get("yue", "")) == "hans":
        yield "answer", "the yue text is not in Traditional characters"


def _fact_faults(entry: Entry, facts: Facts) -> Iterator[tuple[str, str]]:
    """An entry rests on known facts, and says no more about their certainty than they do."""
    if not entry.facts:
        yield "facts", "an answer rests on at least one fact"
    for unknown in (fact for fact in entry.facts if fact not in facts):
        yield "facts", f"{unknown!r} is not in the fact sheet"
    known = [facts[fact] for fact in entry.facts if fact in facts]
    if not known:
        return
    if entry.general != all(fact["confidence"] == "general" for fact in known):
        yield "general", "is true when, and only when, every fact is general"
    if entry.review_by and entry.review_by > VOLATILE_REVIEW and any(fact["volatile"] for fact in known):
        yield "review_by", f"lies after {VOLATILE_REVIEW} although a fact is volatile"


def _shared_wordings(entries: Sequence[Entry]) -> Iterator[Problem]:
    """The same question under two entries of one region makes search toss a coin."""
    seen: dict[tuple[str, str | None], Entry] = {}
    for entry in entries:
        for language, wordings in entry.questions.items():
            for wording in wordings:
                first = seen.setdefault((normalise(wording), entry.region), entry)
                if first.id != entry.id:
                    yield _problem(entry, "questions", f"{language} {wording!r} also stands under {first.id}")

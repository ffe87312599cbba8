"""What must hold between entries, facts and divisions: the checks that editors and CI run on content."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.entries import LANGUAGES, Entry, is_template
from knowledge.entry_files import Problem
from knowledge.language import script_of
from knowledge.text.normalise import normalise

VOLATILE_REVIEW = date(2027, 1, 31)
"""Latest day on which an entry with a volatile fact must be looked at again."""

LONGEST_ANSWER = {"zh": 250, "yue": 250, "en": 120}
"""An answer's limit, in characters for Chinese and words for English; what is beyond it belongs into `more`."""
FEWEST_WORDINGS = 12
"""Wordings that a published entry has in each language at least: where search gets its quality from."""

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
    ['questions', 'questions', 'answer', 'review_by', 'review', 'facts']
    """
    known = {entry.id: entry for entry in entries}
    problems: list[Problem] = []
    for entry in entries:
        for name, message in _faults(entry, facts, divisions, known):
            problems.append(_problem(entry, name, message))
    return problems + list(_shared_wordings(entries))


def validate_one(entry: Entry, others: Sequence[Entry], facts: Facts, divisions: Collection[str]) -> list[Problem]:
    """Say what is wrong with one entry that is to stand among others, which are taken to be sound.

    >>> from knowledge.entries import from_dict
    >>> entry = from_dict({"id": "a", "topic": "t", "area": "life", "questions": {"zh": ["问"]},
    ...     "answer": {"zh": "答"}, "authority": "nia", "supersedes": "a"})
    >>> [problem.message for problem in validate_one(entry, [], {}, ()) if problem.field == "supersedes"]
    ["goes round in a circle at 'a'"]
    """
    rest = [other for other in others if other.id != entry.id]
    known = {other.id: other for other in [*rest, entry]}
    problems = [_problem(entry, name, message) for name, message in _faults(entry, facts, divisions, known)]
    taken = {(_plain(wording), other.region): other for other in rest for wording in _wordings(other)}
    for wording in _wordings(entry):
        if first := taken.get((_plain(wording), entry.region)):
            problems.append(_problem(entry, "questions", f"{wording!r} also stands under {first.id}"))
    return problems


def _wordings(entry: Entry) -> Iterator[str]:
    return (wording for wordings in entry.questions.values() for wording in wordings)


@lru_cache(maxsize=200_000)
def _plain(wording: str) -> str:
    """Normalised once: an editor's check compares with every wording there is."""
    return normalise(wording)


def _problem(entry: Entry, name: str, message: str) -> Problem:
    file, line = entry.place or ("", 0)
    return Problem(file, line, entry.id, name, message)


def _faults(
    entry: Entry, facts: Facts, divisions: Collection[str], known: Mapping[str, Entry]
) -> Iterator[tuple[str, str]]:
    """Faults of one entry as (field, message)."""
    yield from _question_faults(entry)
    yield from _text_faults("answer", entry.answer)
    if entry.more:
        yield from _text_faults("more", entry.more)
    yield from _length_faults(entry)
    if entry.region is not None and entry.region not in divisions:
        yield "region", f"{entry.region!r} is no division code"
    for other in entry.related:
        if other not in known or other == entry.id:
            yield "related", f"{other!r} is no other entry"
    yield from _supersedes_faults(entry, known)
    yield from _review_faults(entry)
    yield from _fact_faults(entry, facts)


def _question_faults(entry: Entry) -> Iterator[tuple[str, str]]:
    """Languages without a wording, or with too few of them to be found by; a template is not to be found."""
    if is_template(entry):
        return
    counts = {language: len(entry.questions.get(language, ())) for language in LANGUAGES}
    if missing := [language for language, count in counts.items() if not count]:
        yield "questions", f"no wording in {', '.join(missing)}"
    few = [f"{language} {count}" for language, count in counts.items() if 0 < count < FEWEST_WORDINGS]
    if few and entry.status == "published":
        yield "questions", f"fewer than {FEWEST_WORDINGS} wordings: {', '.join(few)}"


def _text_faults(name: str, text: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Missing languages, and Chinese in the wrong script."""
    if missing := [language for language in LANGUAGES if language not in text]:
        yield name, f"no text in {', '.join(missing)}"
    if script_of(text.get("zh", "")) == "hant":
        yield name, "the zh text is not in Simplified characters"
    if script_of(text.get("yue", "")) == "hans":
        yield name, "the yue text is not in Traditional characters"


def _length_faults(entry: Entry) -> Iterator[tuple[str, str]]:
    """An answer that does not fit a phone's screen."""
    for language, text in entry.answer.items():
        size = len(text.split()) if language == "en" else len(text)
        if size > LONGEST_ANSWER[language]:
            yield "answer", f"{language}: {size} is over {LONGEST_ANSWER[language]}; move the rest into `more`"


def _supersedes_faults(entry: Entry, known: Mapping[str, Entry]) -> Iterator[tuple[str, str]]:
    """An entry replaces one that exists, and not, over however many steps, itself."""
    passed, other = {entry.id}, entry.supersedes
    while other is not None:
        if other in passed:
            yield "supersedes", f"goes round in a circle at {other!r}"
            return
        if other not in known:
            yield "supersedes", f"{other!r} is no entry"
            return
        passed.add(other)
        other = known[other].supersedes


def _review_faults(entry: Entry) -> Iterator[tuple[str, str]]:
    """When it was last read, and when it must be read again (data/knowledge/REVIEW.md)."""
    if entry.review_by is None:
        yield "review_by", "a day for the next review is missing"
    if entry.review is None:
        if entry.status == "published":
            yield "review", "no second reader has read what is published"
    elif entry.review_by and entry.review_by < entry.review.on:
        yield "review_by", "lies before the last review"
    if entry.review_by and entry.valid_to and entry.review_by > entry.valid_to:
        yield "review_by", "lies after valid_to: too late to see whether the policy goes on"


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
                first = seen.setdefault((_plain(wording), entry.region), entry)
                if first.id != entry.id:
                    yield _problem(entry, "questions", f"{language} {wording!r} also stands under {first.id}")

"""What the knowledge base covers: facts that no entry states, and entries with too few wordings to be found by."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.entries import LANGUAGES, Entry, is_template
from knowledge.entry_rules import FEWEST_WORDINGS, Facts

MOST_ASKED = 60
"""How many entries count as those most asked for."""
MOST_ASKED_WORDINGS = 30
"""Wordings that each of them has in each language at least."""


@dataclass(frozen=True)
class Topic:
    """One topic's published entries; `wordings` and `unanswered` (entries without an answer) are by language."""

    name: str
    entries: int
    wordings: Mapping[str, int]
    unanswered: Mapping[str, int]


@dataclass(frozen=True)
class Thin:
    """An entry with fewer wordings in a language than its share of questions calls for."""

    entry: str
    language: str
    wordings: int
    wanted: int


@dataclass(frozen=True)
class Coverage:
    """`missing`: facts that no published entry states. `unknown`: facts that entries name and the sheet lacks."""

    facts: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    topics: tuple[Topic, ...]
    thin: tuple[Thin, ...]


def coverage(entries: Sequence[Entry], facts: Facts, asked: Mapping[str, int] | None = None) -> Coverage:
    """Hold the published entries against the fact sheet; `asked` says how often people asked for each fact.

    A template counts for nothing: it states a fact only once something was computed.

    >>> from knowledge.entries import from_dict
    >>> entry = from_dict({"id": "a", "topic": "t", "area": "life", "questions": {"zh": ["问"]},
    ...     "answer": {"zh": "答"}, "authority": "nia", "facts": ["fee"]})
    >>> found = coverage([entry], {"fee": {}, "hours": {}})
    >>> found.missing, found.topics[0].unanswered["yue"], found.thin[0]
    (('hours',), 1, Thin(entry='a', language='zh', wordings=1, wanted=12))
    """
    published = [entry for entry in entries if entry.status == "published" and not is_template(entry)]
    stated = {fact for entry in published for fact in entry.facts}
    most_asked = frozenset(_most_asked(published, asked or {}))
    return Coverage(
        facts=len(facts),
        missing=tuple(fact for fact in facts if fact not in stated),
        unknown=tuple(sorted(stated - set(facts))),
        topics=tuple(_topic(name, published) for name in sorted({entry.topic for entry in published})),
        thin=tuple(thin for entry in published for thin in _thin(entry, entry.id in most_asked)),
    )


def load_asked(paths: Sequence[Path]) -> Counter[str]:
    """Count how often files of questions (JSON lines with `fact_ids`) ask for each fact."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return Counter(fact for line in lines for fact in json.loads(line).get("fact_ids") or ())


def _most_asked(entries: Sequence[Entry], asked: Mapping[str, int]) -> list[str]:
    """The ids of the national entries whose facts were asked for most; entries never asked for are none of them.

    A question that several entries answer counts for each in part; a local entry leans on its national twin.
    """
    national = [entry for entry in entries if entry.region is None]
    stated = Counter(fact for entry in national for fact in entry.facts)
    counts = {entry.id: sum(asked.get(fact, 0) / stated[fact] for fact in entry.facts) for entry in national}
    ranked = sorted((id for id, count in counts.items() if count), key=lambda id: (-counts[id], id))
    return ranked[:MOST_ASKED]


def _topic(name: str, entries: Sequence[Entry]) -> Topic:
    ours = [entry for entry in entries if entry.topic == name]
    return Topic(
        name,
        len(ours),
        {language: sum(len(entry.questions.get(language, ())) for entry in ours) for language in LANGUAGES},
        {language: sum(language not in entry.answer for entry in ours) for language in LANGUAGES},
    )


def _thin(entry: Entry, most_asked: bool) -> Iterator[Thin]:
    wanted = MOST_ASKED_WORDINGS if most_asked else FEWEST_WORDINGS
    for language in LANGUAGES:
        count = len(entry.questions.get(language, ()))
        if count < wanted:
            yield Thin(entry.id, language, count, wanted)

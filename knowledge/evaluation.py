"""How well search finds answers to the questions of a file, beside BM25 alone, dense alone, and other models.

The questions (JSON lines with id, lang, text, expect, fact_ids, history) are neither indexed nor trained on. A hit is
right when its entry states one of the facts that the question asks for.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from knowledge.calibration import Calibration
from knowledge.encoder import Encoder
from knowledge.entries import LANGUAGES, Entry, effective
from knowledge.index import KnowledgeIndex
from knowledge.language import Language, detect
from knowledge.measures import Judged, Ranks, Reliability, quantiles, reliability
from knowledge.search import Searcher, decide
from knowledge.text.tokens import search_tokens

DEPTH = 10
"""How many hits are looked at; a right one further down counts as not found."""


@dataclass(frozen=True)
class Question:
    """One question of a file; `text` holds the user's earlier turns too, `language` is the one it is written in."""

    id: str
    text: str
    language: Language
    expect: str
    facts: frozenset[str]


def question_text(row: Mapping[str, Any]) -> str:
    """What a row of a questions file asks: on a row with history, the user's turns joined."""
    earlier = (row.get("history") or [])[::2]
    return " ".join([*earlier, row["text"]])


def load_questions(path: Path) -> list[Question]:
    """Read a questions file. Raises ValueError naming the line that is no question."""
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            facts = frozenset(row.get("fact_ids") or ())
            questions.append(Question(str(row["id"]), question_text(row), row["lang"], row["expect"], facts))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name}, line {number}: not a question: {error!r}") from error
    return questions


class System(Protocol):
    """Something that ranks entries for a question, best first."""

    def __call__(self, text: str, language: Language) -> Sequence[Entry]:
        """At most `DEPTH` entries."""
        ...


def hybrid(searcher: Searcher, on: date) -> System:
    """The service's own search."""

    def rank(text: str, language: Language) -> Sequence[Entry]:
        return [hit.entry for hit in searcher.search(text, language=language, region=None, on=on, k=DEPTH)]

    return rank


def dense_alone(index: KnowledgeIndex, encoder: Encoder, on: date) -> System:
    """Entries by their nearest row, exactly."""
    return _by_best_row(index, on, lambda text: index.rows.vectors @ encoder.encode([text])[0])


def bm25_alone(index: KnowledgeIndex, on: date) -> System:
    """Entries by their best row, as the library bm25s has it out of the box, over the words that search uses."""
    import bm25s

    model = bm25s.BM25()
    model.index([search_tokens(text) or [""] for text in index.rows.texts], show_progress=False)
    return _by_best_row(index, on, lambda text: np.asarray(model.get_scores(search_tokens(text) or [""])))


def _by_best_row(index: KnowledgeIndex, on: date, scores: Callable[[str], Any]) -> System:
    filled = np.diff(index.starts) > 0  # a template has no texts
    allowed = filled & np.array([entry.region is None and effective(entry, on) for entry in index.entries])

    def rank(text: str, language: Language) -> Sequence[Entry]:
        best = np.full(len(index), -np.inf)
        best[filled] = np.maximum.reduceat(scores(text), index.starts[:-1][filled])
        best[~allowed] = -np.inf
        return [index.entries[place] for place in np.argsort(-best, kind="stable")[:DEPTH] if allowed[place]]

    return rank


@dataclass(frozen=True)
class Found:
    """What a system found: by language of the question, and how long a question took (p50, p95 in ms)."""

    name: str
    by_language: dict[str, Ranks]
    latency: tuple[float, float]


def measure(name: str, system: System, questions: Sequence[Question]) -> Found:
    """Put the answerable questions to a system."""
    ranks: dict[str, list[int | None]] = {language: [] for language in LANGUAGES}
    times = []
    for question in questions:
        if question.expect != "answer":
            continue
        spoken = detect(question.text).language or question.language
        begun = time.perf_counter()
        entries = system(question.text, spoken)
        times.append(time.perf_counter() - begun)
        ranks[question.language].append(rank_of(entries, question.facts))
    return Found(name, {language: Ranks.of(ranks[language]) for language in LANGUAGES}, quantiles(times))


def rank_of(entries: Sequence[Entry], facts: frozenset[str]) -> int | None:
    """Place of the first entry that states one of the facts, counted from 1."""
    return next((place for place, entry in enumerate(entries, start=1) if facts & set(entry.facts)), None)


def across_languages(
    entries: Sequence[Entry], encoder: Encoder, calibration: Calibration, questions: Sequence[Question], on: date
) -> dict[str, dict[str, Ranks]]:
    """Language of the base → language of the question → ranks, with a base that has texts in one language only."""
    table = {}
    for language in LANGUAGES:
        left = [_only(entry, language) for entry in entries]
        index = KnowledgeIndex.build([entry for entry in left if entry.questions or entry.answer], encoder)
        found = measure(language, hybrid(Searcher(index, encoder, calibration), on), questions)
        table[language] = found.by_language
    return table


def _only(entry: Entry, language: str) -> Entry:
    """An entry with its texts in one language."""
    questions = {name: texts for name, texts in entry.questions.items() if name == language}
    answer = {name: text for name, text in entry.answer.items() if name == language}
    return replace(entry, questions=questions, answer=answer)


@dataclass(frozen=True)
class Verdicts:
    """What search did with each kind of question: expected → outcome → how many, and whether it knew how sure it was.

    Outcomes: right and wrong (answers), ask, decline.
    """

    confusion: dict[str, Counter[str]]
    reliability: Reliability
    rows: list[dict[str, Any]]


OUTCOMES = ("right", "wrong", "ask", "decline")


def judge(questions: Sequence[Question], searcher: Searcher, calibration: Calibration, on: date) -> Verdicts:
    """Put every question to search alone and count what it decides."""
    confusion: dict[str, Counter[str]] = {}
    sure: list[Judged] = []
    rows = []
    for question in questions:
        spoken = detect(question.text).language or question.language
        hits = searcher.search(question.text, language=spoken, region=None, on=on)
        verdict = decide(hits, calibration)
        due = question.expect == "answer"
        right = due and bool(hits) and rank_of([hits[0].entry], question.facts) == 1
        outcome = {"answer": "right" if right else "wrong", "clarify": "ask", "decline": "decline"}[verdict]
        confusion.setdefault(question.expect, Counter())[outcome] += 1
        sure.append(Judged(question.language, hits[0].score if hits else 0.0, right, due))
        top = [(hit.entry.id, round(hit.score, 3)) for hit in hits[:3]]
        rows.append(
            {"id": question.id, "text": question.text, "expect": question.expect, "outcome": outcome, "hits": top}
        )
    return Verdicts(confusion, reliability(sure), rows)

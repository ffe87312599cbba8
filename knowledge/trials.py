"""Held-out questions: what search would do with a wording it has never seen.

Near-identical wordings of an entry are held out together, so that a question is never found by its own twin.
Questions that nothing answers (data/knowledge/negatives.yaml) come along: they show when to stay silent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import yaml

from knowledge.encoder import Encoder, StaticEncoder
from knowledge.entries import LANGUAGES, Entry
from knowledge.index import KnowledgeIndex
from knowledge.language import Language
from knowledge.ranking import Candidates, Filter, candidates
from knowledge.training import tuned_to

FOLDS = 4
TWIN = 0.85
"""Cosine from which two wordings of one entry are held out together."""


@dataclass(frozen=True)
class Trial:
    """One question put to an index that lacks it; `place` is where the right entry came, -1 when nowhere.

    `gold` is that entry, or None for a question that nothing answers.
    """

    text: str
    language: Language
    gold: Entry | None
    fold: int
    found: Candidates
    entries: tuple[Entry, ...]
    reach: float = 1.0
    """Share (0..1) of such questions that get past the engine to search."""

    @property
    def place(self) -> int:
        """Row of the right entry among the candidates, or -1."""
        gold = self.gold
        return next((row for row, entry in enumerate(self.entries) if gold and entry.id == gold.id), -1)

    def right(self, row: int) -> bool:
        """Whether a candidate is a right answer: the entry itself, or one that states a fact of it."""
        entry = self.entries[row]
        return self.gold is not None and (entry.id == self.gold.id or bool(set(entry.facts) & set(self.gold.facts)))


@dataclass(frozen=True)
class Negative:
    """A message that nothing answers, and the share of its kind that gets past the engine."""

    text: str
    language: Language
    kind: str
    reach: float = 1.0


def load_negatives(folder: Path) -> list[Negative]:
    """Read negatives.yaml (out of scope, personal cases, small talk …) and reaching.json of the knowledge folder.

    Raises ValueError when a kind of message has no measured reach: run bot/reaching.py.
    """
    kinds = yaml.safe_load((folder / "negatives.yaml").read_text(encoding="utf-8"))
    reach = json.loads((folder / "reaching.json").read_text(encoding="utf-8"))["kinds"]
    if unmeasured := set(kinds) - set(reach):
        raise ValueError(f"reaching.json lacks {', '.join(sorted(unmeasured))}: run bot/reaching.py")
    languages = cast("tuple[Language, ...]", LANGUAGES)
    return [
        Negative(str(text), language, kind, float(reach[kind][language]))
        for kind, texts in kinds.items()
        for language in languages
        for text in texts[language]
    ]


def groups(wordings: Sequence[str], encoder: Encoder) -> list[int]:
    """Number wordings so that near-identical ones share a number (single link at cosine `TWIN`).

    >>> from knowledge.encoder import StaticEncoder
    >>> from knowledge.paths import DATA
    >>> groups(["护照多少钱", "办护照多少钱", "签证过期了"], StaticEncoder(DATA / "encoder"))
    [0, 0, 2]
    """
    vectors = encoder.encode(wordings)
    number = list(range(len(wordings)))
    for one, other in zip(*np.nonzero(np.triu(vectors @ vectors.T >= TWIN, 1)), strict=True):
        old, new = max(number[one], number[other]), min(number[one], number[other])
        number = [new if value == old else value for value in number]
    return number


def folds(entries: Sequence[Entry], encoder: Encoder) -> dict[tuple[str, str], int]:
    """(entry id, wording) → fold. Groups of an entry take turns, so each fold loses about as many."""
    found: dict[tuple[str, str], int] = {}
    for shift, entry in enumerate(entries):
        wordings = [wording for texts in entry.questions.values() for wording in texts]
        turns: dict[int, int] = {}
        for wording, group in zip(wordings, groups(wordings, encoder), strict=True):
            turn = turns.setdefault(group, len(turns))
            found[entry.id, wording] = (turn + shift) % FOLDS
    return found


def without(entry: Entry, fold: int, assigned: Mapping[tuple[str, str], int]) -> Entry:
    """The entry with the wordings of one fold taken out."""
    left = {
        language: tuple(text for text in texts if assigned[entry.id, text] != fold)
        for language, texts in entry.questions.items()
    }
    return replace(entry, questions=left)


def trials(
    entries: Sequence[Entry], encoder: Encoder, negatives: Sequence[Negative], every: int = 1, first: int = FOLDS
) -> Iterator[Trial]:
    """Put every (or each `every`-th) held-out wording, and every negative once, to an index that lacks it.

    A static `encoder` is the untuned one: it is tuned anew for each fold, on that fold's wordings alone, so that
    the encoder has not seen the held-out ones either. Of the folds only the `first` ones are run.
    """
    assigned = folds(entries, encoder)
    for fold in range(first):
        left = [without(entry, fold, assigned) for entry in entries]
        tuned = tuned_to(encoder, left, f"fold{fold}") if isinstance(encoder, StaticEncoder) else encoder
        index = KnowledgeIndex.build(left, tuned)
        allowed = Filter(index, [True] * len(index))
        questions = [
            (text, cast(Language, language), entry, 1.0)
            for entry in entries
            for language, texts in entry.questions.items()
            for text in texts
            if assigned[entry.id, text] == fold
        ][::every]
        silent = [(one.text, one.language, None, one.reach) for one in negatives[fold::first]]
        for text, language, gold, reach in [*questions, *silent]:
            found = candidates(index, tuned, text, language, allowed)
            yield Trial(text, language, gold, fold, found, tuple(index.entries[n] for n in found.entries), reach)

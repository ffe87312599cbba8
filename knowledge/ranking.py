"""What is measured of a question and an entry, before anything is decided about them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Encoder
from knowledge.entries import LANGUAGES
from knowledge.index import KnowledgeIndex
from knowledge.lexical import letter_groups
from knowledge.text.normalise import drop_broken
from knowledge.text.terms import MARK
from knowledge.text.tokens import search_tokens

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

FEATURES = (
    "dense_max", "dense_top3", "dense_same", "dense_answer", "words_max", "words_top3", "words_same", "letters_max",
    "letters_top3", "coverage", "marks",
)  # fmt: skip
"""Names of the columns of `Candidates.features`, in order."""

_ROWS = 160
_CANDIDATES = 24
_NOTHING = np.float32(-9.0)
"""Stands where an entry has no row: below every score."""


@dataclass(frozen=True)
class Candidates:
    """Entries worth a second look: numbers in the index, a feature row each, and the wording that fitted best."""

    entries: Places
    features: Floats
    matched: tuple[str, ...]
    known: float
    """Share (0..1) of the question's words, weighted by rarity, that occur anywhere in the knowledge base."""
    length: int
    """Number of distinct words of the question."""


class Filter:
    """The entries that one caller may be answered from, row by row."""

    def __init__(self, index: KnowledgeIndex, allowed: Sequence[bool]) -> None:
        self.rows = np.asarray(allowed, dtype=bool)[index.row_entry] if len(index) else np.zeros(0, dtype=bool)
        self.selection = index.dense.select(self.rows)
        self.count = self.selection.count


@dataclass(frozen=True)
class _Question:
    """A question in every form that it is looked up in."""

    vector: Floats
    words: Floats
    """A score for each row, as `letters`."""
    letters: Floats
    language: int
    ids: Places
    """Numbers of its distinct words; -1 for one that no entry has."""
    weights: Floats
    """What each word weighs, by how few entries have it; unknown ones weigh like the rarest."""
    marks: NDArray[np.bool_]
    """Which of its words name a known thing."""


def _question(index: KnowledgeIndex, encoder: Encoder, query: str, language: str) -> _Question:
    tokens = list(dict.fromkeys(search_tokens(query)))
    ids = index.word_numbers(tokens)
    weights = np.where(ids >= 0, index.worth[ids], np.log(1 + len(index))).astype(np.float32)
    marks = np.array([token.startswith(MARK) for token in tokens], dtype=bool)
    vector = encoder.encode([drop_broken(query)])[0]
    letters = index.letters.scores(letter_groups(query))
    return _Question(vector, index.words.scores(tokens), letters, LANGUAGES.index(language), ids, weights, marks)


def candidates(index: KnowledgeIndex, encoder: Encoder, query: str, language: str, allowed: Filter) -> Candidates:
    """Look a question up in every way and measure the best `_CANDIDATES` entries.

    The filter is applied inside both searches, so that entries the caller must not see take no place among the best.
    """
    asked = _question(index, encoder, query, language)
    entries = _best_entries(index, asked, allowed)
    features, matched = _measure(index, asked, entries)
    known = float(_shares(asked.weights, asked.ids >= 0))
    return Candidates(entries, features, matched, known, len(asked.ids))


def _best_entries(index: KnowledgeIndex, asked: _Question, allowed: Filter) -> Places:
    """The entries of the best rows, best first: rows near in meaning, and rows that share words or letters."""
    near, _ = index.dense.search(asked.vector, _ROWS, allowed.selection)
    shared = asked.words + 0.5 * asked.letters
    shared *= allowed.rows
    rows = np.union1d(near, _highest(shared, _ROWS))
    total = index.rows.vectors[rows] @ asked.vector + shared[rows]
    ranked = rows[np.argsort(-total, kind="stable")][:_ROWS]
    return np.array(list(dict.fromkeys(index.row_entry[ranked].tolist()))[:_CANDIDATES], dtype=np.int64)


def _highest(scores: Floats, count: int) -> Places:
    """Rows with the highest scores, `count` at most, in no order; of those below half the best, none."""
    top = float(scores.max()) if len(scores) else 0.0
    if top <= 0:
        return np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(scores >= top / 2)
    return rows if len(rows) <= count else rows[np.argpartition(-scores[rows], count - 1)[:count]]


def _measure(index: KnowledgeIndex, asked: _Question, entries: Places) -> tuple[Floats, tuple[str, ...]]:
    """The features of entries, shape (entries, features), and the best row's text of each."""
    if not len(entries):
        return np.zeros((0, len(FEATURES)), dtype=np.float32), ()
    starts, sizes = index.starts[entries], index.starts[entries + 1] - index.starts[entries]
    places = np.arange(sizes.max())
    inside = places < sizes[:, None]
    rows = np.where(inside, starts[:, None] + places, starts[:, None])
    table = index.rows
    answer = inside & table.answers[rows]
    wording = inside & ~answer
    same = wording & (table.languages[rows] == asked.language)
    near = np.full(rows.shape, _NOTHING)
    for line, (start, size) in enumerate(zip(starts, sizes, strict=True)):  # a slice is no copy, a list of rows is
        near[line, :size] = table.vectors[start : start + size] @ asked.vector
    words, letters = asked.words[rows], asked.letters[rows]
    columns = [
        _top(near, wording, 1), _top(near, wording, 3), _top(near, same, 1), _top(near, answer, 1),
        _top(words, inside, 1), _top(words, inside, 3), _top(words, same, 1),
        _top(letters, inside, 1), _top(letters, inside, 3),
        *_coverage(index, asked, entries),
    ]  # fmt: skip
    best = np.argmax(np.where(inside, near + words + 0.5 * letters, _NOTHING), axis=1)
    texts = tuple(table.texts[row] for row in rows[np.arange(len(rows)), best])
    return np.stack(columns, axis=1).astype(np.float32), texts


def _top(values: Floats, counted: NDArray[np.bool_], count: int) -> Floats:
    """For each line the mean of its best `count` counted values; 0 of none. More than one damps a lucky wording."""
    kept = np.where(counted, values, _NOTHING)
    if count == 1 or kept.shape[1] <= count:
        best = kept.max(axis=1, keepdims=True) if count == 1 else kept
    else:
        best = np.partition(kept, -count, axis=1)[:, -count:]
    real = best > _NOTHING
    return np.asarray(np.where(real, best, 0).sum(axis=1) / np.maximum(real.sum(axis=1), 1), dtype=np.float32)


def _coverage(index: KnowledgeIndex, asked: _Question, entries: Places) -> tuple[Floats, Floats]:
    """Shares of the question's words, and of the known things it names, that each entry speaks of, by rarity."""
    spoken = np.stack([index.has_words(int(entry), asked.ids) for entry in entries])
    return _shares(asked.weights, spoken), _shares(asked.weights * asked.marks, spoken)


def _shares(weights: Floats, counted: NDArray[np.bool_]) -> Floats:
    """Of all weights, shape (words,), the share that is counted, shape (…, words); 0 where there are no weights."""
    shares: Floats = (counted * weights).sum(axis=-1) / (weights.sum() or 1.0)
    return shares

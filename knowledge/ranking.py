"""What is measured of a question and an entry, before anything is decided about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
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
_FAISS: Any = faiss
"""The module without its generated types, which do not know the arguments its Python layer adds."""

FEATURES = (
    "dense_max", "dense_top3", "dense_same", "dense_answer", "words_max", "words_top3", "words_same", "letters_max",
    "letters_top3", "coverage", "marks",
)  # fmt: skip
"""Names of the columns of `Candidates.features`, in order."""

_ROWS = 160
_CANDIDATES = 24


@dataclass(frozen=True)
class Candidates:
    """Entries worth a second look: numbers in the index, a feature row each, and the wording that fitted best."""

    entries: NDArray[np.int64]
    features: Floats
    matched: tuple[str, ...]
    known: float
    """Share (0..1) of the question's words, weighted by rarity, that occur anywhere in the knowledge base."""
    length: int
    """Number of distinct words of the question."""


class Filter:
    """The entries that one caller may be answered from, in the forms that FAISS, BM25 and NumPy want."""

    def __init__(self, index: KnowledgeIndex, allowed: Sequence[bool]) -> None:
        self.rows = np.asarray(allowed, dtype=bool)[index.row_entry] if len(index) else np.zeros(0, dtype=bool)
        self.count = int(self.rows.sum())
        self.weights = self.rows.astype(np.float32)
        bits = np.packbits(self.rows, bitorder="little")
        self._bits = bits  # the selector keeps a bare pointer into it
        self.selector = _FAISS.IDSelectorBitmap(bits)


def candidates(index: KnowledgeIndex, encoder: Encoder, query: str, language: str, allowed: Filter) -> Candidates:
    """Look a question up in every way and measure the best `_CANDIDATES` entries.

    The filter is applied inside both searches, so that entries the caller must not see take no place among the best.
    """
    tokens = search_tokens(query)
    vector = encoder.encode([drop_broken(query)])
    words = index.words.scores(tokens, allowed.weights)
    letters = index.letters.scores(letter_groups(query), allowed.weights)
    dense = _dense(index, vector, allowed)
    total = dense + words + 0.5 * letters
    total[~allowed.rows] = -9.0
    rows = _best(total, min(_ROWS, allowed.count))
    entries = np.array(list(dict.fromkeys(index.row_entry[rows].tolist()))[:_CANDIDATES], dtype=np.int64)
    code = LANGUAGES.index(language)
    measured = [_measure(index, int(entry), vector[0], words, letters, tokens, code) for entry in entries]
    features = np.array([row for row, _ in measured], dtype=np.float32).reshape(len(entries), len(FEATURES))
    distinct = set(tokens)
    return Candidates(entries, features, tuple(text for _, text in measured), _known(index, distinct), len(distinct))


def _dense(index: KnowledgeIndex, vector: Floats, allowed: Filter) -> Floats:
    """Cosine of the best rows; a row outside the best `_ROWS` counts as 0, so only another search can bring it in."""
    scores = np.zeros(len(index.rows), dtype=np.float32)
    if allowed.count:
        parameters = _FAISS.SearchParameters(sel=allowed.selector)
        found, rows = index.dense.search(vector, min(_ROWS, allowed.count), params=parameters)
        scores[rows[0][rows[0] >= 0]] = found[0][rows[0] >= 0]
    return scores


def _best(scores: Floats, count: int) -> NDArray[np.int64]:
    """Numbers of the best rows, best first; equal scores in the order of the index."""
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    part = np.argpartition(-scores, count - 1)[:count]
    return np.asarray(part[np.lexsort((part, -scores[part]))], dtype=np.int64)


def _measure(
    index: KnowledgeIndex,
    entry: int,
    vector: Floats,
    words: Floats,
    letters: Floats,
    tokens: list[str],
    language: int,
) -> tuple[list[float], str]:
    """The features of one entry, and its best wording."""
    start, end = int(index.starts[entry]), int(index.starts[entry + 1])
    dense = index.vectors[start:end] @ vector
    answer = index.row_answer[start:end]
    same = (index.row_language[start:end] == language) & ~answer
    question, lexical, letter = dense[~answer], words[start:end], letters[start:end]
    row = [
        _top(question, 1), _top(question, 3), _top(dense[same], 1), _top(dense[answer], 1),
        _top(lexical, 1), _top(lexical, 3), _top(lexical[same], 1), _top(letter, 1), _top(letter, 3),
        *_coverage(index, entry, tokens),
    ]  # fmt: skip
    best = start + int(np.argmax(dense + lexical + 0.5 * letter))
    return row, index.rows[best].text


def _top(values: Floats, count: int) -> float:
    """Mean of the best `count` values; 0 of none. More than one damps a single lucky wording."""
    if not len(values):
        return 0.0
    return float(values.max() if count == 1 else np.sort(values)[-count:].sum() / min(count, len(values)))


def _coverage(index: KnowledgeIndex, entry: int, tokens: list[str]) -> tuple[float, float]:
    """Shares of the question's words, and of the known things it names, that the entry speaks of, by rarity."""
    rarest = float(np.log(1 + len(index)))
    own = index.entry_tokens[entry]
    weights = {token: index.idf.get(token, rarest) for token in tokens}
    marks = {token: weight for token, weight in weights.items() if token.startswith(MARK)}
    covered = sum(weight for token, weight in weights.items() if token in own)
    marked = sum(weight for token, weight in marks.items() if token in own)
    return covered / (sum(weights.values()) or 1.0), marked / (sum(marks.values()) or 1.0)


def _known(index: KnowledgeIndex, tokens: set[str]) -> float:
    """Share of the question's words that the knowledge base has at all, unknown ones weighing like the rarest."""
    rarest = float(np.log(1 + len(index)))
    total = sum(index.idf.get(token, rarest) for token in tokens)
    return sum(index.idf.get(token, 0.0) for token in tokens) / total if total else 0.0

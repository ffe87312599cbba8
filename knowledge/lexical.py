"""Lexical scores: BM25 over words, and over letter groups, which forgive typing errors."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.text.mask import strip_placeholders
from knowledge.text.normalise import normalise

Scores = NDArray[np.float32]


class Lexicon:
    """BM25 over a fixed list of token lists, with scores a query's length does not blow up.

    >>> lexicon = Lexicon([["visa", "fee"], ["passport", "fee"]])
    >>> scores = lexicon.scores(["passport"], np.ones(2, dtype=np.float32))
    >>> bool(scores[1] > scores[0] == 0)
    True
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._size = len(documents)
        self._idf = inverse_frequencies(documents)
        self._unknown = math.log(1 + self._size)
        self._model = bm25s.BM25(method="lucene", k1=0.9, b=0.3)
        if self._idf:
            self._model.index([list(tokens) or [""] for tokens in documents], show_progress=False)

    def scores(self, tokens: Sequence[str], mask: NDArray[np.float32]) -> Scores:
        """One score a document, about 0 (nothing shared) to 1; `mask` is 1 for documents that may be found.

        The sum is divided by what the query's words could reach, unknown words counting like the rarest known ones:
        so a query of which half is unknown cannot score high.
        """
        known = [token for token in dict.fromkeys(tokens) if token in self._idf]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        reachable = sum(self._idf.get(token, self._unknown) for token in dict.fromkeys(tokens))
        raw: Scores = self._model.get_scores(known, weight_mask=mask)
        return (raw / reachable).astype(np.float32)


def inverse_frequencies(documents: Iterable[Iterable[str]]) -> dict[str, float]:
    """Token → log(1 + documents / documents with it): what finding the token is worth.

    >>> inverse_frequencies([["a", "b"], ["a"]])["b"] > inverse_frequencies([["a", "b"], ["a"]])["a"]
    True
    """
    counts: Counter[str] = Counter()
    size = 0
    for tokens in documents:
        counts.update(set(tokens))
        size += 1
    return {token: math.log(1 + size / count) for token, count in counts.items()}


def letter_groups(text: str) -> list[str]:
    """Groups of three letters of each Latin word, and of one and two Chinese characters.

    >>> letter_groups("visa 签证")
    ['#vi', 'vis', 'isa', 'sa#', '签', '签证', '证']
    """
    groups: list[str] = []
    for word in normalise(strip_placeholders(text)).split():
        if word.isascii():
            framed = f"#{word}#"
            groups += [framed[place : place + 3] for place in range(len(framed) - 2)]
        else:
            groups += [word[place : place + size] for place in range(len(word)) for size in (1, 2)]
    return list(dict.fromkeys(groups))

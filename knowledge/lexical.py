"""Lexical scores: BM25 over words, and over letter groups, which forgive typing errors.

The scores are those of `bm25s` with its method "lucene" (a test compares them). The table is computed here because
an index is made anew after every change of an entry: over 47,000 texts this takes 0.1 s outside Python's lock, where
`bm25s` takes 4 s inside it, and answers would stand still meanwhile.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from knowledge.text.mask import strip_placeholders
from knowledge.text.normalise import normalise

Scores = NDArray[np.float32]
Ids = NDArray[np.int32]

K1, B = 0.9, 0.3
"""BM25: how soon a repeated word stops counting, and how much a long text is held against it."""


class Vocabulary:
    """Token → number. It only grows, so an older index and its successor share one.

    >>> vocabulary = Vocabulary()
    >>> vocabulary.number(["visa", "fee", "visa"]), vocabulary.known(["fee", "fish"])
    ([0, 1, 0], [1])
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._numbers = {token: number for number, token in enumerate(tokens)}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        """The tokens, in the order of their numbers."""
        return iter(self._numbers)

    def number(self, tokens: Iterable[str]) -> list[int]:
        """The tokens' numbers; a new token gets the next one."""
        return [self._numbers.setdefault(token, len(self._numbers)) for token in tokens]

    def known(self, tokens: Iterable[str]) -> list[int]:
        """The numbers of those tokens that have one."""
        return [self._numbers[token] for token in tokens if token in self._numbers]


@dataclass(frozen=True)
class Bags:
    """Token numbers of many texts in one array. `sizes[n]` of them are text n's.

    >>> bags = Bags.of([[3, 1], [], [2]])
    >>> bags.part(1, 3), Bags.join([bags.part(0, 1), bags.part(2, 3)]).ids.tolist()
    (Bags(ids=array([2], dtype=int32), sizes=array([0, 1], dtype=int32)), [3, 1, 2])
    """

    ids: Ids
    sizes: Ids

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> "Bags":
        """Bags from one list a text."""
        ids = np.array([number for numbers in lists for number in numbers], dtype=np.int32)
        return cls(ids, np.array([len(numbers) for numbers in lists], dtype=np.int32))

    @classmethod
    def join(cls, parts: Sequence["Bags"]) -> "Bags":
        """Several bags after one another."""
        return cls(np.concatenate([part.ids for part in parts]), np.concatenate([part.sizes for part in parts]))

    def part(self, start: int, end: int) -> "Bags":
        """The bags of the texts from `start` up to `end`."""
        first = int(self.sizes[:start].sum())
        return Bags(self.ids[first : first + int(self.sizes[start:end].sum())], self.sizes[start:end])

    def counts(self, width: int) -> csr_array:
        """How often each text has each token: a sparse table of shape (texts, width), float32."""
        ends = np.cumsum(self.sizes, dtype=np.int64)
        table = csr_array(
            (np.ones(len(self.ids), dtype=np.float32), self.ids, np.concatenate([[0], ends])),
            shape=(len(self.sizes), width), copy=True,
        )  # fmt: skip
        table.sum_duplicates()
        return table


class Lexicon:
    """BM25 over a fixed list of texts, with scores that a query's length does not blow up.

    >>> words = Vocabulary()
    >>> lexicon = Lexicon(Bags.of([words.number(text.split()) for text in ("visa fee", "passport fee")]), words)
    >>> scores = lexicon.scores(["passport"])
    >>> bool(scores[1] > scores[0] == 0)
    True
    """

    def __init__(self, bags: Bags, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._size, self._width = vocabulary, len(bags.sizes), len(vocabulary)
        table = bags.counts(self._width)
        found = np.bincount(table.indices, minlength=self._width)
        self._worth = worth(found, self._size)
        self._unknown = math.log(1 + self._size)
        lengths = bags.sizes.astype(np.float32)
        damping = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if self._size else 0.0, 1e-9))
        idf = np.log(1 + (self._size - found + 0.5) / (found + 0.5)).astype(np.float32)
        damped = table.data + np.repeat(damping, np.diff(table.indptr))
        table.data = (idf[table.indices] * table.data / damped).astype(np.float32)
        by_token = table.tocsc()
        self._starts, self._texts, self._scores = by_token.indptr, by_token.indices, by_token.data

    def scores(self, tokens: Sequence[str]) -> Scores:
        """One score a text, shape (texts,), about 0 (nothing shared) to 1.

        The sum is divided by what the query's words could reach, unknown words counting like the rarest known ones:
        so a query of which half is unknown cannot score high.
        """
        total = np.zeros(self._size, dtype=np.float32)
        distinct = dict.fromkeys(tokens)
        known = [
            number for number in self._vocabulary.known(distinct) if number < self._width and self._worth[number]
        ]
        reachable = float(self._worth[known].sum()) + self._unknown * (len(distinct) - len(known))
        for number in known:
            begin, end = self._starts[number], self._starts[number + 1]
            total[self._texts[begin:end]] += self._scores[begin:end]
        if known:
            total /= reachable
        return total


def worth(found: NDArray[np.int64], size: int) -> Scores:
    """What finding a token is worth, log(1 + texts / texts with it), shape (tokens,); 0 for a token that none has.

    >>> [round(float(value), 2) for value in worth(np.array([2, 1, 0]), 2)]
    [0.69, 1.1, 0.0]
    """
    return np.where(found > 0, np.log(1 + size / np.maximum(found, 1)), 0.0).astype(np.float32)


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

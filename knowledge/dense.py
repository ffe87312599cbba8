"""Nearest vectors: exact while that is fast, beyond that a compressed scan whose best are measured exactly."""

from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]
_FAISS: Any = faiss
"""The module without its generated types, which do not know the arguments its Python layer adds."""
_FAISS.omp_set_num_threads(1)  # its threads spin while they wait for each other: on a busy machine 90 s instead of 2

EXACT_UP_TO = 10_000
"""Rows up to which every vector is compared: 1 ms on one core."""
TAIL_UP_TO = 0.02
"""Share of rows that may lie outside the compressed lists before these are filled anew."""
_TRAINING = 20_000
_PROBED = 64
_KEPT = 400


class Selection:
    """The rows that a search may find, in the forms that it looks into. Made by `DenseIndex.select`."""

    def __init__(self, listed: Mask, tail: Places) -> None:
        self.tail = tail
        """Allowed rows outside the lists."""
        self.listed = int(listed.sum())
        self.count = self.listed + len(tail)
        self.share = self.listed / max(len(listed), 1)
        self._bits = np.packbits(listed, bitorder="little")  # the selector keeps a bare pointer into it
        self.selector = _FAISS.IDSelectorBitmap(self._bits)


@dataclass(frozen=True)
class _Lists:
    """Compressed vectors that several indexes share: nothing in them changes after they were filled."""

    index: Any
    trained: Any
    """The same without vectors: what was learnt of how they lie."""


class DenseIndex:
    """Rows of unit vectors, shape (rows, dimension), and the search for those nearest to another.

    Up to `EXACT_UP_TO` rows all are compared. Beyond, an inverted file of 4-bit product codes: the lists nearest to
    the question are scanned in its codes, and the best `_KEPT` rows are compared by their true vectors; recall@10 of
    exact search is 0.99 and more (tests/bench). A successor shares the lists of `previous`: what is gone is masked,
    what is new lies in a tail that is compared exactly, and only when that grows long are the lists filled anew.
    `origin` holds for each row its number in `previous`, -1 for a new one.

    >>> index = DenseIndex(np.eye(3, dtype=np.float32))
    >>> question = np.array([0, 0.8, 0.6], dtype=np.float32)
    >>> rows, scores = index.search(question, 2, index.select(np.array([True, False, True])))
    >>> rows.tolist(), [round(float(score), 1) for score in scores]
    ([2, 0], [0.6, 0.0])
    """

    def __init__(self, vectors: Floats, previous: "DenseIndex | None" = None, origin: Places | None = None) -> None:
        self._vectors = vectors
        self._lists: _Lists | None = None
        self._listed = np.full(len(vectors), -1, dtype=np.int64)
        """For each row its number in the lists, -1 in the tail."""
        if len(vectors) > EXACT_UP_TO:
            if previous is not None and origin is not None:
                self._take_over(previous, origin)
            if self._lists is None or (self._listed < 0).mean() > TAIL_UP_TO:
                self._lists = _filled(vectors, previous)
                self._listed = np.arange(len(vectors), dtype=np.int64)
        size = self._lists.index.ntotal if self._lists else 0
        self._row = np.full(size, -1, dtype=np.int64)
        """For each vector in the lists its row, -1 for one that is gone."""
        inside = self._listed >= 0
        self._row[self._listed[inside]] = np.flatnonzero(inside)

    def __len__(self) -> int:
        return len(self._vectors)

    def _take_over(self, previous: "DenseIndex", origin: Places) -> None:
        """Share the lists of the previous index, and find its rows in them."""
        self._lists = previous._lists
        kept = origin >= 0
        self._listed[kept] = previous._listed[origin[kept]]

    def select(self, rows: Mask) -> Selection:
        """Allow the rows that are true, shape (rows,)."""
        listed = (self._row >= 0) & rows[self._row] if len(self._row) else np.zeros(0, dtype=bool)
        return Selection(listed, np.flatnonzero(rows & (self._listed < 0)))

    def search(self, vector: Floats, count: int, allowed: Selection) -> tuple[Places, Floats]:
        """The `count` allowed rows nearest to a vector of shape (dimension,), best first, and their cosines."""
        rows = np.concatenate([self._scan(vector, max(_KEPT, count), allowed), allowed.tail])
        compared = self._vectors if len(allowed.tail) == len(self) else self._vectors[rows]  # all need no copy
        scores = compared @ vector
        best = np.argsort(-scores, kind="stable")[:count]
        return rows[best], scores[best]

    def _scan(self, vector: Floats, count: int, allowed: Selection) -> Places:
        """The best rows by their codes, in no order."""
        if self._lists is None or not allowed.listed:
            return np.zeros(0, dtype=np.int64)
        index = self._lists.index
        probed = min(index.nlist, int(np.ceil(_PROBED / max(allowed.share, 1e-3))))  # a filter empties the lists
        parameters = _FAISS.SearchParametersIVF(sel=allowed.selector, nprobe=probed)
        _, found = index.search(vector[None], min(count, allowed.listed), params=parameters)
        rows: Places = self._row[found[0][found[0] >= 0]]
        return rows


def _filled(vectors: Floats, previous: DenseIndex | None) -> _Lists:
    """Lists of all vectors, by what the previous index has learnt of them where that still suits their number."""
    known = previous._lists.trained if previous and previous._lists else None
    trained = known if known is not None and known.nlist == _list_count(len(vectors)) else _train(vectors)
    index = _FAISS.clone_index(trained)
    index.add(vectors)
    return _Lists(index, trained)


def _list_count(rows: int) -> int:
    """Number of lists: about the square root of the rows, a power of two, so that small changes keep it."""
    return int(2 ** round(np.log2(np.sqrt(rows))))


def _train(vectors: Floats) -> Any:
    """An empty index that has learnt how these vectors lie."""
    dimension, lists = vectors.shape[1], _list_count(len(vectors))
    index = _FAISS.index_factory(dimension, f"IVF{lists},PQ{dimension // 2}x4fs", faiss.METRIC_INNER_PRODUCT)
    chance = np.random.default_rng(12367)
    wanted = min(len(vectors), max(_TRAINING, 40 * lists))
    index.train(vectors[np.sort(chance.choice(len(vectors), wanted, replace=False))])
    return index

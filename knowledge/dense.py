"""Nearest vectors: exact while that is fast, beyond that a compressed scan whose best are measured exactly."""

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
_FAISS: Any = faiss
"""The module without its generated types, which do not know the arguments its Python layer adds."""
_FAISS.omp_set_num_threads(1)  # its threads spin while they wait for each other: on a busy machine 90 s instead of 2

EXACT_UP_TO = 20_000
"""Rows up to which every vector is compared: 2 ms on one core."""
_TRAINING = 20_000
_PROBED = 64
_KEPT = 400


class Selection:
    """Rows that may be found, as the bitmap that FAISS looks into while it searches."""

    def __init__(self, rows: NDArray[np.bool_]) -> None:
        self.count = int(rows.sum())
        self._bits = np.packbits(rows, bitorder="little")  # the selector keeps a bare pointer into it
        self.selector = _FAISS.IDSelectorBitmap(self._bits)


class DenseIndex:
    """Rows of unit vectors, shape (rows, dimension), and the search for those nearest to another.

    Up to `EXACT_UP_TO` rows a flat index. Beyond, an inverted file of 4-bit product codes: the lists nearest to the
    question are scanned in its codes, and the best `_KEPT` rows are compared by their true vectors. Against exact
    search, recall@10 is 0.99 and more (tests/bench). What was learnt about the vectors (list centres, code books) is
    taken over from `previous`, so that a changed entry costs no new training.

    >>> index = DenseIndex(np.eye(3, dtype=np.float32))
    >>> question = np.array([0, 0.8, 0.6], dtype=np.float32)
    >>> rows, scores = index.search(question, 2, Selection(np.array([True, False, True])))
    >>> rows.tolist(), [round(float(score), 1) for score in scores]
    ([2, 0], [0.6, 0.0])
    """

    def __init__(self, vectors: Floats, previous: "DenseIndex | None" = None) -> None:
        self._vectors = vectors
        self._trained: Any = None
        if len(vectors) <= EXACT_UP_TO:
            self._index = _FAISS.IndexFlatIP(vectors.shape[1])
        else:
            self._trained = _reusable(previous, len(vectors)) or _train(vectors)
            self._index = _FAISS.clone_index(self._trained)
        self._index.add(vectors)

    def search(self, vector: Floats, count: int, allowed: Selection) -> tuple[Rows, Floats]:
        """The `count` allowed rows nearest to a vector of shape (dimension,), best first, and their cosines."""
        count = min(count, allowed.count)
        if count == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        if self._trained is None:
            parameters = _FAISS.SearchParameters(sel=allowed.selector)
            scores, rows = self._index.search(vector[None], count, params=parameters)
            return rows[0], scores[0]
        parameters = _FAISS.SearchParametersIVF(
            sel=allowed.selector, nprobe=_probes(self._index.nlist, allowed, self)
        )
        _, found = self._index.search(vector[None], max(_KEPT, count), params=parameters)
        rows = found[0][found[0] >= 0]
        scores = self._vectors[rows] @ vector
        best = np.argsort(-scores, kind="stable")[:count]
        return rows[best], scores[best]

    def __len__(self) -> int:
        return len(self._vectors)


def _probes(lists: int, allowed: Selection, index: DenseIndex) -> int:
    """Lists to look into: more when a filter leaves only few rows in each."""
    share = allowed.count / max(len(index), 1)
    return min(lists, int(np.ceil(_PROBED / max(share, 1e-3))))


def _lists(rows: int) -> int:
    """Number of lists: about the square root of the rows, a power of two, so that small changes keep it."""
    return int(2 ** round(np.log2(np.sqrt(rows))))


def _reusable(previous: DenseIndex | None, rows: int) -> Any:
    """The trained, empty index of the previous one, while it still suits this number of rows."""
    trained = previous._trained if previous else None
    return trained if trained is not None and trained.nlist == _lists(rows) else None


def _train(vectors: Floats) -> Any:
    """An empty index that has learnt how these vectors lie."""
    lists = _lists(len(vectors))
    index = _FAISS.index_factory(
        vectors.shape[1], f"IVF{lists},PQ{vectors.shape[1] // 2}x4fs", faiss.METRIC_INNER_PRODUCT
    )
    chance = np.random.default_rng(12367)
    wanted = min(len(vectors), max(_TRAINING, 40 * lists))
    index.train(vectors[np.sort(chance.choice(len(vectors), wanted, replace=False))])
    return index

"""Puts questions that mean the same together, in any of the languages, without being told how many groups there are.

Two questions are near when their vectors are, and when the same entries are near to both: what nobody wrote an entry
for has no wording to be near to, but it has neighbours. Groups grow by average linkage, so that a chain of pairwise
similar questions does not swallow everything.

Measured on the held-out questions of data/eval (411, three languages, written by people who saw no entry): of the
pairs put together 59 % rest on a common fact and 75 % are of one topic, and of all pairs with a common fact 16 % are
put together; with vectors alone it is 47 %, 56 % and 7 %. So a group may miss some of its questions, which then stand
in a group of their own; it seldom holds a stranger. Everyday questions are more alike than these hard ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from knowledge.encoder import Encoder
from knowledge.index import KnowledgeIndex

Floats = NDArray[np.float32]
MAX_TEXTS = 2000
"""Different texts that are grouped at once: memory grows with the square (32 MB here), time too (about a second)."""
_AT_ONCE = 32_000_000
"""Similarities held at once (128 MB). 2,000 texts against the 16,000 rows of today take half a second."""
_NEIGHBOURS = 0.3
"""Share of the neighbours in the similarity; the rest is the texts' own."""
_SHARPNESS = 0.05
"""The smaller, the more only the nearest entries count as neighbours."""
_DISTANCE = 0.5
"""Average distance (1 - similarity) up to which two groups become one."""


def group(texts: Sequence[str], encoder: Encoder, index: KnowledgeIndex) -> list[tuple[int, ...]]:
    """Group different texts, at most ``MAX_TEXTS``: each group as the texts' numbers, the most typical first.

    The same texts in another order give the same groups.

    Raises:
        ValueError: too many texts.
    """
    if len(texts) > MAX_TEXTS:
        raise ValueError(f"{len(texts)} texts are too many: at most {MAX_TEXTS}")
    if not texts:
        return []
    order = sorted(range(len(texts)), key=lambda number: texts[number])  # ties in distance fall by order
    features = _features([texts[number] for number in order], encoder, index)
    if len(order) == 1:
        labels = np.zeros(1, dtype=np.int64)
    else:
        labels = AgglomerativeClustering(
            n_clusters=None, metric="cosine", linkage="average", distance_threshold=_DISTANCE
        ).fit_predict(features)
    found = []
    for label in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == label)
        inside = (features[rows] @ features[rows].T).mean(axis=1)
        typical = rows[np.argsort(-inside, kind="stable")]
        found.append(tuple(order[row] for row in typical.tolist()))
    return found


def _features(texts: Sequence[str], encoder: Encoder, index: KnowledgeIndex) -> Floats:
    """Vectors whose inner product is the similarity: shape (texts, dimension + entries), length at most 1."""
    own = encoder.encode(texts)
    if not len(index):
        return _without_zeros(own)
    step = max(1, _AT_ONCE // len(index.rows.vectors))
    nearest = np.vstack(
        [
            np.maximum.reduceat(own[place : place + step] @ index.rows.vectors.T, index.starts[:-1], axis=1)
            for place in range(0, len(own), step)
        ]
    )
    weights = np.exp((nearest - nearest.max(axis=1, keepdims=True)) / _SHARPNESS)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    mixed = np.hstack([np.sqrt(1 - _NEIGHBOURS) * own, np.sqrt(_NEIGHBOURS) * weights])
    return _without_zeros(mixed.astype(np.float32))


def _without_zeros(rows: Floats) -> Floats:
    """A text without known words has no direction; cosine needs one, so each gets a small one of its own."""
    empty = np.flatnonzero(~rows.any(axis=1))
    extra = np.zeros((len(rows), len(empty)), dtype=np.float32)
    extra[empty, np.arange(len(empty))] = 1
    return np.hstack([rows, extra])

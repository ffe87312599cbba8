"""How near a message is to the nearest training messages of each class.

A linear model over n-grams knows the words it has seen; the vectors know that others mean the same. What stands
nearest is evidence of its own, and most of it for a question in scope, whose wordings the vectors were tuned on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

_NEAREST = 3
# Axes that are compared: the encoder's come sorted by how much they tell, and half of them find the same neighbours
# for half of the time and memory.
_AXES = 128
_BLOCK = 1000  # rows at a time: all pairs of 28,000 messages at once would be three gigabytes

Floats = NDArray[np.float32]


class Neighbours:
    """Vectors of the training messages, sorted by class.

    `vectors` (n, at most 128) of length 1, `bounds` (classes + 1).
    """

    def __init__(self, vectors: Floats, bounds: NDArray[np.int64]) -> None:
        """Keeps what `fit` made, or what a model file holds."""
        self.vectors, self.bounds = vectors, bounds

    @classmethod
    def fit(cls, vectors: Floats, classes: Sequence[str]) -> tuple[Neighbours, Floats]:
        """Neighbours of each message, and the features of these same messages, none counted as its own neighbour."""
        vectors = _shortened(vectors)
        names = np.asarray(classes)
        order = np.argsort(names, kind="stable")
        _, starts = np.unique(names[order], return_index=True)
        found = cls(np.ascontiguousarray(vectors[order]), np.append(starts, len(order)).astype(np.int64))
        features = np.empty((len(order), len(starts)), np.float32)

        def compare(start: int) -> None:
            rows = np.arange(start, min(start + _BLOCK, len(order)))
            near = found.vectors[rows] @ found.vectors.T
            near[np.arange(len(rows)), rows] = -1.0
            features[order[rows]] = found._nearest(near)

        with ThreadPoolExecutor(os.cpu_count()) as pool:  # numpy lets go of the interpreter
            list(pool.map(compare, range(0, len(order), _BLOCK)))
        return found, features

    def features(self, vectors: Floats) -> Floats:
        """For each row and class, the mean similarity of its three nearest training messages: (rows, classes)."""
        return self._nearest(_shortened(vectors) @ self.vectors.T)

    def _nearest(self, near: Floats) -> Floats:
        columns = []
        for start, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            count = min(_NEAREST, int(end - start))
            best = np.partition(near[:, start:end], -count, axis=1)[:, -count:]
            columns.append(best.mean(axis=1))
        return np.stack(columns, axis=1).astype(np.float32)


def _shortened(vectors: Floats) -> Floats:
    """The first axes of each vector, scaled to length 1; a vector of nothing stays nothing."""
    first = vectors[:, :_AXES]
    shortened: Floats = first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    return np.ascontiguousarray(shortened)

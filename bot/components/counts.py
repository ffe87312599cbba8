"""Weighed n-grams of one view of a message, as scikit-learn's TfidfVectorizer has them, without its cost per call.

The vectorizer checks and copies a matrix at every step, which is half a millisecond a message and view; what it
learns is a dictionary and a weight a term, and that is kept and stored here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.float32]


class Counts:
    """Terms and their rarity; a message's row holds 1 + log(count) times rarity, scaled to length 1."""

    def __init__(self, terms: Sequence[str], rarity: Floats, options: dict[str, Any]) -> None:
        """Keeps what `fit` learnt, or what a model file holds; `options` are TfidfVectorizer's."""
        self.terms, self.rarity, self.options = list(terms), rarity, options
        self._columns = {term: column for column, term in enumerate(self.terms)}
        self._analyse = TfidfVectorizer(**_arguments(options)).build_analyzer()

    @classmethod
    def fit(cls, views: Sequence[str], options: dict[str, Any]) -> Counts:
        """Learns the terms of these messages."""
        learnt = TfidfVectorizer(**_arguments(options)).fit(views)
        return cls(learnt.get_feature_names_out().tolist(), learnt.idf_.astype(np.float32), options)

    def row(self, view: str) -> tuple[list[int], Floats]:
        """The columns that one message has, and their values."""
        columns = self._columns
        counts = Counter(column for term in self._analyse(view) if (column := columns.get(term)) is not None)
        found = list(counts)
        values = (1 + np.log(np.fromiter(counts.values(), np.float32, len(found)))) * self.rarity[found]
        length = float(np.sqrt(values @ values))
        return found, values / length if length else values

    def rows(self, views: Sequence[str]) -> csr_matrix:
        """One row a message, all terms as columns."""
        found = [self.row(view) for view in views]
        ends = np.cumsum([0, *(len(columns) for columns, _ in found)])
        columns = np.array([column for one, _ in found for column in one], np.int32)
        values = np.concatenate([values for _, values in found]) if found else np.zeros(0, np.float32)
        return csr_matrix((values, columns, ends), shape=(len(found), len(self.terms)))


def _arguments(options: dict[str, Any]) -> dict[str, Any]:
    kind = {"analyzer": "char"} if options.get("characters") else {"token_pattern": r"\S+"}
    return {
        "sublinear_tf": True, "lowercase": False, "ngram_range": (1, options["longest"]),
        "min_df": options["least"], **kind,
    }  # fmt: skip

"""What a message shows at a glance: which word lists of data/nlu/lexicon.yaml it hits, and how long it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from knowledge.paths import DATA
from knowledge.text.tokens import nlu_tokens

_LENGTHS = (1, 3, 6, 12)  # in words: "no" is an answer, a paragraph is a story


class Hints:
    """Compiled word lists; a message takes some 0.2 ms.

    A pair of lists hit together is a feature of its own: 护照 with 什么天气 is still the weather.
    """

    def __init__(self, path: Path = DATA / "nlu" / "lexicon.yaml") -> None:
        """Reads the lists. Raises OSError for a missing file, re.error for a pattern that does not compile."""
        lists = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._patterns = [re.compile("|".join(f"(?:{one})" for one in patterns)) for patterns in lists.values()]
        self._first, self._second = np.triu_indices(len(self._patterns), 1)

    def features(self, normalised: Sequence[str]) -> NDArray[np.float32]:
        """One row a text: hits, lengths, and pairs of hits; zeros and ones."""
        hits = np.array([[bool(one.search(text)) for one in self._patterns] for text in normalised], np.float32)
        words = np.array([[len(nlu_tokens(text))] for text in normalised])
        lengths = np.hstack([words <= _LENGTHS[0], words <= _LENGTHS[1], words <= _LENGTHS[2], words > _LENGTHS[3]])
        pairs = hits[:, self._first] * hits[:, self._second]
        return np.hstack([hits, lengths.astype(np.float32), pairs])

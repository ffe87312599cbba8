"""From measurements to a probability, and from a probability to what is done.

Two small linear models with weights from data/knowledge/calibration.json: one orders entries, one says how likely
the entry is the right answer. Both are fitted on wordings that were held out, and on questions that nothing answers
(`knowledge.fitting`); no threshold is set by hand.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from knowledge.paths import DATA
from knowledge.ranking import FEATURES, Candidates

Verdict = Literal["answer", "clarify", "decline"]
Floats = NDArray[np.float64]

SIGNALS = (
    "order", "margin", "dense_max", "dense_same", "dense_answer", "words_max", "letters_max", "coverage", "marks",
    "known", "length", "yue", "en",
)  # fmt: skip
"""What the probability is computed from, in order."""


@dataclass(frozen=True)
class Calibration:
    """Weights and thresholds. `answer_from` and `clarify_from` are probabilities, 0..1.

    >>> Calibration.load(DATA / "knowledge" / "calibration.json").verdict(0.0)
    'decline'
    """

    order_weights: tuple[float, ...]
    signal_weights: tuple[float, ...]
    bias: float
    answer_from: float
    clarify_from: float
    encoder: str = ""
    """Fingerprint of the encoder it was fitted for; with another one its probabilities are guesses."""

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Read the file that `save` wrote. Raises ValueError when it belongs to other features or is damaged."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            order, signal = values["order"], values["signals"]
            if list(order) != list(FEATURES) or list(signal) != list(SIGNALS):
                raise ValueError(f"{path.name}: fitted for other features; fit it again")
            return cls(
                tuple(map(float, order.values())), tuple(map(float, signal.values())), float(values["bias"]),
                float(values["answer_from"]), float(values["clarify_from"]), str(values.get("encoder", "")),
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path.name}: not a calibration: {error!r}") from error

    def save(self, path: Path, notes: dict[str, object]) -> None:
        """Write the weights by name, with notes on how they were fitted, for people to read."""
        values = {
            "fitted": notes,
            "encoder": self.encoder,
            "answer_from": round(self.answer_from, 4),
            "clarify_from": round(self.clarify_from, 4),
            "bias": round(self.bias, 5),
            "order": dict(zip(FEATURES, (round(weight, 5) for weight in self.order_weights), strict=True)),
            "signals": dict(zip(SIGNALS, (round(weight, 5) for weight in self.signal_weights), strict=True)),
        }
        path.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    def order(self, features: NDArray[np.float32]) -> Floats:
        """One number a candidate, shape (n,): higher is better. Only differences mean anything."""
        return np.asarray(features.astype(np.float64) @ np.asarray(self.order_weights))

    def probability(self, signals: Floats) -> Floats:
        """Signals of shape (n, len(SIGNALS)) → probabilities of shape (n,) that the entry is the right answer."""
        logits = signals @ np.asarray(self.signal_weights) + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))

    def verdict(self, probability: float) -> Verdict:
        """What to do with a best hit of that probability."""
        if probability >= self.answer_from:
            return "answer"
        return "clarify" if probability >= self.clarify_from else "decline"


def signals(found: Candidates, order: Floats, rivals: Sequence[float], language: str) -> Floats:
    """What the probability of each candidate rests on, shape (n, len(SIGNALS)).

    `rivals` holds for each candidate the order of its best competitor: an entry that says something else.
    """
    count = len(found.entries)
    column = {name: found.features[:, place] for place, name in enumerate(FEATURES)}
    rows = [
        order,
        np.clip(order - np.asarray(rivals), -8, 8),
        *(column[name] for name in SIGNALS[2:9]),
        np.full(count, found.known),
        np.full(count, np.log1p(found.length)),
        np.full(count, float(language == "yue")),
        np.full(count, float(language == "en")),
    ]
    return np.stack([np.asarray(row, dtype=np.float64) for row in rows], axis=1)


@lru_cache(maxsize=1)
def default_calibration() -> Calibration:
    """The project's own calibration, read once."""
    return Calibration.load(DATA / "knowledge" / "calibration.json")

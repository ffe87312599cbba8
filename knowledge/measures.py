"""Figures that say how good a search is, from lists of what it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

BINS = 10


@dataclass(frozen=True)
class Judged:
    """One question's best hit: its probability, whether it is a right answer, and whether there is one at all."""

    language: str
    score: float
    right: bool
    answerable: bool
    weight: float = 1.0


@dataclass(frozen=True)
class Bin:
    """Best hits of about the same probability: how many (by weight), their mean probability, the share right."""

    count: float
    score: float
    right: float


@dataclass(frozen=True)
class Reliability:
    """Whether probabilities mean what they say. `ece`: expected calibration error, `brier`: score; 0 is best."""

    ece: float
    brier: float
    bins: list[Bin]

    def to_dict(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


def reliability(judged: Sequence[Judged]) -> Reliability:
    """Compare probabilities, in `BINS` bins of equal width, with how often they came true.

    >>> found = reliability([Judged("en", 0.95, True, True), Judged("en", 0.95, False, True)])
    >>> round(found.ece, 2), len(found.bins)
    (0.45, 1)
    """
    if not judged:
        return Reliability(0.0, 0.0, [])
    score = np.array([case.score for case in judged])
    right = np.array([case.right for case in judged], dtype=float)
    weight = np.array([case.weight for case in judged])
    place = np.minimum((score * BINS).astype(int), BINS - 1)
    bins = []
    for number in np.unique(place[weight > 0]):
        inside = place == number
        total = float(weight[inside].sum())
        means = [float((values[inside] * weight[inside]).sum() / total) for values in (score, right)]
        bins.append(Bin(round(total, 2), round(means[0], 4), round(means[1], 4)))
    total = sum(one.count for one in bins)
    ece = sum(one.count * abs(one.score - one.right) for one in bins) / total
    brier = float((weight * (score - right) ** 2).sum() / weight.sum())
    return Reliability(round(ece, 4), round(brier, 4), bins)


@dataclass(frozen=True)
class Ranks:
    """Recall at 1, 3 and 5, and mean reciprocal rank, over a number of questions."""

    questions: int
    at_1: float
    at_3: float
    at_5: float
    mrr: float

    @classmethod
    def of(cls, ranks: Sequence[int | None]) -> Ranks:
        """From the rank (1 = first) of each question's first right hit; None where there was none.

        >>> Ranks.of([1, 2, None, 1])
        Ranks(questions=4, at_1=0.5, at_3=0.75, at_5=0.75, mrr=0.625)
        """
        at_1, at_3, at_5 = (share([rank is not None and rank <= k for rank in ranks]) for k in (1, 3, 5))
        mrr = sum(1 / rank for rank in ranks if rank) / max(len(ranks), 1)
        return cls(len(ranks), at_1, at_3, at_5, round(mrr, 4))


def share(values: Sequence[bool], weights: Sequence[float] | None = None) -> float:
    """Share of true values, by weight, four digits; 0 of none."""
    total = float(len(values) if weights is None else sum(weights))
    if not total:
        return 0.0
    counted = weights if weights is not None else [1.0] * len(values)
    return round(sum(weight for value, weight in zip(values, counted, strict=True) if value) / total, 4)


def quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds."""
    if not seconds:
        return 0.0, 0.0
    middle, late = np.percentile(np.array(seconds) * 1000, [50, 95])
    return round(float(middle), 2), round(float(late), 2)

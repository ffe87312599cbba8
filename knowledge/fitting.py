"""The fit of search's calibration. No weight and no threshold is set by hand.

Everything rests on the held-out questions of `knowledge.trials`. Messages that nothing answers come in many kinds,
and the engine's intents decline most of them before search is asked; so each counts by the share of its kind that
gets past the engine (data/knowledge/reaching.json, cross-validated by bot/reaching.py), and all of them together by
`NEGATIVE_SHARE`. The thresholds then hold for what really reaches search.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import SIGNALS, Calibration, Floats, signals
from knowledge.encoder import Encoder
from knowledge.entries import LANGUAGES, Entry
from knowledge.measures import Judged, reliability, share
from knowledge.ranking import FEATURES
from knowledge.search import rivals
from knowledge.trials import FOLDS, Negative, Trial, trials

Loss = Callable[[Floats], tuple[float, Floats]]
NEGATIVE_SHARE = 0.35
"""How many messages that nothing answers a line gets for each that something does, before the engine sorts them."""
WRONG_AT_MOST = 0.03
"""Of all questions that reach search, the share that may get a wrong answer: what the service promises."""
DECLINED_AT_MOST = 0.05
"""Of the questions that have an answer, the share that may be declined instead of asked back."""


def case_weights(cases: Sequence[Trial]) -> Floats:
    """What each case counts, shape (n,): 1 with an answer; without, its share of `NEGATIVE_SHARE` times its reach."""
    silent = np.array([case.gold is None for case in cases])
    inside = int((~silent).sum())
    each = NEGATIVE_SHARE * inside / max(int(silent.sum()), 1)
    return np.where(silent, each * np.array([case.reach for case in cases]), 1.0)


def fit_order(cases: Sequence[Trial]) -> tuple[float, ...]:
    """Weights that make the right entry likely among its competitors (softmax over the candidates).

    No weight may be negative. A held-out wording leaves a gap in its own entry only, so a free fit learns to prefer
    entries whose best wording is far away: true of the experiment, false of the world.
    """
    lists = [case.found.features.astype(np.float64) for case in cases if case.gold is not None and case.place >= 0]
    places = [case.place for case in cases if case.gold is not None and case.place >= 0]
    bounds = np.cumsum([0, *map(len, lists)])
    stacked, gold = np.vstack(lists), bounds[:-1] + np.array(places)

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = stacked @ weights
        highest = np.maximum.reduceat(logits, bounds[:-1])
        grown = np.exp(logits - np.repeat(highest, np.diff(bounds)))
        totals = np.add.reduceat(grown, bounds[:-1])
        value = float(np.sum(np.log(totals) + highest - logits[gold])) + 0.5 * float(weights @ weights)
        slope = stacked.T @ (grown / np.repeat(totals, np.diff(bounds))) - stacked[gold].sum(axis=0) + weights
        return value, slope

    size = len(FEATURES)
    return tuple(float(weight) for weight in _minimise(loss, np.ones(size), [(0, None)] * size))


def evidence(case: Trial, calibration: Calibration) -> tuple[Floats, NDArray[np.int64]]:
    """The candidates' signals and their order, both best first."""
    order = calibration.order(case.found.features)
    rows = signals(case.found, order, rivals(case.entries, order), case.language)
    best = np.argsort(-order, kind="stable")
    return rows[best], best


def fit_probability(cases: Sequence[Trial], calibration: Calibration) -> Calibration:
    """Weights of the probability: is the first, second or third candidate a right answer?

    What speaks for an entry may not weigh negatively, for the reason given in `fit_order`.
    """
    rows: list[Floats] = []
    right: list[bool] = []
    weights: list[float] = []
    for case, counts in zip(cases, case_weights(cases), strict=True):
        measured, best = evidence(case, calibration)
        for row in range(min(3, len(best))):
            rows.append(measured[row])
            right.append(case.right(int(best[row])))
            weights.append(float(counts) * (1.0 if row == 0 else 0.5))
    fitted = _bounded_logistic(np.array(rows), np.array(right, dtype=float), np.array(weights))
    return replace(calibration, signal_weights=tuple(map(float, fitted[:-1])), bias=float(fitted[-1]))


def _bounded_logistic(rows: Floats, right: Floats, weights: Floats) -> Floats:
    """Logistic regression in which the signals that speak for an entry keep a weight of at least 0; bias last."""
    scale = rows.std(axis=0) + 1e-9
    scaled = np.hstack([rows / scale, np.ones((len(rows), 1))])

    def loss(values: Floats) -> tuple[float, Floats]:
        logits = scaled @ values
        value = float(weights @ (np.logaddexp(0, logits) - right * logits))
        slope = scaled.T @ (weights * (1 / (1 + np.exp(-logits)) - right))
        decay = np.append(values[:-1], 0.0)
        return value + 0.5 * float(decay @ decay), slope + decay

    free = ("length", "yue", "en")
    bounds = [(None, None) if name in free else (0, None) for name in SIGNALS] + [(None, None)]
    found = _minimise(loss, np.zeros(scaled.shape[1]), bounds)
    return np.append(found[:-1] / scale, found[-1])


def _minimise(loss: Loss, start: Floats, bounds: Sequence[tuple[float | None, float | None]]) -> Floats:
    """The weights inside the bounds at which a convex loss, given with its slope, is least."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def judged(cases: Sequence[Trial], calibration: Calibration) -> list[Judged]:
    """For each case the probability of its best candidate, and whether that is a right answer."""
    found = []
    for case, counts in zip(cases, case_weights(cases), strict=True):
        measured, best = evidence(case, calibration)
        right = bool(len(best)) and case.right(int(best[0]))
        score = float(calibration.probability(measured[:1])[0]) if len(best) else 0.0
        found.append(Judged(case.language, score, right, case.gold is not None, float(counts)))
    return found


def thresholds(found: Sequence[Judged], wrong: float = WRONG_AT_MOST) -> tuple[float, float]:
    """Choose (answer_from, clarify_from).

    Answer where at most `wrong` of all questions, by weight, get a wrong answer; below it, ask back down to where
    `DECLINED_AT_MOST` of the questions that have an answer are left: asking costs a turn, declining the visitor.
    """
    limit = wrong * sum(case.weight for case in found)
    mistakes, answer_from = 0.0, 1.0
    for case in sorted(found, key=lambda case: (-case.score, case.right)):
        mistakes += 0.0 if case.right else case.weight
        if mistakes > limit:
            break
        answer_from = case.score
    scores = sorted(case.score for case in found if case.answerable)
    clarify_from = scores[int(len(scores) * DECLINED_AT_MOST)] if scores else 0.0
    return answer_from, min(clarify_from, answer_from)


@dataclass(frozen=True)
class Fit:
    """A calibration, and how it does on folds that it was not fitted on."""

    calibration: Calibration
    judged: list[Judged]
    recall: dict[str, dict[str, float]]

    def notes(self) -> dict[str, object]:
        """What people should know of the fit, for the calibration's file."""
        return {
            "verdicts": verdicts(self.judged, self.calibration),
            "entry_found": self.recall,
            "reliability": reliability(self.judged).to_dict(),
            "wrong_at_most": WRONG_AT_MOST,
            "negative_share": NEGATIVE_SHARE,
        }


def fit(
    entries: Sequence[Entry], encoder: Encoder, negatives: Sequence[Negative], every: int = 1, folds: int = FOLDS,
    fingerprint: str = "",
) -> Fit:  # fmt: skip
    """Fit the calibration on every `every`-th held-out wording; a static `encoder` is the untuned one.

    Fewer `folds` take less time and see fewer wordings. `fingerprint` is that of the encoder which the calibration
    will be used with.
    """
    return fit_cases(list(trials(entries, encoder, negatives, every, folds)), fingerprint)


def fit_cases(cases: Sequence[Trial], fingerprint: str = "") -> Fit:
    """Fit the calibration on trials; what is reported of it comes from folds that were not fitted on."""
    blank = Calibration((0.0,) * len(FEATURES), (0.0,) * len(SIGNALS), 0.0, 1.0, 0.0)
    unseen: list[Judged] = []
    for fold in sorted({case.fold for case in cases}):
        learnt = [case for case in cases if case.fold != fold]
        model = fit_probability(learnt, replace(blank, order_weights=fit_order(learnt)))
        unseen += judged([case for case in cases if case.fold == fold], model)
    answer_from, clarify_from = thresholds(unseen)
    final = fit_probability(cases, replace(blank, order_weights=fit_order(cases)))
    final = replace(final, answer_from=answer_from, clarify_from=clarify_from, encoder=fingerprint)
    return Fit(final, unseen, recall(cases, final))


def verdicts(found: Sequence[Judged], calibration: Calibration) -> dict[str, dict[str, float]]:
    """By language: found first, and how often each verdict is right or wrong; messages without answer by weight."""
    table = {}
    for language in LANGUAGES:
        inside = [case for case in found if case.language == language and case.answerable]
        outside = [case for case in found if case.language == language and not case.answerable]
        reach = [case.weight for case in outside]
        answered = [case.score >= calibration.answer_from for case in inside]
        table[language] = {
            "questions": len(inside),
            "right_at_1": share([case.right for case in inside]),
            "answered_right": share([case.right and said for case, said in zip(inside, answered, strict=True)]),
            "answered_wrong": share([said and not case.right for case, said in zip(inside, answered, strict=True)]),
            "declined": share([case.score < calibration.clarify_from for case in inside]),
            "without_answer": len(outside),
            "without_answer_answered": share([case.score >= calibration.answer_from for case in outside], reach),
            "without_answer_declined": share([case.score < calibration.clarify_from for case in outside], reach),
        }
    return table


def recall(cases: Sequence[Trial], calibration: Calibration) -> dict[str, dict[str, float]]:
    """Recall@1, @3, @5 and mean reciprocal rank of held-out wordings, by language: the entry itself, no other."""
    table: dict[str, dict[str, float]] = {}
    for language in LANGUAGES:
        ranks = [_rank(case, calibration) for case in cases if case.language == language and case.gold]
        table[language] = {
            **{f"recall_at_{k}": share([rank <= k for rank in ranks]) for k in (1, 3, 5)},
            "mrr": round(sum(1 / rank for rank in ranks) / max(len(ranks), 1), 4),
        }
    return table


def _rank(case: Trial, calibration: Calibration) -> float:
    """Place of the right entry counted from 1; infinite when it is no candidate."""
    if case.place < 0:
        return float("inf")
    _, best = evidence(case, calibration)
    return float(best.tolist().index(case.place) + 1)

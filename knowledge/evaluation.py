"""How well search finds answers, and the fit of its calibration.

Everything rests on the held-out questions of `knowledge.trials`; no weight and no threshold is set by hand.
`python -m knowledge.evaluation` measures; with `--fit` it also writes data/knowledge/calibration.json.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import SIGNALS, Calibration, Floats, signals
from knowledge.encoder import Encoder, StaticEncoder, load_encoder
from knowledge.entries import LANGUAGES, Entry, load_folder
from knowledge.index import KnowledgeIndex
from knowledge.language import Language, detect
from knowledge.paths import DATA
from knowledge.ranking import FEATURES
from knowledge.search import Searcher, decide, rivals
from knowledge.trials import FOLDS, Trial, load_negatives, trials

Loss = Callable[[Floats], tuple[float, Floats]]
NEGATIVE_SHARE = 0.35
"""Weight of all out-of-scope questions together, as a share of that of the in-scope ones."""


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

    Negatives count a third of all questions, about their share on a real line. What speaks for an entry may not
    weigh negatively, for the reason given in `fit_order`.
    """
    rows: list[Floats] = []
    right: list[bool] = []
    weights: list[float] = []
    silent = sum(case.gold is None for case in cases)
    share = NEGATIVE_SHARE * (len(cases) - silent) / max(silent, 1)
    for case in cases:
        measured, best = evidence(case, calibration)
        for row in range(min(3, len(best))):
            rows.append(measured[row])
            right.append(case.right(int(best[row])))
            weights.append((1.0 if row == 0 else 0.5) * (share if case.gold is None else 1.0))
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


def outcomes(cases: Sequence[Trial], calibration: Calibration) -> list[tuple[float, bool]]:
    """For each case the probability of its best candidate, and whether that is a right answer."""
    found = []
    for case in cases:
        measured, best = evidence(case, calibration)
        right = bool(len(best)) and case.right(int(best[0]))
        found.append((float(calibration.probability(measured[:1])[0]) if len(best) else 0.0, right))
    return found


def thresholds(
    found: Sequence[tuple[float, bool]], in_scope: Sequence[bool], wrong: float = 0.03
) -> tuple[float, float]:
    """Choose (answer_from, clarify_from).

    Answer where at most `wrong` of all questions get a wrong answer; below it, ask back down to where a tenth of the
    in-scope questions is left: asking costs a turn, declining costs the visitor.
    """
    ranked = sorted(((score, right) for score, right in found), reverse=True)
    mistakes, answer_from = 0, 1.0
    for score, right in ranked:
        mistakes += not right
        if mistakes > wrong * len(ranked):
            break
        answer_from = score
    scores = sorted(score for (score, _), inside in zip(found, in_scope, strict=True) if inside)
    clarify_from = scores[len(scores) // 20] if scores else 0.0
    return answer_from, min(clarify_from, answer_from)


def fit(
    entries: Sequence[Entry], encoder: Encoder, negatives: Mapping[Language, Sequence[str]], every: int = 1
) -> tuple[Calibration, dict[str, object]]:
    """Fit the calibration and report how it does on folds that it was not fitted on."""
    cases = list(trials(entries, encoder, negatives, every))
    blank = Calibration((0.0,) * len(FEATURES), (0.0,) * len(SIGNALS), 0.0, 1.0, 0.0)
    found: list[tuple[float, bool]] = []
    judged: list[Trial] = []
    for fold in range(FOLDS):
        learnt = [case for case in cases if case.fold != fold]
        tested = [case for case in cases if case.fold == fold]
        model = fit_probability(learnt, replace(blank, order_weights=fit_order(learnt)))
        found += outcomes(tested, model)
        judged += tested
    answer_from, clarify_from = thresholds(found, [case.gold is not None for case in judged])
    final = fit_probability(cases, replace(blank, order_weights=fit_order(cases)))
    final = replace(final, answer_from=answer_from, clarify_from=clarify_from)
    return final, {"verdicts": report(judged, found, final), "entry_found": recall(cases, final)}


def report(
    cases: Sequence[Trial], found: Sequence[tuple[float, bool]], calibration: Calibration
) -> dict[str, object]:
    """Figures by language: found first, and how often each verdict is right or wrong."""
    table: dict[str, object] = {}
    for language in LANGUAGES:
        inside = [pair for pair, case in zip(found, cases, strict=True) if case.language == language and case.gold]
        outside = [
            pair for pair, case in zip(found, cases, strict=True) if case.language == language and not case.gold
        ]
        answered = [right for score, right in inside if score >= calibration.answer_from]
        table[language] = {
            "questions": len(inside),
            "right_at_1": _share(right for _, right in inside),
            "answered_right": round(sum(answered) / max(len(inside), 1), 4),
            "answered_wrong": round((len(answered) - sum(answered)) / max(len(inside), 1), 4),
            "declined": _share(score < calibration.clarify_from for score, _ in inside),
            "out_of_scope": len(outside),
            "out_of_scope_answered": _share(score >= calibration.answer_from for score, _ in outside),
            "out_of_scope_declined": _share(score < calibration.clarify_from for score, _ in outside),
        }
    return table


def recall(cases: Sequence[Trial], calibration: Calibration) -> dict[str, dict[str, float]]:
    """Recall@1, @3, @5 and mean reciprocal rank of held-out wordings, by language."""
    table: dict[str, dict[str, float]] = {}
    for language in LANGUAGES:
        ranks = [_rank(case, calibration) for case in cases if case.language == language and case.gold]
        table[language] = {
            **{f"recall_at_{k}": _share(rank <= k for rank in ranks) for k in (1, 3, 5)},
            "mrr": round(sum(1 / rank for rank in ranks) / max(len(ranks), 1), 4),
        }
    return table


def _rank(case: Trial, calibration: Calibration) -> float:
    """Place of the right entry counted from 1; infinite when it is no candidate."""
    _, best = evidence(case, calibration)
    return float(best.tolist().index(case.place) + 1) if case.place >= 0 else float("inf")


def _share(values: Any) -> float:
    """Share of true values, four digits; 0 of none."""
    listed = [bool(value) for value in values]
    return round(sum(listed) / len(listed), 4) if listed else 0.0


def question_text(row: Mapping[str, Any]) -> str:
    """What a row of a questions file asks: on a row with history, the user's turns joined."""
    earlier = (row.get("history") or [])[::2]
    return " ".join([*earlier, row["text"]])


def judge_file(path: Path, searcher: Searcher, on: date, calibration: Calibration) -> list[dict[str, Any]]:
    """Put each row of a questions file (JSON lines) to search alone: verdict, best entry, and whether it is right.

    `outcome` is right, wrong (an answer that rests on none of the row's facts, or where none was due) or miss.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [_judge(row, searcher, on, calibration) for row in rows]


def _judge(row: dict[str, Any], searcher: Searcher, on: date, calibration: Calibration) -> dict[str, Any]:
    """One row's verdict and outcome."""
    text = question_text(row)
    language = detect(row["text"]).language or row["lang"]
    hits = searcher.search(text, language=language, region=None, on=on)
    verdict = decide(hits, calibration)
    stated = [bool(set(hit.entry.facts) & set(row["fact_ids"])) for hit in hits]
    due = row["expect"] == "answer"
    outcome = "miss"
    if verdict == "answer":
        outcome = "right" if due and stated[0] else "wrong"
    elif {"clarify": "clarify", "decline": "out_of_scope"}[verdict] == row["expect"]:
        outcome = "right"
    return {
        "id": row["id"], "text": text, "expect": row["expect"], "verdict": verdict, "outcome": outcome,
        "first": bool(stated[:1] == [True]), "among_three": any(stated[:3]),
        "hits": [(hit.entry.id, round(hit.score, 3)) for hit in hits[:3]],
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure on held-out wordings and print the figures as JSON; with --fit, keep the fitted calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="write the fitted calibration")
    parser.add_argument("--every", type=int, default=1, help="use each N-th wording only")
    parser.add_argument("--questions", type=Path, help="also judge a questions file (JSON lines)")
    parser.add_argument("--on", type=date.fromisoformat, default=date.today(), help="the day that counts")
    chosen = parser.parse_args(arguments)
    encoder = StaticEncoder.untuned(DATA / "encoder")
    entries = load_folder(DATA / "knowledge" / "entries")
    calibration, figures = fit(entries, encoder, load_negatives(DATA / "knowledge" / "negatives.yaml"), chosen.every)
    if chosen.fit:
        calibration.save(DATA / "knowledge" / "calibration.json", {"entries": len(entries), **figures})
    if chosen.questions:
        tuned = load_encoder(DATA / "encoder")
        searcher = Searcher(KnowledgeIndex.build(entries, tuned), tuned, calibration)
        rows = judge_file(chosen.questions, searcher, chosen.on, calibration)
        counts = Counter(f"{row['expect']}: {row['outcome']}" for row in rows)
        due = [row for row in rows if row["expect"] == "answer"]
        figures["questions"] = {
            **dict(sorted(counts.items())),
            "right_at_1": _share(row["first"] for row in due),
            "right_at_3": _share(row["among_three"] for row in due),
        }
    print(json.dumps(figures, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()

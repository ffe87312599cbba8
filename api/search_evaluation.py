"""Measuring and calibrating search with the service's own settings, outside the service."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from api.evaluate import Outcome
from api.settings import Settings
from knowledge.calibration import Calibration
from knowledge.encoder import StaticEncoder, load_encoder
from knowledge.entries import load_folder
from knowledge.evaluation import (
    Found,
    Question,
    across_languages,
    bm25_alone,
    dense_alone,
    hybrid,
    judge,
    load_questions,
    measure,
)
from knowledge.fitting import Fit, fit
from knowledge.index import KnowledgeIndex
from knowledge.measures import Bin, Reliability, quantiles
from knowledge.report import Report, page
from knowledge.search import Searcher
from knowledge.trials import load_negatives


def calibrate(settings: Settings, every: int, folds: int) -> Fit:
    """Fit weights and thresholds of search to the entries, and write them to the knowledge folder.

    Raises:
        ValueError: the data that the fit needs is missing; nothing was written.
    """
    folder = settings.data_dir / "knowledge"
    encoder = load_encoder(settings.encoder_name)
    base = StaticEncoder.untuned(Path(settings.encoder_name)) if isinstance(encoder, StaticEncoder) else encoder
    entries = load_folder(folder / "entries")
    found = fit(entries, base, load_negatives(folder), every, folds, encoder.fingerprint)
    notes = {"on": date.today().isoformat(), "entries": len(entries), "every": every, "folds": folds, **found.notes()}
    found.calibration.save(folder / "calibration.json", notes)
    return found


def report(
    settings: Settings, path: Path, models: Sequence[str], on: date, outcomes: Sequence[Outcome] = ()
) -> tuple[Report, str]:
    """Measure search on the questions of a file; returns the figures, and the page that shows them.

    Raises:
        ValueError: the file holds something that is no question.
    """
    questions = load_questions(path)
    folder = settings.data_dir / "knowledge"
    entries = load_folder(folder / "entries")
    encoder = load_encoder(settings.encoder_name)
    calibration = Calibration.load(folder / "calibration.json")
    index = KnowledgeIndex.build(entries, encoder)
    searcher = Searcher(index, encoder, calibration)
    systems = [
        measure("this search", hybrid(searcher, on), questions),
        measure("dense alone", dense_alone(index, encoder, on), questions),
        measure("BM25 alone", bm25_alone(index, on), questions),
        *(_other(model, index, questions, on) for model in models),
    ]
    figures = Report(
        title=f"Search: {len(questions)} questions, {len(index.rows):,} texts of {len(entries)} entries",
        facts=[
            ("questions", path.name),
            ("measured on", on.isoformat()),
            ("encoder", f"{Path(settings.encoder_name).name} ({encoder.fingerprint})"),
            ("answered from", f"{calibration.answer_from:.2f}"),
            ("asked back from", f"{calibration.clarify_from:.2f}"),
        ],
        systems=systems,
        across=across_languages(entries, encoder, calibration, questions, on),
        verdicts=judge(questions, searcher, calibration, on),
        fitted=_fitted(folder / "calibration.json"),
        service=_by_expectation(outcomes),
        service_latency=quantiles([outcome.seconds for outcome in outcomes]) if outcomes else None,
    )
    return figures, page(figures)


def _other(model: str, index: KnowledgeIndex, questions: Sequence[Question], on: date) -> Found:
    """Another sentence-transformers model, alone, over the same texts."""
    encoder = load_encoder(model)
    other = KnowledgeIndex.build(index.entries, encoder)
    return measure(f"{Path(model).name} alone", dense_alone(other, encoder, on), questions)


def _fitted(path: Path) -> Reliability | None:
    """The reliability that the fit noted, measured on folds it was not fitted on."""
    noted = json.loads(path.read_text(encoding="utf-8"))["fitted"].get("reliability")
    return Reliability(noted["ece"], noted["brier"], [Bin(**one) for one in noted["bins"]]) if noted else None


def _by_expectation(outcomes: Sequence[Outcome]) -> dict[str, Counter[str]]:
    table: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        table.setdefault(outcome.question["expect"], Counter())[outcome.verdict] += 1
    return table

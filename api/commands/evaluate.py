"""``consult evaluate``: how well the service answers, and the calibration of search."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.commands.common import fail, out
from api.settings import get_settings


def evaluate(
    questions: Annotated[
        Path | None, typer.Argument(help="JSON lines: id, lang, text, expect, fact_ids, history")
    ] = None,
    url: Annotated[str, typer.Option(help="a running gateway")] = "",
    misses: Annotated[bool, typer.Option(help="print every question that was not answered right")] = False,
    report: Annotated[Path | None, typer.Option(help="measure search itself, and write this HTML file")] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="with --report: another sentence-transformers model")
    ] = None,
    service: Annotated[bool, typer.Option(help="with --report: also ask a running gateway")] = False,
    calibrate: Annotated[bool, typer.Option(help="fit weights and thresholds of search, and write them")] = False,
    every: Annotated[int, typer.Option(min=1, help="with --calibrate: use each N-th wording")] = 5,
    folds: Annotated[int, typer.Option(min=2, max=4, help="with --calibrate: hold out the first N quarters")] = 4,
) -> None:
    """Ask every question of a file through a running gateway; print right, asked back and wrong by language.

    With --report, search is measured in this process instead, beside BM25 alone, dense alone and other models. With
    --calibrate, weights and thresholds of search are set from the entries' held-out wordings, before anything else.
    """
    from api.evaluate import EvaluationError

    if questions is None and not calibrate:
        raise fail("name a file of questions, or --calibrate")
    try:
        if calibrate:
            _calibrate(every, folds)
        if questions is not None and report is not None:
            _report(questions, report, model or [], url if service or url else None)
        elif questions is not None:
            _ask(questions, url, misses)
    except (EvaluationError, OSError, ValueError) as error:
        raise fail(error) from error


def _ask(questions: Path, url: str, misses: bool) -> None:
    from api.evaluate import evaluate as run

    current = get_settings()
    run(questions, url or f"http://{current.host}:{current.port}", current.data_dir, misses, out)


def _calibrate(every: int, folds: int) -> None:
    from api.search_evaluation import calibrate as run

    fitted = run(get_settings(), every, folds)
    table = Table("held-out wordings", "recall@1", "recall@3", "MRR", "answered right", "answered wrong", "declined")
    verdicts = fitted.notes()["verdicts"]
    for language, found in fitted.recall.items():
        row = verdicts[language]  # type: ignore[index]
        shares = (found["recall_at_1"], found["recall_at_3"], found["mrr"])
        said = (row["answered_right"], row["answered_wrong"], row["declined"])
        table.add_row(language, *(f"{value:.3f}" for value in (*shares, *said)))
    out.print(table)
    calibration = fitted.calibration
    out.print(f"answered from {calibration.answer_from:.3f}, asked back from {calibration.clarify_from:.3f}")


def _report(questions: Path, path: Path, models: list[str], url: str | None) -> None:
    from api.evaluate import evaluate as ask
    from api.search_evaluation import report as run

    current = get_settings()
    base = url or f"http://{current.host}:{current.port}"
    outcomes = ask(questions, base, current.data_dir, False, out) if url is not None else []
    figures, page = run(current, questions, models, date.today(), outcomes)
    path.write_text(page, encoding="utf-8")
    table = Table("", "language", "recall@1", "recall@3", "recall@5", "MRR", "p50 ms", "p95 ms")
    for system in figures.systems:
        for language, ranks in system.by_language.items():
            shares = [f"{value:.3f}" for value in (ranks.at_1, ranks.at_3, ranks.at_5, ranks.mrr)]
            table.add_row(system.name, language, *shares, *(f"{value:.1f}" for value in system.latency))
    out.print(table)
    sure = figures.verdicts.reliability
    out.print(f"reliability: expected calibration error {sure.ece:.3f}, Brier score {sure.brier:.3f}")
    out.print(f"written: {path}")

"""``consult evaluate``: how well the service answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import fail, out
from api.settings import get_settings


def evaluate(
    questions: Annotated[Path, typer.Argument(help="JSON lines with lang, text, expect, fact_ids, history")],
    url: Annotated[str, typer.Option(help="a running gateway")] = "",
    misses: Annotated[bool, typer.Option(help="print every question that was not answered right")] = False,
) -> None:
    """Ask every question of a file through a running gateway; print right, asked back and wrong by language."""
    from api.evaluate import EvaluationError
    from api.evaluate import evaluate as run

    current = get_settings()
    base = url or f"http://{current.host}:{current.port}"
    try:
        run(questions, base, current.data_dir, misses, out)
    except EvaluationError as error:
        raise fail(error) from error

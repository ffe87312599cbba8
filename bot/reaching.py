"""How many of the messages that nothing answers get past the engine: `bot/.venv/bin/python bot/reaching.py`.

Search alone would have to stay silent on every kind of such message (data/knowledge/negatives.yaml); in the service
the engine's intents decline most of them before. Calibration weighs each kind by the share that search is really
asked about. The share is cross-validated: a message is put to an engine that was not trained on it. The figures go
to data/knowledge/reaching.json; run this after the engine's training data changed much, then calibrate anew.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import warnings
from collections import Counter
from datetime import date
from pathlib import Path

import yaml

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.environment import ROOT, engine_environment
from bot.evaluate import Case, actions, load_cases, predictions

ASKED_BACK = ("followup", "correct")
"""Intents that are searched for but, as a first message, never answered outright: they are asked back."""
FOLDS = 3


def negatives() -> list[Case]:
    """The messages that nothing answers, with their kind in place of an intent."""
    kinds = yaml.safe_load((ROOT / "data" / "knowledge" / "negatives.yaml").read_text(encoding="utf-8"))
    return [
        Case(language, kind, text)
        for kind, languages in kinds.items()
        for language, texts in languages.items()
        for text in texts
    ]


def measure(config: Path, folds: int) -> dict[str, dict[str, float]]:
    """Kind → language → share (0..1) of messages that search would be asked to answer."""
    cases, action = negatives(), actions()
    met: Counter[tuple[str, str]] = Counter()
    past: Counter[tuple[str, str]] = Counter()
    for fold in range(folds):
        asked = cases[fold::folds]
        found = predictions(config, load_cases(), asked, without={case.text for case in asked}, tuning=True)
        for one in found:
            kind = one.case.intent, one.case.language
            met[kind] += 1
            past[kind] += action[one.intent] == "action_answer" and one.intent not in ASKED_BACK
    table: dict[str, dict[str, float]] = {}
    for (kind, language), count in met.items():
        table.setdefault(kind, {})[language] = round(past[kind, language] / count, 3)
    return table


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure which messages get past the engine to search.")
    parser.add_argument("--config", type=Path, default=ROOT / "bot" / "config.yml")
    parser.add_argument("--folds", type=int, default=FOLDS)
    arguments = parser.parse_args()
    os.environ.update(engine_environment())
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    reached = {"measured": date.today().isoformat(), "kinds": measure(arguments.config, arguments.folds)}
    text = json.dumps(reached, indent=2)
    (ROOT / "data" / "knowledge" / "reaching.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

"""Cross-validation of a pipeline: `bot/.venv/bin/python bot/evaluate.py bot/config.yml [--folds 5] [--errors]`.

Whole pipelines are trained and asked through Rasa, cues and thresholds included, so the figures are those of the
engine as it runs. Each fold asks a fifth of the messages in data/nlu of a model trained on the others and on the
knowledge base's own questions. An `nlu_fallback` counts as a wrong intent, though not as a wrong action.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import yaml

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.environment import ROOT, engine_environment
from bot.train import knowledge_questions

LANGUAGES = ("zh", "yue", "en")


class Case(NamedTuple):
    """One training message."""

    language: str
    intent: str
    text: str


def load_cases() -> list[Case]:
    """All training messages of data/nlu."""
    from rasa.shared.nlu.training_data.loading import load_data

    cases = []
    for language in LANGUAGES:
        for example in load_data(str(ROOT / "data" / "nlu" / f"{language}.yml")).intent_examples:
            cases.append(Case(language, example.get("intent"), example.get("text")))
    return cases


def split(cases: list[Case], folds: int) -> list[list[Case]]:
    """Folds with the same share of each language's intents; the same on every run."""
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.language, case.intent].append(case)
    parts: list[list[Case]] = [[] for _ in range(folds)]
    for group in groups.values():
        random.Random(12367).shuffle(group)
        for index, case in enumerate(group):
            parts[index % folds].append(case)
    return parts


def write_nlu(cases: list[Case], path: Path) -> None:
    """Training messages as Rasa reads them."""
    groups: dict[str, list[str]] = defaultdict(list)
    for _, intent, text in cases:
        groups[intent].append(text)
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in groups.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def predictions(
    config: Path, training: list[Case], asked: list[Case], without: Collection[str] = ()
) -> list[tuple[str, float]]:
    """(intent, milliseconds) for each message asked of a model trained on `training` and the knowledge base."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "nlu.yml"
        write_nlu(training, data)
        (Path(folder) / "questions.yml").write_text(knowledge_questions(without), encoding="utf-8")
        agent = Agent.load(train_nlu(str(config), folder, folder))
        found = []
        for _, _, text in asked:
            started = time.perf_counter()
            parsed = asyncio.run(agent.parse_message(text))
            found.append((parsed["intent"]["name"], (time.perf_counter() - started) * 1000))
        return found


def actions() -> dict[str, str]:
    """The action of each intent, from the rules."""
    rules = yaml.safe_load((ROOT / "data" / "nlu" / "rules.yml").read_text(encoding="utf-8"))["rules"]
    return {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in rules}


def f1(pairs: list[tuple[str, str]]) -> tuple[float, float]:
    """Micro and macro F1 of (expected, predicted) pairs; a predicted fallback is a miss, never a class."""
    right = Counter(expected for expected, found in pairs if expected == found)
    expected_of, found_of = Counter(one for one, _ in pairs), Counter(one for _, one in pairs)
    answered = sum(count for intent, count in found_of.items() if intent != "nlu_fallback")
    micro = 2 * sum(right.values()) / (len(pairs) + answered)
    each = [2 * right[intent] / (expected_of[intent] + found_of[intent]) for intent in expected_of]
    return micro, sum(each) / len(each)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Cross-validate a pipeline, by language.")
    parser.add_argument("config", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only", type=int, help="run the first N folds only")
    parser.add_argument("--errors", action="store_true", help="list every miss")
    arguments = parser.parse_args()
    os.environ.update(engine_environment())
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    report(arguments)


def report(arguments: argparse.Namespace) -> None:
    """Runs the folds and prints one line a language."""
    parts = split(load_cases(), arguments.folds)
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    times: list[float] = []
    started = time.perf_counter()
    for index, asked in enumerate(parts[: arguments.only]):
        training = [case for other, part in enumerate(parts) if other != index for case in part]
        for (language, intent, text), (found, spent) in zip(
            asked, predictions(arguments.config, training, asked), strict=True
        ):
            pairs[language].append((intent, found))
            times.append(spent)
            if arguments.errors and intent != found:
                print(f"{language} {intent} -> {found}: {text}")
    for language in LANGUAGES:
        micro, macro = f1(pairs[language])
        action = actions()
        right = sum(action[expected] == action[found] for expected, found in pairs[language])
        print(
            f"{language}: {len(pairs[language])} messages, intent micro F1 {micro:.3f}, macro F1 {macro:.3f}, "
            f"right action {right / len(pairs[language]):.3f}"
        )
    print(f"parse p50 {sorted(times)[len(times) // 2]:.1f} ms; {time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()

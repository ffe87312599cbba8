"""How well a pipeline understands: `bot/.venv/bin/python bot/evaluate.py bot/config.yml [--folds 5] [--errors]`.

Whole pipelines are trained and asked through Rasa, cues and thresholds included, so the figures are those of the
engine as it runs. Each fold asks a fifth of the messages in data/nlu of a model trained on the others and on the
knowledge base's own questions; what visitors type and what was written to be confused are counted apart.
`--held-back` and `--strangers` train on all of them and ask tests/bot/data. The readers have learnt from data/nlu, so
each fold tunes its own (`bot/tuning`: a quarter of an hour for each, and packages that it names), or only one of them
(`--reader english`, which asks the messages that it reads), or does without (`--without-readers`). An `nlu_fallback`
counts as a wrong intent, though not as a wrong action: it is searched for like a question.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import os
import random
import resource
import shutil
import subprocess
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

from bot.components.readers import CHINESE, ENGLISH, reader_of
from bot.environment import ROOT, engine_environment
from bot.train import knowledge_questions, message_files

LANGUAGES = ("zh", "yue", "en")
HELD_BACK = ROOT / "tests" / "bot" / "data"


class Case(NamedTuple):
    """One training message; `contrast`: written to be confused with one of another intent."""

    language: str
    intent: str
    text: str
    contrast: bool = False


class Found(NamedTuple):
    """What the engine made of one message; `spent` in milliseconds."""

    case: Case
    intent: str
    subject: str | None
    spent: float

    @property
    def wanted(self) -> str:
        """The right intent, without its subject."""
        return self.case.intent.partition("/")[0]


def load_cases() -> list[Case]:
    """All training messages of data/nlu."""
    from rasa.shared.nlu.training_data.loading import load_data

    cases = []
    for language, paths in message_files().items():
        for path in paths:
            for example in load_data(str(path)).intent_examples:
                key = example.get("intent_response_key") or example.get("intent")
                cases.append(Case(language, key, example.get("text"), path.stem.startswith("contrasts")))
    return cases


def load_held_back(name: str = "held_back") -> list[Case]:
    """Messages of tests/bot/data that no training file holds: `# intent` lines, each followed by its messages."""
    cases = []
    for language in LANGUAGES:
        path, intent = HELD_BACK / f"{name}_{language}.txt", ""
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            if line.startswith("# "):
                intent = line[2:]
            elif line:
                cases.append(Case(language, intent, line))
    return cases


def split(cases: list[Case], folds: int) -> list[list[Case]]:
    """Folds with the same share of each language's intents and contrasts; the same on every run."""
    groups: dict[tuple[str, str, bool], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.language, case.intent, case.contrast].append(case)
    parts: list[list[Case]] = [[] for _ in range(folds)]
    for group in groups.values():
        random.Random(12367).shuffle(group)
        for index, case in enumerate(group):
            parts[index % folds].append(case)
    return parts


def write_nlu(cases: list[Case], path: Path) -> None:
    """Training messages as Rasa reads them."""
    groups: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        groups[case.intent].append(case.text)
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in groups.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def with_readers(config: Path, folder: Path | None, made: Path) -> Path:
    """The pipeline `config` with other readers, or none, written to `made`."""
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))
    for component in pipeline["pipeline"]:
        if component["name"].endswith(".IntentModel"):
            component["readers"] = str(folder) if folder else None
    made.write_text(yaml.safe_dump(pipeline, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return made


def tuned(reader: str, cases: list[Case]) -> Path:
    """The folder of a reader of these messages alone, made by the gateway's environment, which has torch.

    Kept in .cache, so that a cross-validation that was broken off goes on where it was. On one thread: two such runs
    side by side, one for each reader, take three quarters of the time that one after the other takes on two.
    """
    kept = ROOT / ".cache" / "readers"
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as folder:
        messages = Path(folder) / "nlu.yml"
        write_nlu([case for case in cases if reader_of(case.text) == reader], messages)
        sources = [messages, *sorted((ROOT / "bot" / "tuning").glob("*.py"))]
        key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        made = kept / f"{reader}-{key[:16]}"
        if not made.exists():
            line = [ROOT / ".venv" / "bin" / "python", "-m", "bot.tuning", "--only", reader]
            subprocess.run([*map(str, line), "--messages", messages, "--out", folder], cwd=ROOT, check=True)
            (Path(folder) / reader).rename(made)
    return made


def tuned_readers(cases: list[Case], questions: str, only: str | None, folder: Path) -> Path:
    """`folder`, with readers of these messages and of the knowledge base; of `only` one, beside the other as is."""
    asked = [
        Case("", block["intent"], line.removeprefix("- "))
        for block in yaml.safe_load(questions)["nlu"]
        for line in block["examples"].splitlines()
    ]
    shutil.copytree(ROOT / "data" / "readers", folder)
    for reader in [only] if only else [CHINESE, ENGLISH]:
        shutil.copytree(tuned(reader, cases + asked), folder / reader, dirs_exist_ok=True)
    return folder


def predictions(
    config: Path,
    training: list[Case],
    asked: list[Case],
    without: Collection[str] = (),
    tuning: bool | None = None,
    reader: str | None = None,
) -> list[Found]:
    """What a model trained on `training` and the knowledge base understands of each message.

    `tuning`: with readers tuned to these messages, or one `reader`; False: without any; None: with data/readers.
    """
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
        data = Path(folder) / "nlu.yml"
        write_nlu(training, data)
        questions = knowledge_questions(without)
        (Path(folder) / "questions.yml").write_text(questions, encoding="utf-8")
        # Rasa takes every file of `folder` for training data, so the readers and their pipeline lie beside it.
        if tuning is not None and "IntentModel" in config.read_text(encoding="utf-8"):
            made = tuned_readers(training, questions, reader, Path(beside) / "readers") if tuning else None
            config = with_readers(config, made, Path(beside) / "config.yml")
        started = time.process_time()
        model = train_nlu(str(config), folder, folder)
        print(f"trained in {time.process_time() - started:.0f} s of processor time", flush=True)
        agent = Agent.load(model)
        found = []
        for case in asked:
            # Processor time, so that other work on the machine does not count.
            started = time.process_time()
            parsed = asyncio.run(agent.parse_message(case.text))
            spent = (time.process_time() - started) * 1000
            found.append(Found(case, parsed["intent"]["name"], parsed.get("subject"), spent))
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
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--held-back", action="store_true", help="train on everything and ask tests/bot/data")
    kept.add_argument("--strangers", action="store_true", help="the same with messages of a hand never learnt from")
    parser.add_argument("--reader", choices=(CHINESE, ENGLISH), help="ask what this one reads, and tune no other")
    parser.add_argument("--without-readers", action="store_true", help="cross-validate without transformers")
    parser.add_argument("--errors", action="store_true", help="list every miss")
    arguments = parser.parse_args()
    os.environ.update(engine_environment())
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    started = time.perf_counter()
    found = answers(arguments)
    if arguments.errors:
        for one in found:
            if one.intent != one.wanted:
                print(f"{one.case.language} {one.case.intent} -> {one.intent}: {one.case.text}")
    report(found)
    print(f"{time.perf_counter() - started:.0f} s in all, {peak_memory():.2f} GB at the peak")


def answers(arguments: argparse.Namespace) -> list[Found]:
    """What was understood, over the folds or of the held-back messages."""
    if arguments.held_back or arguments.strangers:
        asked = load_held_back("strangers" if arguments.strangers else "held_back")
        return predictions(arguments.config, load_cases(), asked)
    parts, reader = split(load_cases(), arguments.folds), arguments.reader
    found: list[Found] = []
    for index, part in enumerate(parts[: arguments.only]):
        if found:
            report(found)  # a fold takes long: what is known so far
        training = [case for place, others in enumerate(parts) if place != index for case in others]
        asked = [case for case in part if reader in (None, reader_of(case.text))]
        tuning = not arguments.without_readers
        found += predictions(arguments.config, training, asked, tuning=tuning, reader=reader)
    return found


def report(found: list[Found]) -> None:
    """Prints the lines of each language, then what was let in, kept out, and how long it took."""
    action = actions()
    for language in LANGUAGES:
        of = [one for one in found if one.case.language == language]
        typed = [one for one in of if not one.case.contrast]
        if of:
            print(f"{language}: {line(of, action)}")
        if 0 < len(typed) < len(of):
            print(f"    as typed: {line(typed, action)}")
            print(f"    contrasts: {line([one for one in of if one.case.contrast], action)}")
    outside = [one for one in found if one.wanted == "out_of_scope"]
    inside = [one for one in found if one.wanted == "ask"]
    kept_out = sum(one.intent == "out_of_scope" for one in outside) / len(outside)
    lost = sum(action.get(one.intent) == "action_decline" for one in inside) / len(inside)
    spent = sorted(one.spent for one in found)
    print(f"out of scope: {kept_out:.3f} recalled, {lost:.3f} of the questions in scope declined")
    print(f"parse p50 {spent[len(spent) // 2]:.1f} ms, p95 {spent[len(spent) * 95 // 100]:.1f} ms")


def line(found: list[Found], action: dict[str, str]) -> str:
    """The figures of some messages."""
    micro, macro = f1([(one.wanted, one.intent) for one in found])
    right = sum(action[one.wanted] == action.get(one.intent) for one in found)
    asked = [one for one in found if one.wanted == one.intent == "ask"]
    subject = sum(one.case.intent == f"ask/{one.subject}" for one in asked)
    return (
        f"{len(found)} messages, intent micro F1 {micro:.3f}, macro F1 {macro:.3f}, "
        f"right action {right / len(found):.3f}, right subject {subject / max(len(asked), 1):.3f}"
    )


def peak_memory() -> float:
    """The most memory this process has held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()

"""Trains the engine's model, unless nothing that it depends on changed: `bot/.venv/bin/python bot/train.py`.

Beside the messages in data/nlu, the first wordings of each knowledge entry are examples of questions that are in
scope: what the service has an answer to must not be taken for something it does not do. The messages that search is
calibrated to stay silent on (data/knowledge/negatives.yaml) are examples of what is not, or of what is too vague.
"""

from __future__ import annotations

import argparse
import hashlib
import shlex
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import yaml

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.environment import BOT, MODEL, ROOT, engine_environment

FINGERPRINT = MODEL.with_name("engine.fingerprint")
QUESTIONS = BOT / ".rasa" / "questions" / "questions.yml"
_WORDINGS = 5
_SILENT = {
    "out_of_scope": "out_of_scope",
    "personal_case": "personal_case",
    "illegal_help": "illegal_help",
    "chitchat": "chitchat",
    "vague": "followup",  # what leans on something unsaid
}
_INTENT_OF_AREA = {
    "clearance": "ask/clearance",
    "documents": "ask/documents",
    "life": "ask/life",
    "suggestions": "ask/service",
    "routing": "ask/service",
}
_INTENT_OF_TOPIC = {"progress_delivery": "ask/progress"}  # a topic that is a subject of its own
_PATTERNS = (
    "data/nlu/*.yml",
    "data/nlu/lexicon.yaml",
    "data/terms.yaml",
    "bot/config.yml",
    "bot/domain.yml",
    "data/places/*",
    "bot/requirements.lock",
    "bot/components/*.py",
    "knowledge/language*.py",
    "knowledge/encoder*.py",
    "knowledge/text/*.py",
    "data/encoder/*.json",
    "data/encoder/*.safetensors",
    "data/readers/*/*.json",
    "data/readers/*/*.onnx",
)


def message_files() -> dict[str, list[Path]]:
    """The training messages by language: first what visitors type, then what was written to be confused with it."""
    folder = ROOT / "data" / "nlu"
    return {
        language: [folder / f"{language}.yml", folder / f"contrasts_{language}.yml"]
        for language in ("zh", "yue", "en")
    }


def knowledge_questions(without: Collection[str] = ()) -> str:
    """Rasa training data (YAML) of the first wordings in each language of every seed entry; the same on each run.

    Messages listed in `without` are left out: who measures on them must not train on them.
    """
    by_intent: dict[str, dict[str, None]] = {}
    for path in sorted((ROOT / "data" / "knowledge" / "entries").glob("*.yaml")):
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or []:
            intent = _INTENT_OF_TOPIC.get(entry["topic"], _INTENT_OF_AREA[entry["area"]])
            texts = by_intent.setdefault(intent, {})
            for questions in entry["questions"].values():
                texts.update(dict.fromkeys(" ".join(one.split()) for one in questions[:_WORDINGS]))
    negatives = yaml.safe_load((ROOT / "data" / "knowledge" / "negatives.yaml").read_text(encoding="utf-8"))
    for kind, intent in _SILENT.items():
        by_intent[intent] = {text: None for texts in negatives[kind].values() for text in texts}
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in by_intent.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts if text not in without)]
    return "\n".join(lines) + "\n"


def fingerprint(questions: str) -> str:
    """SHA-256 over the names and contents of everything that the model is made from."""
    digest = hashlib.sha256(questions.encode())
    for path in sorted({path for pattern in _PATTERNS for path in ROOT.glob(pattern)}):
        digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def command() -> list[str]:
    """The training command, run from the project's root."""
    return [
        sys.executable, "-m", "rasa", "train", "--config", "bot/config.yml", "--domain", "bot/domain.yml",
        "--data", "data/nlu", str(QUESTIONS.parent.relative_to(ROOT)), "--out", "bot/models",
        # The tests validate the data; Rasa's own check reads all of it twice more and warns about every message.
        "--fixed-model-name", "engine-new", "--skip-validation",
    ]  # fmt: skip


def train(force: bool = False) -> bool:
    """Trains if needed and swaps the model in when it is complete. True when a model was trained.

    Raises subprocess.CalledProcessError when Rasa fails; the old model then stays.
    """
    questions = knowledge_questions()
    current = fingerprint(questions)
    if not force and MODEL.exists() and FINGERPRINT.exists() and FINGERPRINT.read_text().strip() == current:
        return False
    QUESTIONS.parent.mkdir(parents=True, exist_ok=True)
    QUESTIONS.write_text(questions, encoding="utf-8")
    line = command()
    print(shlex.join(line), flush=True)
    done = subprocess.run(
        line, cwd=ROOT, env=engine_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        # Rasa's own output is pages of other libraries' warnings, so it is shown only when it may explain something.
        print(done.stdout, file=sys.stderr)
        done.check_returncode()
    MODEL.with_name("engine-new.tar.gz").replace(MODEL)
    FINGERPRINT.write_text(current + "\n", encoding="utf-8")
    return True


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Train the engine's model.")
    parser.add_argument("--force", action="store_true", help="train even if nothing changed")
    trained = train(parser.parse_args().force)
    print(f"{MODEL.relative_to(ROOT)}: {'trained' if trained else 'up to date'}")


if __name__ == "__main__":
    main()

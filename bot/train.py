"""Trains the engine's model, unless nothing that it depends on changed: `bot/.venv/bin/python bot/train.py`."""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import subprocess
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.environment import BOT, MODEL, ROOT, engine_environment

FINGERPRINT = MODEL.with_name("engine.fingerprint")
_PATTERNS = (
    "data/nlu/*.yml",
    "data/terms.yaml",
    "bot/config.yml",
    "bot/domain.yml",
    "bot/requirements.lock",
    "bot/components/*.py",
    "knowledge/language*.py",
    "knowledge/encoder*.py",
    "knowledge/text/*.py",
    "data/encoder/*.json",
    "data/encoder/*.safetensors",
)


def fingerprint() -> str:
    """SHA-256 over the names and contents of everything that the model is made from."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in _PATTERNS for path in ROOT.glob(pattern)}):
        digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def command() -> list[str]:
    """The training command, run from the project's root."""
    return [
        sys.executable, "-m", "rasa", "train", "--config", "bot/config.yml", "--domain", "bot/domain.yml",
        "--data", "data/nlu", "--out", "bot/models", "--fixed-model-name", "engine-new",
    ]  # fmt: skip


def train(force: bool = False) -> bool:
    """Trains if needed and swaps the model in when it is complete. True when a model was trained.

    Raises subprocess.CalledProcessError when Rasa fails; the old model then stays.
    """
    current = fingerprint()
    if not force and MODEL.exists() and FINGERPRINT.exists() and FINGERPRINT.read_text().strip() == current:
        return False
    line = command()
    print(shlex.join(line), flush=True)
    done = subprocess.run(
        line, cwd=ROOT, env=engine_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        # Rasa's own output is pages of other libraries' warnings, so it is shown only when it may explain something.
        print(done.stdout, file=sys.stderr)
        done.check_returncode()
    os.replace(BOT / "models" / "engine-new.tar.gz", MODEL)
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

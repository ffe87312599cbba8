"""Runs the engine: `bot/.venv/bin/python -m bot.serve [--port 5005] [--enable-api]` from the project's root.

One launcher, because `rasa run` by itself listens on every address, reports to its makers and talks a lot.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.environment import BOT, MODEL, ROOT, engine_environment


def command(arguments: argparse.Namespace) -> list[str]:
    """The `rasa run` command with the project's own files."""
    line = [sys.executable, "-m", "rasa", "run", "-i", arguments.host, "--port", str(arguments.port)]
    line += ["--model", str(arguments.model)]
    line += ["--endpoints", str(BOT / "endpoints.yml"), "--credentials", str(BOT / "credentials.yml")]
    return [*line, "--enable-api"] if arguments.enable_api else line


def main() -> None:
    """Replaces this process by Rasa, so that signals reach it."""
    parser = argparse.ArgumentParser(description="Run the engine; this machine alone can reach it.")
    parser.add_argument("--host", choices=("127.0.0.1", "localhost", "::1"), default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--enable-api", action="store_true", help="Rasa's own API (parse), for tests only")
    arguments = parser.parse_args()
    if not arguments.model.exists():
        parser.error(f"{arguments.model} is missing: train it with bot/train.py")
    os.chdir(ROOT)
    line = command(arguments)
    os.execve(line[0], line, engine_environment())


if __name__ == "__main__":
    main()

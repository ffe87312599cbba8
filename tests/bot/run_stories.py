"""`rasa test core` on test stories with one load of the model, in the engine's Python: prints what failed as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

from bot.environment import MODEL, engine_environment


def main() -> None:
    """Arguments: files of test stories."""
    os.environ.update(engine_environment())
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    from rasa.core.agent import Agent
    from rasa.core.test import test

    agent = Agent.load(str(MODEL))
    found = {}
    for path in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            report = asyncio.run(test(path, agent, out_directory=folder, e2e=True, disable_plotting=True))
            failed = Path(folder) / "failed_test_stories.yml"
            text = failed.read_text(encoding="utf-8") if failed.exists() else ""
            found[path] = {
                "accuracy": report["report"].get("conversation_accuracy", {"accuracy": 0.0})["accuracy"],
                "failed": text,
            }
    print("STORIES " + json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()

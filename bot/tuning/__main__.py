"""The command line: `.venv/bin/python -m bot.tuning [--only chinese] [--threads 2]`, a quarter of an hour in all."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import torch
import yaml

from bot.components.readers import CHINESE, ENGLISH, reader_of
from bot.environment import ROOT
from bot.train import knowledge_questions, message_files
from bot.tuning.bases import chinese_base, english_base
from bot.tuning.reader import EPOCHS, Rows, export, tuned

BASES = {CHINESE: chinese_base, ENGLISH: english_base}


def messages_of(reader: str, files: Iterable[str]) -> Rows:
    """(message, intent) of training data in Rasa's form that this reader is asked about, none twice."""
    rows = {}
    for file in files:
        for block in yaml.load(file, Loader=yaml.CSafeLoader)["nlu"]:
            for line in block["examples"].splitlines():
                text = line.strip().removeprefix("- ")
                if text and reader_of(text) == reader:
                    rows.setdefault((text, block["intent"]))
    return list(rows)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Tune the readers to the intents.")
    parser.add_argument("--only", choices=BASES, help="one of the two")
    parser.add_argument(
        "--messages", type=Path, nargs="*", help="training data, instead of data/nlu and the knowledge base"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "readers")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    paths = arguments.messages or [path for both in message_files().values() for path in both]
    files = [path.read_text(encoding="utf-8") for path in paths]
    if not arguments.messages:
        files.append(knowledge_questions())
    for name in [arguments.only] if arguments.only else BASES:
        rows = messages_of(name, files)
        print(f"{name}: {len(rows)} messages", flush=True)
        base = BASES[name]()
        export(*tuned(base, rows, arguments.epochs), base, arguments.out / name)
        print(f"written to {arguments.out / name}", flush=True)


if __name__ == "__main__":
    main()

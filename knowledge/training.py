"""Tunes the embedded encoder to the domain: what people call the same thing moves together.

The recipe: the wordings of one entry, in all three languages, are positives for each other, those of the other
entries in the batch are negatives (InfoNCE in both directions). Tokens are dropped at random so that no single word
decides. Six epochs over 30,000 wordings take about two minutes on one core.

    python -m knowledge.training      # tunes data/encoder, always from its untuned state
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import UNTUNED, StaticEncoder
from knowledge.entries import Entry, load_folder
from knowledge.paths import DATA

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """Settings of a training. ``sharpness`` is the inverse temperature of the softmax over a batch."""

    epochs: int = 6
    batch: int = 512
    rate: float = 2e-3
    dropout: float = 0.1
    sharpness: float = 20.0
    seed: int = 12367


def wordings(entries: Sequence[Entry]) -> tuple[list[str], Ids]:
    """Every wording of every entry, and the number of its entry: shape (n,)."""
    texts = [(text, number) for number, entry in enumerate(entries) for text in _all(entry)]
    return [text for text, _ in texts], np.array([number for _, number in texts], dtype=np.int64)


def tune(base: StaticEncoder, texts: Sequence[str], labels: Ids, recipe: Recipe | None = None) -> NDArray[np.float32]:
    """The token vectors after training, shape (tokens, dimension), float32; ``base`` stays as it is.

    ``labels`` says which texts mean the same. Texts without a known token, and labels with a single text, teach
    nothing and are left out.
    """
    import torch
    from torch.nn import EmbeddingBag

    recipe = recipe or Recipe()
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    chance = np.random.default_rng(recipe.seed)
    bags, labels = _usable(base.token_ids(texts), labels)
    members = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
    model = EmbeddingBag.from_pretrained(torch.from_numpy(base.weights.copy()), freeze=False, mode="mean")
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    for _ in range(recipe.epochs):
        order = chance.permutation(len(bags))
        for start in range(0, len(order), recipe.batch):
            chosen = order[start : start + recipe.batch]
            partners = np.array([chance.choice(members[int(label)]) for label in labels[chosen]])
            left = model(*_packed([_thinned(bags[i], recipe.dropout, chance) for i in chosen]))
            right = model(*_packed([bags[i] for i in partners]))
            loss = _contrast(left, right, labels[chosen], recipe.sharpness)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    trained: NDArray[np.float32] = model.weight.detach().numpy()
    return trained


def tuned_to(base: StaticEncoder, entries: Sequence[Entry], mark: str) -> StaticEncoder:
    """A copy of ``base`` tuned to the wordings of ``entries``; nothing is written."""
    return base.with_weights(tune(base, *wordings(entries)), mark)


def save(base: StaticEncoder, folder: Path, weights: NDArray[np.float32]) -> None:
    """Write tuned token vectors into the model's folder, and beside them what they replaced, in half precision."""
    from safetensors.numpy import save_file

    half = weights.astype(np.float16)
    before = base.weights.astype(np.float16)
    rows = np.flatnonzero((half != before).any(axis=1)).astype(np.int32)
    save_file({"rows": rows, "weights": before[rows]}, folder / UNTUNED)
    save_file({"embedding.weight": half}, folder / "model.safetensors")


def _all(entry: Entry) -> list[str]:
    return [text for texts in entry.questions.values() for text in texts]


def _usable(bags: Sequence[Sequence[int]], labels: Ids) -> tuple[list[Ids], Ids]:
    counts = np.bincount(labels, minlength=1)
    kept = [i for i, bag in enumerate(bags) if len(bag) and counts[labels[i]] > 1]
    return [np.array(bags[i], dtype=np.int64) for i in kept], labels[kept]


def _thinned(bag: Ids, dropout: float, chance: np.random.Generator) -> Ids:
    """A text with some of its tokens left out; short ones stay whole."""
    if len(bag) <= 3:
        return bag
    kept = bag[chance.random(len(bag)) > dropout]
    return kept if len(kept) else bag


def _packed(bags: Sequence[Ids]) -> tuple[Any, Any]:
    """Bags as EmbeddingBag takes them: all ids in a row, and where each bag begins."""
    import torch

    offsets = np.cumsum([0, *(len(bag) for bag in bags[:-1])])
    return torch.from_numpy(np.concatenate(bags)), torch.from_numpy(offsets)


def _contrast(left: Any, right: Any, labels: Ids, sharpness: float) -> Any:
    """InfoNCE over a batch in both directions; other texts of the same entry count neither way."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    scores = sharpness * normalize(left, dim=1) @ normalize(right, dim=1).T
    twins = torch.from_numpy(labels[:, None] == labels[None, :])
    twins.fill_diagonal_(False)
    scores = scores.masked_fill(twins, -1e4)
    target = torch.arange(len(labels))
    return (cross_entropy(scores, target) + cross_entropy(scores.T, target)) / 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Tune the project's model to the project's entries."""
    parser = argparse.ArgumentParser(description="Tune the encoder to the entries' wordings.")
    parser.add_argument("--encoder", type=Path, default=DATA / "encoder", help="folder of the model, tuned in place")
    parser.add_argument("--entries", type=Path, default=DATA / "knowledge" / "entries")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    given = parser.parse_args(arguments)
    texts, labels = wordings(load_folder(given.entries))
    print(f"{len(texts)} wordings of {labels.max() + 1} entries, {given.epochs} epochs", flush=True)
    base = StaticEncoder.untuned(given.encoder)
    save(base, given.encoder, tune(base, texts, labels, Recipe(epochs=given.epochs)))


if __name__ == "__main__":
    main()

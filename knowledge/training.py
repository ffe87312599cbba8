"""Tunes the embedded encoder to the domain: what people call the same thing moves together.

The recipe: the wordings of one entry, in all three languages, are positives for each other, those of the other
entries in the batch are negatives (InfoNCE in both directions); a batch holds nearly every entry, those of the same
topic included, so the hard negatives are there by themselves. The learning rate falls to nothing over the epochs.
Only the vectors of tokens that occur are trained: twelve epochs over 46,000 wordings take half a minute on one core.

    consult encoder tune      # tunes data/encoder, always from its untuned state
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import UNTUNED, StaticEncoder
from knowledge.entries import Entry

Ids = NDArray[np.int64]
_SIDES: tuple[Any, Any] = ("left", "right")


@dataclass(frozen=True)
class Recipe:
    """Settings of a training. ``sharpness`` is the inverse temperature of the softmax over a batch."""

    epochs: int = 12
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
    usable, labels = _usable(base.token_ids(texts), labels)
    used, ids = np.unique(usable.ids, return_inverse=True)
    bags = Bags(ids, usable.sizes)
    model = EmbeddingBag.from_pretrained(torch.from_numpy(base.weights[used]), freeze=False, mode="mean")
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.rate, fused=True)
    schedule = _Falling(optimizer, recipe, len(labels))
    for _ in range(recipe.epochs):
        order = chance.permutation(len(labels))
        for start in range(0, len(order), recipe.batch):
            chosen = order[start : start + recipe.batch]
            partners = _partners(labels, chosen, chance)
            sides = bags.packed(chosen, recipe.dropout, chance), bags.packed(partners, 0.0, chance)
            left, right = model(*_joined(*sides)).chunk(2)  # in one go: a gradient of all vectors is made once
            loss = contrast(left, right, labels[chosen], recipe.sharpness)
            schedule.step()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    trained = base.weights.copy()
    trained[used] = model.weight.detach().numpy()
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


@dataclass(frozen=True)
class Bags:
    """Token numbers of texts in one array, `sizes[n]` of them text n's."""

    ids: Ids
    sizes: Ids

    def packed(self, chosen: Ids, dropout: float, chance: np.random.Generator) -> tuple[Any, Any]:
        """The chosen texts as EmbeddingBag takes them: all ids in a row, and where each text begins.

        Tokens are left out by chance, but none of a text of three or fewer, and never all.
        """
        import torch

        sizes = self.sizes[chosen]
        text = np.repeat(np.arange(len(chosen)), sizes)
        begins = np.cumsum(self.sizes)[chosen] - sizes
        ids = self.ids[np.arange(len(text)) + np.repeat(begins - (np.cumsum(sizes) - sizes), sizes)]
        kept = (chance.random(len(text)) >= dropout) | (sizes <= 3)[text]
        kept |= (np.bincount(text[kept], minlength=len(chosen)) == 0)[text]
        left = np.bincount(text[kept], minlength=len(chosen))
        return torch.from_numpy(ids[kept]), torch.from_numpy(np.cumsum(left) - left)


def _joined(one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
    """Two packed lists of texts as one."""
    import torch

    return torch.cat([one[0], other[0]]), torch.cat([one[1], other[1] + len(one[0])])


class _Falling:
    """A learning rate that rises over the first twentieth of all steps and then falls in a line to a fiftieth."""

    def __init__(self, optimizer: Any, recipe: Recipe, texts: int) -> None:
        self._optimizer, self._rate, self._step = optimizer, recipe.rate, 0
        self._steps = recipe.epochs * -(-texts // recipe.batch)

    def step(self) -> None:
        """Set the rate of the next step."""
        share = max(0.02, 1 - self._step / self._steps) * min(1.0, (self._step + 1) / (1 + self._steps / 20))
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * share
        self._step += 1


def _usable(bags: Sequence[Sequence[int]], labels: Ids) -> tuple[Bags, Ids]:
    """The texts that have tokens, and a label that another text has too; in the order of their labels."""
    counts = np.bincount(labels, minlength=1)
    kept = sorted(
        (i for i, bag in enumerate(bags) if len(bag) and counts[labels[i]] > 1), key=lambda i: (labels[i], i)
    )
    ids = np.array([token for i in kept for token in bags[i]], dtype=np.int64)
    return Bags(ids, np.array([len(bags[i]) for i in kept], dtype=np.int64)), labels[kept]


def _partners(labels: Ids, chosen: Ids, chance: np.random.Generator) -> Ids:
    """For each chosen text one of the same label, any of them, itself included. `labels` are in order."""
    first, last = (np.searchsorted(labels, labels[chosen], side=side) for side in _SIDES)
    return first + (chance.random(len(chosen)) * (last - first)).astype(np.int64)


def contrast(left: Any, right: Any, labels: Ids, sharpness: float) -> Any:
    """InfoNCE over a batch in both directions, shapes (batch, dimension); twins by label count neither way."""
    import torch
    from torch.nn.functional import cross_entropy, normalize

    scores = sharpness * normalize(left, dim=1) @ normalize(right, dim=1).T
    twins = torch.from_numpy(labels[:, None] == labels[None, :])
    twins.fill_diagonal_(False)
    scores = scores.masked_fill(twins, -1e4)
    target = torch.arange(len(labels))
    return (cross_entropy(scores, target) + cross_entropy(scores.T, target)) / 2

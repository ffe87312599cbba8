"""Turning sentences into vectors, behind one small protocol.

The embedded model is static: `StaticEncoder` reads it with NumPy alone, in the gateway as in the engine, whose
environment cannot carry sentence-transformers. An operator may name any other model of sentence-transformers; only
then is that library loaded, with torch (0.4 GB and some seconds). A test shows that both agree on the embedded one.
"""

import copy
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from knowledge.text.normalise import drop_broken

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@runtime_checkable
class Encoder(Protocol):
    """What search and the engine need of a model.

    >>> from knowledge.paths import DATA
    >>> isinstance(StaticEncoder(DATA / "encoder"), Encoder)
    True
    """

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever vectors would: an index built under another fingerprint is refused."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension), each of length 1, or all zero for a text without known words."""
        ...


UNTUNED = "untuned.safetensors"
"""In a tuned model's folder: the token vectors that tuning changed, as they were before."""


class StaticEncoder:
    """The embedded model: a sentence is the mean of its tokens' vectors.

    Raises FileNotFoundError when the folder lacks a file of the model.

    >>> from knowledge.paths import DATA
    >>> encoder = StaticEncoder(DATA / "encoder")
    >>> encoder.encode(["护照", "passport"]).shape
    (2, 256)
    """

    def __init__(self, folder: Path) -> None:
        for name in ("tokenizer.json", "model.safetensors"):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"no encoder in {folder.name}: {name} is missing")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        weights: NDArray[np.float32] = load_file(folder / "model.safetensors")["embedding.weight"].astype(np.float32)
        self.weights = weights
        self.dimension = int(weights.shape[1])
        self.fingerprint = folder_fingerprint(folder)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension), L2-normalised; a text without tokens gives zeros."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, ids in enumerate(self.token_ids(texts)):
            if ids:
                vectors[row] = self.weights[ids].mean(axis=0)
        return _unit(vectors)

    @classmethod
    def untuned(cls, folder: Path) -> "StaticEncoder":
        """The model before `knowledge.training` tuned it: what a fair test, or the next tuning, starts from."""
        encoder = cls(folder)
        if (folder / UNTUNED).is_file():
            before = load_file(folder / UNTUNED)
            encoder = encoder.with_weights(encoder.weights.copy(), "untuned")
            encoder.weights[before["rows"]] = before["weights"].astype(np.float32)
        return encoder

    def with_weights(self, weights: NDArray[np.float32], mark: str) -> "StaticEncoder":
        """The same tokenizer over other token vectors; `mark` tells their fingerprint apart."""
        other = copy.copy(self)
        other.weights, other.fingerprint = weights, f"{self.fingerprint}-{mark}"
        return other

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text's tokens: rows of `weights`, shape (tokens, dimension)."""
        clean = [drop_broken(text) for text in texts]
        if len(clean) == 1:  # a batch wakes a pool of threads, which one question is not worth
            return [self._tokenizer.encode(clean[0], add_special_tokens=False).ids]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(clean, add_special_tokens=False)]


class SentenceEncoder:
    """Any sentence-transformers model, from a folder or by its name on a model hub."""

    def __init__(self, model: "SentenceTransformer", fingerprint: str) -> None:
        self._model = model
        self.fingerprint = fingerprint
        self.dimension = int(model.encode(["a"], show_progress_bar=False).shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension), L2-normalised."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        clean = [drop_broken(text) for text in texts]
        vectors = self._model.encode(clean, batch_size=256, convert_to_numpy=True, show_progress_bar=False)
        return _unit(np.nan_to_num(np.asarray(vectors, dtype=np.float32)))  # a text without tokens has no mean


def load_encoder(path_or_name: str | Path) -> Encoder:
    """Load the encoder of search: a local folder (then no network is asked) or the name of a model on a hub.

    >>> from knowledge.paths import DATA
    >>> load_encoder(DATA / "encoder").encode(["visa"]).shape
    (1, 256)
    """
    folder = Path(path_or_name)
    return StaticEncoder(folder) if _is_static(folder) else load_sentence_encoder(path_or_name)


def load_sentence_encoder(path_or_name: str | Path) -> SentenceEncoder:
    """Load any model through sentence-transformers.

    One torch thread: two were measured slower than one on a busy server.
    """
    local = Path(path_or_name).is_dir()
    if local:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(str(path_or_name), device="cpu")
    fingerprint = folder_fingerprint(Path(path_or_name)) if local else _name_fingerprint(str(path_or_name), model)
    return SentenceEncoder(model, fingerprint)


def _is_static(folder: Path) -> bool:
    """Whether a folder holds a model of the kind that `StaticEncoder` reads: mean of token vectors, normalised."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [module["type"].rpartition(".")[2] for module in modules]
        return kinds == ["StaticEmbedding", "Normalize"] and modules[0]["path"] == ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def folder_fingerprint(folder: Path) -> str:
    """A digest of the files that decide the vectors (weights, tokenizer, module list), 16 hex digits."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".txt", ".model", ".bin") and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _name_fingerprint(name: str, model: "SentenceTransformer") -> str:
    """A digest of a hub model: its name, its dimension and the vector it gives a fixed sentence."""
    probe = np.asarray(model.encode(["12367 visa 签证"], show_progress_bar=False), dtype=np.float32)
    content = json.dumps([name, probe.shape[1], np.round(probe, 3).tolist()])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each row to length 1 and leave rows of zeros alone."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return unit

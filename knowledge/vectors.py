"""Vectors that were computed once, kept on disk under the encoder's fingerprint."""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Encoder

_KEY = 16
_DIGEST = 32


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


class VectorCache:
    """Text → vector for one encoder, backed by one file in a folder (or by none).

    The file is a digest, then records of a text's key and its vector; a file whose digest differs is ignored.
    """

    def __init__(self, folder: Path | None, encoder: Encoder) -> None:
        self._encoder = encoder
        self._path = folder / f"vectors-{encoder.fingerprint}.bin" if folder else None

    def vectors(self, texts: Sequence[str], known: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension); texts that nobody knows yet are encoded, and remembered."""
        table = self._read()
        missing = [text for text in dict.fromkeys(texts) if text not in known and _key(text) not in table]
        if missing:
            table.update(zip(map(_key, missing), self._encoder.encode(missing), strict=True))
        empty = np.zeros((0, self._encoder.dimension), dtype=np.float32)
        found = [known[text] if text in known else table[_key(text)] for text in texts]
        if missing:
            self._write({_key(text): vector for text, vector in zip(texts, found, strict=True)})
        return np.stack(found).astype(np.float32) if found else empty

    def _read(self) -> dict[bytes, NDArray[np.float32]]:
        """The file's content, or nothing when there is none or it is damaged."""
        if self._path is None or not self._path.is_file():
            return {}
        content = self._path.read_bytes()
        digest, body = content[:_DIGEST], content[_DIGEST:]
        size = _KEY + 4 * self._encoder.dimension
        if hashlib.sha256(body).digest() != digest or len(body) % size:
            return {}
        return {
            body[place : place + _KEY]: np.frombuffer(body[place + _KEY : place + size], dtype=np.float32)
            for place in range(0, len(body), size)
        }

    def _write(self, table: Mapping[bytes, NDArray[np.float32]]) -> None:
        """Keep what the newest index uses: texts that are gone leave the cache with it."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        body = b"".join(key + np.asarray(vector, dtype=np.float32).tobytes() for key, vector in table.items())
        replace_file(self._path, hashlib.sha256(body).digest() + body)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY).digest()

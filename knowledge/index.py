"""The searchable form of the knowledge base: every wording and every answer's first sentence, as vectors and words.

An index never changes after it was built: searches go on with the old one while a new one is built, and what was
encoded once is taken over from the previous index or from a cache on disk.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import Encoder
from knowledge.entries import LANGUAGES, Entry, from_dict, to_dict
from knowledge.lexical import Lexicon, inverse_frequencies, letter_groups
from knowledge.text.tokens import search_tokens
from knowledge.vectors import VectorCache, replace_file

_SENTENCE = re.compile(r".+?(?:[。！？；\n]|[.!?](?=\s)|$)", re.DOTALL)
_FORMAT = 1


class UnusableIndexError(ValueError):
    """A saved index that must not be used: damaged, of another format, or built by another encoder."""


@dataclass(frozen=True)
class Row:
    """One searchable text: a wording, or an answer's first sentence."""

    text: str
    entry: int
    language: str
    answer: bool


class KnowledgeIndex:
    """Entries with their rows, vectors and words. Build it with `build` or `load`.

    >>> from knowledge.encoder import StaticEncoder
    >>> from knowledge.paths import DATA
    >>> entry = from_dict({"id": "a", "topic": "t", "area": "life", "questions": {"zh": ["护照多少钱"]},
    ...     "answer": {"zh": "120元。"}, "authority": "nia"})
    >>> index = KnowledgeIndex.build([entry], StaticEncoder(DATA / "encoder"))
    >>> len(index), index.vectors.shape
    (1, (2, 256))
    """

    def __init__(
        self, entries: Sequence[Entry], rows: Sequence[Row], vectors: NDArray[np.float32], fingerprint: str,
        tokens: Sequence[tuple[str, ...]],
    ) -> None:  # fmt: skip
        self.entries = tuple(entries)
        self.rows = tuple(rows)
        self.vectors = vectors
        self.fingerprint = fingerprint
        self.tokens = tuple(tokens)
        self.row_entry = np.array([row.entry for row in rows], dtype=np.int64)
        self.starts = np.searchsorted(self.row_entry, np.arange(len(entries) + 1))
        self.row_answer = np.array([row.answer for row in rows], dtype=bool)
        self.row_language = np.array([LANGUAGES.index(row.language) for row in rows], dtype=np.int64)
        self.dense = faiss.IndexFlatIP(vectors.shape[1])
        self.dense.add(np.ascontiguousarray(vectors))
        self.words = Lexicon(tokens)
        self.letters = Lexicon([letter_groups(row.text) for row in rows])
        self.entry_tokens = [
            frozenset(token for row in tokens[start:end] for token in row)
            for start, end in zip(self.starts[:-1], self.starts[1:], strict=True)
        ]
        self.idf = inverse_frequencies(self.entry_tokens)

    def __len__(self) -> int:
        return len(self.entries)

    @classmethod
    def build(
        cls,
        entries: Sequence[Entry],
        encoder: Encoder,
        previous: "KnowledgeIndex | None" = None,
        cache: Path | None = None,
    ) -> "KnowledgeIndex":
        """Build an index of the given entries.

        Only texts that neither `previous` nor the cache folder knows under this encoder are encoded. A damaged cache
        is started afresh: it holds nothing that cannot be computed again.
        """
        rows = _rows(entries)
        known: dict[str, NDArray[np.float32]] = {}
        cut: dict[str, tuple[str, ...]] = {}
        if previous is not None and previous.fingerprint == encoder.fingerprint:
            known = {row.text: vector for row, vector in zip(previous.rows, previous.vectors, strict=True)}
        if previous is not None:
            cut = {row.text: tokens for row, tokens in zip(previous.rows, previous.tokens, strict=True)}
        vectors = VectorCache(cache, encoder).vectors([row.text for row in rows], known)
        tokens = [cut.get(row.text) or tuple(search_tokens(row.text)) for row in rows]
        return cls(entries, rows, vectors, encoder.fingerprint, tokens)

    def save(self, folder: Path) -> None:
        """Write the index; the checksum file is written last, so that a half-written index is never taken for one."""
        folder.mkdir(parents=True, exist_ok=True)
        contents = {
            "entries.json": json.dumps([to_dict(entry) for entry in self.entries], ensure_ascii=False).encode(),
            "vectors.f32": np.ascontiguousarray(self.vectors).tobytes(),
        }
        for name, content in contents.items():
            replace_file(folder / name, content)
        manifest = {
            "format": _FORMAT,
            "encoder": self.fingerprint,
            "shape": list(self.vectors.shape),
            "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        }
        replace_file(folder / "index.json", json.dumps(manifest).encode())

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> "KnowledgeIndex":
        """Read a saved index. Raises UnusableIndexError when it is damaged or not this encoder's."""
        try:
            manifest = json.loads((folder / "index.json").read_bytes())
            contents = {name: (folder / name).read_bytes() for name in ("entries.json", "vectors.f32")}
            if manifest["format"] != _FORMAT:
                raise UnusableIndexError(f"index in {folder.name}: format {manifest['format']} is not {_FORMAT}")
            if manifest["encoder"] != encoder.fingerprint:
                raise UnusableIndexError(
                    f"index in {folder.name}: built by encoder {manifest['encoder']}, not this one"
                )
            for name, content in contents.items():
                if hashlib.sha256(content).hexdigest() != manifest["sha256"][name]:
                    raise UnusableIndexError(f"index in {folder.name}: {name} is damaged (checksum differs)")
        except (OSError, KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise UnusableIndexError(f"index in {folder.name}: cannot be read: {error!r}") from error
        entries = [from_dict(values) for values in json.loads(contents["entries.json"])]
        vectors = np.frombuffer(contents["vectors.f32"], dtype=np.float32).reshape(manifest["shape"])
        rows = _rows(entries)
        return cls(entries, rows, vectors, encoder.fingerprint, [tuple(search_tokens(row.text)) for row in rows])


def _rows(entries: Sequence[Entry]) -> list[Row]:
    """Every wording of every entry, then its answers' first sentences; the rows of one entry lie together."""
    rows: list[Row] = []
    for number, entry in enumerate(entries):
        for language, wordings in entry.questions.items():
            rows += [Row(wording, number, language, False) for wording in wordings]
        for language, text in entry.answer.items():
            first = _SENTENCE.match(text)
            rows.append(Row(first.group().strip() if first else text, number, language, True))
    return rows

"""The searchable form of the knowledge base: every wording and every answer's first sentence, as vectors and words.

An index never changes after it was built: searches go on with the old one while a new one is built. A successor
takes the rows of unchanged entries over as they lie, so that a change costs what changed, and some copying.
"""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from knowledge.dense import DenseIndex
from knowledge.encoder import Encoder
from knowledge.entries import Entry, from_dict, to_dict
from knowledge.lexical import Bags, Lexicon, Vocabulary, worth
from knowledge.paths import DATA
from knowledge.rows import Rows, Vocabularies, texts_of
from knowledge.text.tokens import search_tokens

_FORMAT = 2
_FILES = ("entries.json", "tokens.json", "rows.npz")
_MANIFEST = "index.json"


class UnusableIndexError(ValueError):
    """A saved index that must not be used: damaged, of another format, or built by another encoder."""


class KnowledgeIndex:
    """Entries with their rows, vectors and words. Build it with `build` or `load`.

    >>> from knowledge.encoder import StaticEncoder
    >>> from knowledge.paths import DATA
    >>> entry = from_dict({"id": "a", "topic": "t", "area": "life", "questions": {"zh": ["护照多少钱"]},
    ...     "answer": {"zh": "120元。"}, "authority": "nia"})
    >>> index = KnowledgeIndex.build([entry], StaticEncoder(DATA / "encoder"))
    >>> len(index), index.rows.texts, index.rows.vectors.shape
    (1, ('护照多少钱', '120元。'), (2, 256))
    """

    def __init__(
        self, entries: Sequence[Entry], sizes: Sequence[int], rows: Rows, numbers: Vocabularies, fingerprint: str,
        previous: "KnowledgeIndex | None" = None, origin: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        self.entries = tuple(entries)
        self.rows = rows
        self.numbers = numbers
        self.fingerprint = fingerprint
        self.starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)
        """Entry n has the rows from starts[n] up to starts[n + 1]."""
        self.row_entry = np.repeat(np.arange(len(self.entries)), np.diff(self.starts))
        self.dense: DenseIndex = DenseIndex(rows.vectors, previous.dense if previous else None, origin)
        self.words = Lexicon(rows.words, numbers.words)
        self.letters = Lexicon(rows.letters, numbers.letters)
        self.entry_words = self._entry_words()
        found = int(np.count_nonzero(np.diff(self.starts)))  # an entry without rows (a template) is never found
        self.worth = worth(np.bincount(self.entry_words.indices, minlength=len(numbers.words)), found)
        """What a word is worth, by how few entries have it: shape (words,), 0 for a word that none has."""
        self._places = {entry.id: number for number, entry in enumerate(self.entries)}

    def _entry_words(self) -> csr_array:
        """How often each entry has each word, shape (entries, words)."""
        bags = self.rows.words
        row_ends = np.concatenate([[0], np.cumsum(bags.sizes, dtype=np.int64)])
        return Bags(bags.ids, np.diff(row_ends[self.starts]).astype(np.int32)).counts(len(self.numbers.words))

    def __len__(self) -> int:
        return len(self.entries)

    @classmethod
    def build(
        cls, entries: Sequence[Entry], encoder: Encoder, previous: "KnowledgeIndex | None" = None
    ) -> "KnowledgeIndex":
        """Build an index of the given entries.

        Rows of entries that `previous` has with the same texts are copied from there; of a changed entry only the
        new texts are encoded. An index of another encoder is no help.
        """
        if previous is not None and previous.fingerprint != encoder.fingerprint:
            previous = None
        numbers = previous.numbers if previous else Vocabularies(Vocabulary(), Vocabulary())
        parts, origin = [Rows.of([], encoder, numbers)], [np.zeros(0, dtype=np.int64)]
        for run, first in _runs(entries, previous):
            if previous and first is not None:
                start, end = int(previous.starts[first]), int(previous.starts[first + len(run)])
                parts.append(previous.rows.part(start, end))
                origin.append(np.arange(start, end))
            else:
                parts.append(Rows.of(run, encoder, numbers, _known(run, previous)))
                origin.append(np.full(len(parts[-1]), -1, dtype=np.int64))
        sizes = [len(texts_of(entry)) for entry in entries]
        rows = Rows.join(parts)
        return cls(entries, sizes, rows, numbers, encoder.fingerprint, previous, np.concatenate(origin))

    @classmethod
    def kept(cls, entries: Sequence[Entry], encoder: Encoder, folder: Path) -> tuple["KnowledgeIndex", str]:
        """Build an index from what the folder has of it, and keep it there for the next start.

        Also returns a note, empty when all went well: why the saved index was of no use (none yet, damaged, another
        encoder's; then everything is computed again), or why this one could not be saved.
        """
        search_tokens("签证 visa")  # loads the dictionaries now: a saved index needs none, the first question does
        saved, note = None, ""
        try:
            saved = cls.load(folder, encoder)
        except UnusableIndexError as error:
            note = str(error)
        index = cls.build(entries, encoder, saved)
        if saved is None or saved.entries != index.entries:
            try:
                index.save(folder)
            except OSError as error:  # a full disk: the next start takes some seconds longer
                note = f"index in {folder.name}: cannot be saved: {error}"
        return index, note

    def word_numbers(self, words: Sequence[str]) -> NDArray[np.int64]:
        """The number of each word, -1 for one that no entry has."""
        given = [next(iter(self.numbers.words.known([word])), -1) for word in words]
        known = [number if number < len(self.worth) and self.worth[number] else -1 for number in given]
        return np.array(known, dtype=np.int64)

    def has_words(self, entry: int, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the words, given by number, an entry has."""
        table = self.entry_words
        own = table.indices[table.indptr[entry] : table.indptr[entry + 1]]
        places = np.minimum(np.searchsorted(own, numbers), len(own) - 1)
        return np.asarray(own[places] == numbers) if len(own) else np.zeros(len(numbers), dtype=bool)

    def unchanged(self, entry: Entry) -> int | None:
        """The place of an entry in `entries`, unless its texts are others here."""
        place = self._places.get(entry.id)
        if place is None:
            return None
        known = self.entries[place]
        return place if known.questions == entry.questions and known.answer == entry.answer else None

    def rows_of(self, entry_id: str) -> Rows | None:
        """The rows of an entry, or None when there is none of that id."""
        place = self._places.get(entry_id)
        return None if place is None else self.rows.part(int(self.starts[place]), int(self.starts[place + 1]))

    def save(self, folder: Path) -> None:
        """Write the index; the manifest is written last, so that a half-written index is never taken for one."""
        folder.mkdir(parents=True, exist_ok=True)
        contents = dict(zip(_FILES, (self._entries_file(), self._tokens_file(), self._rows_file()), strict=True))
        for name, content in contents.items():
            replace_file(folder / name, content)
        manifest = {
            "format": _FORMAT, "encoder": self.fingerprint, "text": text_fingerprint(),
            "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        }  # fmt: skip
        replace_file(folder / _MANIFEST, json.dumps(manifest).encode())

    def _entries_file(self) -> bytes:
        return json.dumps([to_dict(entry) for entry in self.entries], ensure_ascii=False).encode()

    def _tokens_file(self) -> bytes:
        words, letters = list(self.numbers.words), list(self.numbers.letters)
        return json.dumps({"words": words, "letters": letters}, ensure_ascii=False).encode()

    def _rows_file(self) -> bytes:
        rows, file = self.rows, io.BytesIO()
        np.savez(
            file, vectors=rows.vectors, words=rows.words.ids, words_sizes=rows.words.sizes,
            letters=rows.letters.ids, letters_sizes=rows.letters.sizes,
        )  # fmt: skip
        return file.getvalue()

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> "KnowledgeIndex":
        """Read a saved index. Raises UnusableIndexError when it is damaged, or not made by this encoder and code."""
        contents = _read(folder, encoder)
        try:
            entries = [from_dict(values) for values in json.loads(contents["entries.json"])]
            tokens = json.loads(contents["tokens.json"])
            numbers = Vocabularies(Vocabulary(tokens["words"]), Vocabulary(tokens["letters"]))
            with np.load(io.BytesIO(contents["rows.npz"]), allow_pickle=False) as columns:
                words = Bags(columns["words"], columns["words_sizes"])
                letters = Bags(columns["letters"], columns["letters_sizes"])
                rows = Rows.described(entries, columns["vectors"], words, letters)
        except (KeyError, ValueError) as error:
            raise UnusableIndexError(f"index in {folder.name}: cannot be read: {error!r}") from error
        return cls(entries, [len(texts_of(entry)) for entry in entries], rows, numbers, encoder.fingerprint)


def _read(folder: Path, encoder: Encoder) -> dict[str, bytes]:
    """The files of a saved index, once they are known to be whole and this encoder's."""
    name = f"index in {folder.name}"
    try:
        manifest = json.loads((folder / _MANIFEST).read_bytes())
        contents = {file: (folder / file).read_bytes() for file in _FILES}
        if manifest["format"] != _FORMAT:
            raise UnusableIndexError(f"{name}: format {manifest['format']} is not {_FORMAT}")
        if manifest["encoder"] != encoder.fingerprint:
            raise UnusableIndexError(f"{name}: built by encoder {manifest['encoder']}, not this one")
        if manifest["text"] != text_fingerprint():
            raise UnusableIndexError(f"{name}: its words were cut by other rules or terms than today's")
        for file, content in contents.items():
            if hashlib.sha256(content).hexdigest() != manifest["sha256"][file]:
                raise UnusableIndexError(f"{name}: {file} is damaged (checksum differs)")
    except (OSError, KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UnusableIndexError(f"{name}: cannot be read: {error!r}") from error
    return contents


def _runs(entries: Sequence[Entry], previous: KnowledgeIndex | None) -> list[tuple[list[Entry], int | None]]:
    """The entries cut into runs: those unchanged and side by side in the previous index, with the place of the first
    there; and the others, with None."""
    runs: list[tuple[list[Entry], int | None]] = []
    for entry in entries:
        place = previous.unchanged(entry) if previous else None
        run, first = runs[-1] if runs else ([], -1)
        if place == (None if first is None else first + len(run)) and run:
            run.append(entry)
        else:
            runs.append(([entry], place))
    return runs


def _known(run: Sequence[Entry], previous: KnowledgeIndex | None) -> Rows | None:
    """What the previous index has of entries that changed."""
    parts = [rows for entry in run if previous and (rows := previous.rows_of(entry.id))]
    return Rows.join(parts) if parts else None


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


@lru_cache(maxsize=1)
def text_fingerprint() -> str:
    """A digest of everything that decides how a text is cut into words and letter groups: rules and terms."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in (*sorted((here / "text").glob("*.py")), here / "lexical.py", here / "rows.py", DATA / "terms.yaml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]

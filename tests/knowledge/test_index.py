"""The index: built incrementally, saved with a checksum, refused when it cannot be trusted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.encoder import StaticEncoder
from knowledge.entries import Entry
from knowledge.index import KnowledgeIndex, UnusableIndexError

from .conftest import make_entry


class Counting:
    """An encoder that notes what it was asked to encode."""

    def __init__(self, inner: StaticEncoder, fingerprint: str = "counting") -> None:
        self._inner = inner
        self.dimension, self.fingerprint = inner.dimension, fingerprint
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return self._inner.encode(texts)


def test_rows_are_wordings_and_first_sentences(encoder: StaticEncoder) -> None:
    entry = make_entry("a", "问一", answer={"zh": "第一句。第二句。", "en": "It costs 1.50 yuan. Then more."})
    index = KnowledgeIndex.build([entry], encoder)
    assert [(row.text, row.answer) for row in index.rows] == [
        ("问一", False),
        ("第一句。", True),
        ("It costs 1.50 yuan.", True),
    ]


def test_only_new_texts_are_encoded(small_base: list[Entry], encoder: StaticEncoder) -> None:
    counting = Counting(encoder)
    first = KnowledgeIndex.build(small_base, counting)
    counting.asked.clear()
    second = KnowledgeIndex.build([*small_base, make_entry("new", "什么是新问题")], counting, previous=first)
    assert counting.asked == ["什么是新问题"]
    assert np.array_equal(second.vectors[: len(first.rows)], first.vectors)


def test_vectors_are_remembered_on_disk(small_base: list[Entry], encoder: StaticEncoder, tmp_path: Path) -> None:
    KnowledgeIndex.build(small_base, Counting(encoder), cache=tmp_path)
    counting = Counting(encoder)
    KnowledgeIndex.build(small_base, counting, cache=tmp_path)
    assert counting.asked == []


def test_another_encoder_shares_no_vectors(small_base: list[Entry], encoder: StaticEncoder, tmp_path: Path) -> None:
    first = KnowledgeIndex.build(small_base, Counting(encoder), cache=tmp_path)
    other = Counting(encoder, "other")
    KnowledgeIndex.build(small_base, other, previous=first, cache=tmp_path)
    assert len(other.asked) == len({row.text for row in first.rows})


def test_a_damaged_cache_is_computed_again(small_base: list[Entry], encoder: StaticEncoder, tmp_path: Path) -> None:
    first = KnowledgeIndex.build(small_base, Counting(encoder), cache=tmp_path)
    (file,) = tmp_path.glob("vectors-*.bin")
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    counting = Counting(encoder)
    again = KnowledgeIndex.build(small_base, counting, cache=tmp_path)
    assert counting.asked
    assert np.array_equal(again.vectors, first.vectors)


def test_a_saved_index_comes_back(small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path) -> None:
    small_index.save(tmp_path / "index")
    loaded = KnowledgeIndex.load(tmp_path / "index", encoder)
    assert loaded.entries == small_index.entries
    assert loaded.rows == small_index.rows
    assert np.array_equal(loaded.vectors, small_index.vectors)


@pytest.mark.parametrize("name", ["vectors.f32", "entries.json", "index.json"])
@pytest.mark.parametrize("harm", ["flip", "cut", "remove"])
def test_a_damaged_index_is_refused(
    small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path, name: str, harm: str
) -> None:
    small_index.save(tmp_path)
    file = tmp_path / name
    content = bytearray(file.read_bytes())
    if harm == "remove":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    with pytest.raises(UnusableIndexError):
        KnowledgeIndex.load(tmp_path, encoder)


def test_another_encoders_index_is_refused(
    small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path
) -> None:
    small_index.save(tmp_path)
    with pytest.raises(UnusableIndexError, match="not this one"):
        KnowledgeIndex.load(tmp_path, Counting(encoder, "other"))


def test_an_empty_index_can_be_built(encoder: StaticEncoder) -> None:
    assert len(KnowledgeIndex.build([], encoder)) == 0

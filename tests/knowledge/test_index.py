"""The index: built incrementally, saved with a checksum, refused when it cannot be trusted."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.encoder import StaticEncoder
from knowledge.entries import Entry
from knowledge.index import KnowledgeIndex, UnusableIndexError
from knowledge.lexical import letter_groups
from knowledge.paths import DATA
from knowledge.text.tokens import search_tokens

from .conftest import make_entry

ENCODER = StaticEncoder(DATA / "encoder")


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
    assert list(zip(index.rows.texts, index.rows.answers.tolist(), strict=True)) == [
        ("问一", False),
        ("第一句。", True),
        ("It costs 1.50 yuan.", True),
    ]


def asked(entry: Entry, *more: str) -> Entry:
    return replace(entry, questions={**entry.questions, "zh": (*entry.questions.get("zh", ()), *more)})


def test_only_new_texts_are_encoded(small_base: list[Entry], encoder: StaticEncoder) -> None:
    counting = Counting(encoder)
    first = KnowledgeIndex.build(small_base, counting)
    counting.asked.clear()
    changed = [small_base[0], asked(small_base[1], "什么是新问题"), *small_base[2:]]
    second = KnowledgeIndex.build(changed, counting, previous=first)
    assert counting.asked == ["什么是新问题"]
    assert second.rows.texts.count("什么是新问题") == 1


def test_an_unchanged_base_is_not_encoded_at_all(small_base: list[Entry], encoder: StaticEncoder) -> None:
    counting = Counting(encoder)
    first = KnowledgeIndex.build(small_base, counting)
    counting.asked.clear()
    KnowledgeIndex.build([replace(entry, version=2, region="440300") for entry in small_base], counting, first)
    assert counting.asked == []


TEXTS = ["办护照多少钱", "签证怎么延期", "visa 过期", "罗湖几点关门", "home return permit lost", "回鄉證唔見咗"]
ENTRIES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True)),
    unique_by=lambda pair: pair[0], max_size=6,
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(ENTRIES, ENTRIES)
def test_a_successor_equals_an_index_built_afresh(before: list[Any], after: list[Any]) -> None:
    """Whatever was added, changed, removed or moved, what was taken over fits."""

    def built(pairs: list[Any], previous: KnowledgeIndex | None = None) -> KnowledgeIndex:
        return KnowledgeIndex.build(
            [make_entry(id, "", questions={"zh": texts}) for id, texts in pairs], ENCODER, previous
        )

    successor, fresh = built(after, built(before)), built(after)
    assert (successor.entries, successor.rows.texts) == (fresh.entries, fresh.rows.texts)
    assert np.array_equal(successor.rows.vectors, fresh.rows.vectors)
    assert np.array_equal(successor.row_entry, fresh.row_entry)
    for query in ("visa延期", "办护照"):
        tokens = search_tokens(query)
        assert np.allclose(successor.words.scores(tokens), fresh.words.scores(tokens), atol=1e-6)
        groups = letter_groups(query)
        assert np.allclose(successor.letters.scores(groups), fresh.letters.scores(groups), atol=1e-6)


def test_another_encoder_shares_no_vectors(small_base: list[Entry], encoder: StaticEncoder) -> None:
    first = KnowledgeIndex.build(small_base, Counting(encoder))
    other = Counting(encoder, "other")
    second = KnowledgeIndex.build(small_base, other, previous=first)
    assert set(other.asked) == set(first.rows.texts)
    assert second.fingerprint == "other"


def test_a_saved_index_comes_back(small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path) -> None:
    small_index.save(tmp_path / "index")
    counting = Counting(encoder, small_index.fingerprint)
    loaded = KnowledgeIndex.load(tmp_path / "index", counting)
    assert loaded.entries == small_index.entries
    assert loaded.rows.texts == small_index.rows.texts
    assert np.array_equal(loaded.rows.vectors, small_index.rows.vectors)
    tokens = search_tokens("签证怎么延期")
    assert np.array_equal(loaded.words.scores(tokens), small_index.words.scores(tokens))
    KnowledgeIndex.build(loaded.entries, counting, loaded)
    assert counting.asked == []


@pytest.mark.parametrize("name", ["rows.npz", "tokens.json", "entries.json", "index.json"])
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


def test_an_index_of_other_words_is_refused(
    small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_index.save(tmp_path)
    monkeypatch.setattr("knowledge.index.text_fingerprint", lambda: "of other terms")
    with pytest.raises(UnusableIndexError, match="other rules or terms"):
        KnowledgeIndex.load(tmp_path, encoder)


def test_a_start_encodes_only_what_changed_since_the_last(
    small_base: list[Entry], encoder: StaticEncoder, tmp_path: Path
) -> None:
    counting = Counting(encoder)
    _, note = KnowledgeIndex.kept(small_base, counting, tmp_path / "index")
    assert "cannot be read" in note
    counting.asked.clear()
    changed = [asked(small_base[0], "什么是新问题"), *small_base[1:]]
    index, note = KnowledgeIndex.kept(changed, counting, tmp_path / "index")
    assert (counting.asked, note) == (["什么是新问题"], "")
    assert KnowledgeIndex.load(tmp_path / "index", counting).entries == index.entries


@pytest.mark.parametrize("name", ["rows.npz", "tokens.json", "entries.json", "index.json"])
def test_a_start_with_a_damaged_index_computes_all_again(
    small_base: list[Entry], small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path, name: str
) -> None:
    small_index.save(tmp_path)
    (tmp_path / name).write_bytes(b"\0not it")
    index, note = KnowledgeIndex.kept(small_base, encoder, tmp_path)
    assert np.array_equal(index.rows.vectors, small_index.rows.vectors)
    assert tmp_path.name in note
    assert KnowledgeIndex.load(tmp_path, encoder).entries == index.entries


def test_a_start_with_another_encoders_index_computes_all_again(
    small_base: list[Entry], small_index: KnowledgeIndex, encoder: StaticEncoder, tmp_path: Path
) -> None:
    small_index.save(tmp_path)
    other = Counting(encoder, "other")
    index, note = KnowledgeIndex.kept(small_base, other, tmp_path)
    assert index.fingerprint == "other"
    assert "not this one" in note


def test_an_index_that_cannot_be_saved_serves_all_the_same(
    small_base: list[Entry], encoder: StaticEncoder, tmp_path: Path
) -> None:
    (tmp_path / "index").write_text("a file where the folder should be", encoding="utf-8")
    index, note = KnowledgeIndex.kept(small_base, encoder, tmp_path / "index")
    assert len(index) == len(small_base)
    assert "cannot be saved" in note


def test_an_empty_index_can_be_built(encoder: StaticEncoder) -> None:
    assert len(KnowledgeIndex.build([], encoder)) == 0

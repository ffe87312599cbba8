"""Nearest vectors: filtered before the best are chosen, and beyond exact search nearly as good as exact."""

import numpy as np
import pytest

from knowledge import dense
from knowledge.dense import DenseIndex


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    chance = np.random.default_rng(1)
    centres = chance.normal(size=(60, 32))
    made = centres[chance.integers(0, 60, 6000)] + chance.normal(size=(6000, 32)) * 0.8
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.01])
@pytest.mark.parametrize("compressed", [False, True])
def test_finds_the_nearest_allowed_rows(
    vectors: np.ndarray, share: float, compressed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if compressed:
        monkeypatch.setattr(dense, "EXACT_UP_TO", 1000)
    index = DenseIndex(vectors)
    rows = np.random.default_rng(2).random(len(vectors)) < share
    found = 0
    for vector in vectors[::100]:
        exact = np.where(rows, vectors @ vector, -2)
        places, scores = index.search(vector, 10, index.select(rows))
        assert rows[places].all()
        assert np.allclose(scores, vectors[places] @ vector, atol=1e-5)
        assert (np.diff(scores) <= 0).all()
        found += len(set(places.tolist()) & set(np.argsort(-exact)[:10].tolist()))
    assert found >= 0.98 * 10 * 60


def test_a_successor_shares_what_is_there(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "EXACT_UP_TO", 1000)
    first = DenseIndex(vectors)
    monkeypatch.setattr(dense, "_filled", lambda *_: pytest.fail("filled again"))
    new = np.vstack([vectors[:5][:, ::-1], vectors[10:]]).astype(np.float32)
    second = DenseIndex(new, first, np.concatenate([np.full(5, -1), np.arange(10, len(vectors))]))
    third = DenseIndex(new[1:], second, np.arange(1, len(new)))
    for index, held in ((second, new), (third, new[1:])):
        everything = index.select(np.ones(len(index), dtype=bool))
        for row in (0, 3, 20, 5000):
            assert index.search(held[row], 1, everything)[0].tolist() == [row]
        gone = index.search(vectors[7], 50, everything)[0]
        assert np.allclose(np.sort(held @ vectors[7])[-10:], (held @ vectors[7])[gone][:10][::-1], atol=1e-5)


def test_a_long_tail_is_taken_into_the_lists(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "EXACT_UP_TO", 1000)
    first = DenseIndex(vectors[:5000])
    monkeypatch.setattr(dense, "_train", lambda _: pytest.fail("trained again"))
    origin = np.concatenate([np.arange(5000), np.full(600, -1)])
    second = DenseIndex(vectors[:5600], first, origin)
    assert second.select(np.ones(5600, dtype=bool)).tail.tolist() == []


@pytest.mark.parametrize("count", [0, 5])
def test_nothing_allowed_finds_nothing(vectors: np.ndarray, count: int) -> None:
    index = DenseIndex(vectors[:50])
    rows, scores = index.search(vectors[0], count, index.select(np.zeros(50, dtype=bool)))
    assert len(rows) == len(scores) == 0

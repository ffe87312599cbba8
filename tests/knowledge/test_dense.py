"""Nearest vectors: filtered before the best are chosen, and beyond exact search nearly as good as exact."""

import numpy as np
import pytest

from knowledge import dense
from knowledge.dense import DenseIndex, Selection


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
        places, scores = index.search(vector, 10, Selection(rows))
        assert rows[places].all()
        assert np.allclose(scores, vectors[places] @ vector, atol=1e-5)
        assert (np.diff(scores) <= 0).all()
        found += len(set(places.tolist()) & set(np.argsort(-exact)[:10].tolist()))
    assert found >= 0.98 * 10 * 60


def test_a_successor_learns_nothing_anew(vectors: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "EXACT_UP_TO", 1000)
    first = DenseIndex(vectors)
    monkeypatch.setattr(dense, "_train", lambda _: pytest.fail("trained again"))
    second = DenseIndex(vectors[10:], first)
    everything = Selection(np.ones(len(second), dtype=bool))
    assert second.search(vectors[20], 1, everything)[0].tolist() == [10]
    assert len(first) == 6000


@pytest.mark.parametrize("count", [0, 5])
def test_nothing_allowed_finds_nothing(vectors: np.ndarray, count: int) -> None:
    rows, scores = DenseIndex(vectors[:50]).search(vectors[0], count, Selection(np.zeros(50, dtype=bool)))
    assert len(rows) == len(scores) == 0

"""Tuning moves what means the same together, and can be taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from knowledge.encoder import StaticEncoder, load_sentence_encoder
from knowledge.paths import DATA
from knowledge.training import Recipe, save, tune

TEXTS = ["蓝本子没了", "护照丢失", "lost my little blue book", "刷脸过去", "免出示证件", "walk through by face"]
LABELS = np.array([0, 0, 0, 1, 1, 1])


@pytest.fixture(scope="module")
def base() -> StaticEncoder:
    return StaticEncoder.untuned(DATA / "encoder")


@pytest.fixture(scope="module")
def tuned(base: StaticEncoder) -> StaticEncoder:
    return base.with_weights(tune(base, TEXTS, LABELS, Recipe(epochs=40)), "test")


def closeness(encoder: StaticEncoder, one: int, other: int) -> float:
    vectors = encoder.encode(TEXTS)
    return float(vectors[one] @ vectors[other])


def test_same_meanings_move_together_and_others_apart(base: StaticEncoder, tuned: StaticEncoder) -> None:
    for one, other in ((0, 1), (0, 2), (3, 4), (4, 5)):
        assert closeness(tuned, one, other) > closeness(base, one, other) + 0.1
    assert closeness(tuned, 0, 3) < closeness(tuned, 0, 1)


def test_words_that_were_not_taught_stay(base: StaticEncoder, tuned: StaticEncoder) -> None:
    assert np.array_equal(base.encode(["weather tomorrow"]), tuned.encode(["weather tomorrow"]))
    assert base.fingerprint != tuned.fingerprint


def test_the_same_recipe_gives_the_same_model(base: StaticEncoder, tuned: StaticEncoder) -> None:
    again = tune(base, TEXTS, LABELS, Recipe(epochs=40))
    assert np.array_equal(again, tuned.weights)


def test_lone_and_empty_texts_teach_nothing(base: StaticEncoder) -> None:
    texts, labels = [*TEXTS, "", "alone"], np.array([*LABELS, 0, 2])
    assert np.isfinite(tune(base, texts, labels, Recipe(epochs=1))).all()


def test_a_saved_model_loads_everywhere_and_remembers_what_it_was(
    base: StaticEncoder, tuned: StaticEncoder, tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(DATA / "encoder", folder)
    save(base, folder, tuned.weights)
    loaded = load_sentence_encoder(folder).encode(TEXTS)
    assert np.allclose(loaded, StaticEncoder(folder).encode(TEXTS), atol=2e-3)
    assert np.allclose(loaded, tuned.encode(TEXTS), atol=5e-3)
    assert np.allclose(StaticEncoder.untuned(folder).encode(TEXTS), base.encode(TEXTS), atol=1e-6)

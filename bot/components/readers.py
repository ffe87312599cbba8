"""Small transformers that were tuned to the intents (`bot/tuning`), beside the regression, one for each script.

N-grams and the static vectors know words; these models know what words do to one another ("how to swim to hk from
shenzhen"). Messages with a Chinese character go to one that has read Chinese, all others to one that has read
English. Their weights are eight-bit integers, run by ONNX Runtime on one thread: one to three milliseconds a message.
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

CHINESE, ENGLISH = "chinese", "english"  # their folders in data/readers
MODEL, TOKENIZER, CLASSES = "model.onnx", "tokenizer.json", "classes.json"
LONGEST = 48  # tokens that are read: nine in ten messages have fewer than 16
_HAN_KANA_HANGUL = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff]")

Floats = NDArray[np.float32]


def reader_of(text: str) -> str:
    """Which reader a message goes to: the English one has never seen a Chinese, Japanese or Korean character."""
    return CHINESE if _HAN_KANA_HANGUL.search(text) else ENGLISH


class Reader:
    """The tuned model of a folder. Raises FileNotFoundError when a file of it is missing.

    `classes`: the intents that it knows, with the subject of a question (`ask/documents`).
    """

    def __init__(self, folder: Path) -> None:
        for name in (MODEL, TOKENIZER, CLASSES):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"no reader in {folder}: {name} is missing; see bot/tuning")
        self.name = folder.name
        self.classes: list[str] = json.loads((folder / CLASSES).read_text(encoding="utf-8"))
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])

    def require(self, classes: Iterable[str]) -> None:
        """Raises ValueError naming those of `classes` that the model was not tuned to."""
        if unknown := sorted(set(classes) - set(self.classes)):
            raise ValueError(f"the {self.name} reader does not know {', '.join(unknown)}: run python -m bot.tuning")

    def shares(self, text: str, classes: Sequence[str]) -> Floats:
        """Probabilities of shape (len(classes),) that sum to 1 over `classes`, all of them known ones.

        `text`: for the Chinese reader a message as Mandarin, in Simplified characters; for the English one as typed.
        """
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        logits = self._session.run(None, {"ids": ids})[0][0]
        known = logits[[self.classes.index(one) for one in classes]]
        each = np.exp(known - known.max())
        shares: Floats = (each / each.sum()).astype(np.float32)
        return shares


@cache
def readers(folder: Path) -> dict[str, Reader]:
    """The readers of a folder by name, loaded once a process."""
    return {name: Reader(folder / name) for name in (CHINESE, ENGLISH)}

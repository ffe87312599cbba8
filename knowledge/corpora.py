"""Reads the general text that the encoder's base is trained on: pairs of an English text and a Chinese one.

The files are not part of the project (their sources and licences are in data/README.md); a folder with them is given
to `consult encoder train`. A file that is missing is left out, with a word about it; 3AM is never read, because the
terms of the captions underneath it are unchecked.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from knowledge.text.normalise import normalise
from knowledge.text.terms import default_terms

_DICTIONARY = re.compile(r"(?P<old>\S+) (?P<new>\S+) \[[^\]]*\](?: \{[^}]*\})? /(?P<glosses>.*?)/\s*(?:#.*)?$")
_EMPTY_GLOSS = re.compile(
    r"^(variant of|old variant|CL:|surname|see |also written|abbr\. for|used in|Taiwan pr|also pr|same as|archaic)"
)
_CHINESE = re.compile("[一-鿿]")


@dataclass(frozen=True)
class Pair:
    """An English text and a Chinese or Cantonese one that means the same. `weight`: how often it is drawn."""

    english: str
    chinese: str
    source: str
    weight: float = 1.0


class NoCorpusError(ValueError):
    """The data folder holds none of the known files."""


def read_pairs(folder: Path, told: Callable[[str], None] = print) -> list[Pair]:
    """All pairs of a data folder, each once. Raises NoCorpusError when there is none."""
    found: dict[tuple[str, str], Pair] = {}
    for name, reader in _READERS.items():
        if not (folder / name).is_file():
            told(f"left out: {name} is not in {folder.name}")
            continue
        for pair in reader(folder / name):
            if 1 <= len(pair.english) <= 400 and 1 <= len(pair.chinese) <= 200:
                found.setdefault((pair.english, pair.chinese), pair)
    if not found:
        raise NoCorpusError(f"{folder} holds none of {', '.join(_READERS)}")
    return list(found.values())


def in_cantonese(chinese: str) -> str:
    """Mandarin with its function words put into Cantonese ones, as the service's terms have them.

    >>> in_cantonese("护照丢了怎么办")
    '护照唔见咗点算'
    """
    words, pattern = _cantonese_words()
    return pattern.sub(lambda found: words[found.group()], normalise(chinese))


@lru_cache(maxsize=1)
def _cantonese_words() -> tuple[dict[str, str], re.Pattern[str]]:
    """Mandarin word → Cantonese word, the first that the terms list for it; and the pattern that finds them."""
    words: dict[str, str] = {}
    for cantonese, mandarin in default_terms().cantonese.items():
        words.setdefault(mandarin, cantonese)
    return words, re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def _tatoeba(path: Path) -> Iterator[Pair]:
    """Tab-separated English, Chinese, attribution; plain or as the only .txt of a zip."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith("cmn.txt"))
            lines = io.TextIOWrapper(archive.open(name), encoding="utf-8").read().splitlines()
    else:
        lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        columns = line.split("\t")
        if len(columns) > 1:
            yield Pair(columns[0], columns[1], "Tatoeba")


def _dictionary(path: Path, source: str) -> Iterator[Pair]:
    """CC-CEDICT's format: traditional, simplified, reading, glosses. A word with its first three glosses."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    for line in content.decode("utf-8").splitlines():
        entry = None if line.startswith("#") else _DICTIONARY.match(line.strip())
        if entry is None or not _CHINESE.search(entry["new"]):
            continue
        glosses = [_gloss(part) for half in entry["glosses"].split("/") for part in half.split(";")]
        if any(glosses):
            yield Pair("; ".join([gloss for gloss in glosses if gloss][:3]), entry["new"], source, 0.35)


def _gloss(text: str) -> str:
    """A gloss without remarks in brackets; empty when it only points to another word."""
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", text)
    plain = re.sub(r"[^\x00-\x7f]+", "", plain).strip(" ;,|")
    return "" if _EMPTY_GLOSS.match(plain) else " ".join(plain.split())


def _interface(path: Path) -> Iterator[Pair]:
    """Android strings: the English file beside the three Chinese ones, joined by name."""
    english = _strings(path)
    for place in ("CN", "HK", "TW"):
        other = path.with_name(f"{path.stem}-zh-r{place}.xml")
        for name, text in (_strings(other) if other.is_file() else {}).items():
            if name in english and _CHINESE.search(text):
                yield Pair(english[name], text, f"AOSP {place}")


def _strings(path: Path) -> dict[str, str]:
    """Name → text of an Android strings file, without mark-up, escapes and placeholders."""
    texts = {}
    for node in ElementTree.parse(path).getroot().iter("string"):
        text = html.unescape("".join(node.itertext())).replace("\\'", "'").replace('\\"', '"').replace("\\n", " ")
        text = re.sub(r"\\u[0-9a-fA-F]{4}|%\d*\$?[sd]|\^\d|\{\d\}", " ", text)
        texts[node.attrib["name"]] = " ".join(text.replace('"', "").split())
    return texts


def _sums(path: Path) -> Iterator[Pair]:
    """Yue-Benchmark's GSM8K: English questions, and Cantonese ones in the same order in a second file."""
    other = path.with_name("yuebench_Yue-GSM8K.json")
    if other.is_file():
        both = zip(json.loads(path.read_bytes()), json.loads(other.read_bytes()), strict=False)
        yield from (Pair(one["question"], two["question"], "Yue-Benchmark") for one, two in both)


def _truths(path: Path) -> Iterator[Pair]:
    """Yue-Benchmark's TruthfulQA: questions and best answers, joined by place."""
    other = path.with_name("yuebench_Yue-TruthfulQA.json")
    if not other.is_file():
        return
    english = json.loads(path.read_bytes())
    for number, row in enumerate(json.loads(other.read_bytes())):
        one = english[str(number)]
        if asked := re.search(r"Question: (.*?)\n", one["origin_prompt"]):
            yield Pair(asked[1], row["question"], "Yue-Benchmark")
        yield Pair(one["gold"]["answers"]["best_answer"], row["best_answer"], "Yue-Benchmark")


_READERS: dict[str, Callable[[Path], Iterator[Pair]]] = {
    "tatoeba_cmn_eng_2020.txt": _tatoeba,
    "tatoeba_cmn_eng_b.zip": _tatoeba,
    "cedict_1_0_ts_utf-8_mdbg.txt.gz": lambda path: _dictionary(path, "CC-CEDICT"),
    "cccanto-webdist.txt": lambda path: _dictionary(path, "CC-Canto"),
    "aosp_settings_strings.xml": _interface,
    "yuebench_GSM8K-en.json": _sums,
    "yuebench_TruthfulQA-en.json": _truths,
}

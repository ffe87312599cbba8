"""The service's fixed sentences, by key and language, and the names of out-of-scope matters' right address.

One file a language in ``data/texts``; nothing that a visitor reads is written in code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml

from knowledge.language import Language
from knowledge.text.normalise import normalise, to_traditional

Script = Literal["hans", "hant"]


class Texts:
    """Looks sentences up and fills them in.

    Raises:
        ValueError: the three files differ in their keys (at start, not in front of a visitor).
    """

    def __init__(self, folder: Path) -> None:
        languages: tuple[Language, ...] = ("zh", "yue", "en")
        self._texts: dict[str, dict[str, Any]] = {
            language: yaml.safe_load((folder / f"{language}.yaml").read_text("utf-8")) for language in languages
        }
        every = set().union(*self._texts.values())
        for language, texts in self._texts.items():
            if missing := every - set(texts):
                raise ValueError(f"{folder.name}/{language}.yaml lacks: {', '.join(sorted(missing))}")

    def get(self, key: str, language: Language, script: Script = "hans", **values: object) -> str:
        """The sentence ``key``; Mandarin follows the visitor's script."""
        return in_script(str(self._texts[language][key]).format(**values), language, script)

    def name(self, group: str, key: str, language: Language, script: Script = "hans") -> str:
        """One name of a group (``businesses``, ``documents`` …); the key itself where there is none."""
        return in_script(str(self._texts[language][group].get(key, key)), language, script)

    def other_language(self, code: str, language: Language, script: Script = "hans") -> str:
        """What this language calls the language ``code`` (ISO 639-1)."""
        names = self._texts[language]["other_language_names"]
        return in_script(str(names.get(code, names["other"])), language, script)


def spoken_day(day: date, language: Language) -> str:
    """A day as people write it.

    >>> spoken_day(date(2026, 12, 31), "zh"), spoken_day(date(2026, 12, 31), "en")
    ('2026年12月31日', '31 December 2026')
    """
    if language == "en":
        return f"{day.day} {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def in_script(text: str, language: Language, script: Script) -> str:
    """Mandarin in Traditional script for who writes it; everything else as it stands."""
    return to_traditional(text) if language == "zh" and script == "hant" else text


GAP = "…"
"""Divides the parts of a cue: other words may stand between them."""


@dataclass(frozen=True)
class Referral:
    """A matter that is not ours and who is responsible for it; a cue is its parts, in order."""

    id: str
    cues: tuple[tuple[str, ...], ...]
    text: dict[str, str]


class Referrals:
    """Finds who is responsible for an out-of-scope question (``data/referrals.yaml``)."""

    def __init__(self, path: Path) -> None:
        rows = yaml.safe_load(path.read_text("utf-8"))
        self._referrals = [
            Referral(
                row["id"],
                tuple(tuple(map(normalise, cue.split(GAP))) for cues in row["cues"].values() for cue in cues),
                row["text"],
            )
            for row in rows
        ]

    def find(self, text: str) -> Referral | None:
        """The referral with the longest cue in ``text``, or ``None``."""
        plain = f" {normalise(text)} "
        found = [
            (sum(map(len, cue)), referral)
            for referral in self._referrals
            for cue in referral.cues
            if _names(plain, cue)
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None


def _names(plain: str, cue: tuple[str, ...]) -> bool:
    """Whether a text has the cue's parts one after the other."""
    end = 0
    for part in cue:
        start = _find(plain, part, end)
        if start < 0:
            return False
        end = start + len(part)
    return True


def _find(plain: str, part: str, start: int) -> int:
    """Where a part stands first, or -1: not inside a longer Latin word, but next to Chinese without a space."""
    start = plain.find(part, start)
    while start >= 0 and (
        (_latin(part[0]) and _latin(plain[start - 1])) or (_latin(part[-1]) and _latin(plain[start + len(part)]))
    ):
        start = plain.find(part, start + 1)
    return start


def _latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()

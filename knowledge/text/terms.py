"""The service's vocabulary: which words of Mandarin, Cantonese and English mean the same thing.

One list serves search (a group's id becomes a word that all its members share), the encoder's training pairs and
the engine. It is data (data/terms.yaml), so that editors can add a wording without touching code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.paths import DATA
from knowledge.text.normalise import normalise

MARK = "@"
"""What a group's id begins with when it stands among search words: no user's word can equal it."""


@dataclass(frozen=True)
class TermGroup:
    """Words that mean the same, by language, as people write them."""

    id: str
    zh: tuple[str, ...]
    yue: tuple[str, ...]
    en: tuple[str, ...]


class TermList:
    """Finds known words in normalised text; the longest one wins, and matches do not overlap.

    >>> terms = TermList([TermGroup("hrp", ("回乡证",), ("回鄉證",), ("home return permit",))], {"喺边度": "在哪里"})
    >>> terms.find("my home return permit expired"), terms.to_mandarin("回乡证喺边度换")
    ([('hrp', 3, 21)], '回乡证在哪里换')
    """

    def __init__(self, groups: Sequence[TermGroup], cantonese: dict[str, str]) -> None:
        self.groups = tuple(groups)
        self._ids: dict[str, list[str]] = {}
        for group in groups:
            for word in (*group.zh, *group.yue, *group.en):
                ids = self._ids.setdefault(normalise(word), [])
                if group.id not in ids:
                    ids.append(group.id)
        self._by_beginning = _by_beginning(self._ids)
        self.cantonese = {normalise(word): normalise(plain) for word, plain in cantonese.items()}
        """Cantonese function word → Mandarin one, both normalised."""
        self._cantonese_by_beginning = _by_beginning(self.cantonese)

    @classmethod
    def load(cls, path: Path) -> "TermList":
        """Read a terms file. Raises ValueError naming the file when its shape is wrong."""
        try:
            raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
            groups = [
                TermGroup(str(row["id"]), *(tuple(map(str, row[language])) for language in ("zh", "yue", "en")))
                for row in raw["groups"]
            ]
            return cls(groups, {str(word): str(plain) for word, plain in raw["cantonese"].items()})
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name}: not a terms file: {error!r}") from error

    def find(self, text: str) -> list[tuple[str, int, int]]:
        """Known words in a normalised text as (group id, start, end), left to right."""
        return [
            (group, start, start + len(word))
            for word, start in _longest_words(text, self._by_beginning)
            for group in self._ids[word]
        ]

    def ids(self, text: str) -> list[str]:
        """The groups a normalised text mentions, each once, in order."""
        return list(dict.fromkeys(group for group, _, _ in self.find(text)))

    def to_mandarin(self, text: str) -> str:
        """Replace Cantonese function words of a normalised text by the Mandarin ones."""
        parts: list[str] = []
        done = 0
        for word, start in _longest_words(text, self._cantonese_by_beginning):
            parts += [text[done:start], self.cantonese[word]]
            done = start + len(word)
        return "".join(parts) + text[done:]


def _by_beginning(words: dict[str, Any]) -> dict[str, list[str]]:
    """First two letters (or the only one) → words beginning so, longest first: few to try at each position."""
    table: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        table.setdefault(word[:2], []).append(word)
    return table


def _longest_words(text: str, table: dict[str, list[str]]) -> Iterator[tuple[str, int]]:
    """Yield (word, start) of the longest listed words, left to right, without overlap."""
    place = 0
    while place < len(text):
        candidates = (*table.get(text[place : place + 2], ()), *table.get(text[place], ()))
        word = next((w for w in candidates if text.startswith(w, place) and _stands(text, place, w)), None)
        if word is None:
            place += 1
        else:
            yield word, place
            place += len(word)


def _stands(text: str, start: int, word: str) -> bool:
    """Whether a word that begins or ends in a Latin letter is not a piece of a longer one; a plural s is let pass."""
    end = start + len(word)
    if _latin(word[0]) and start and _latin(text[start - 1]):
        return False
    if not _latin(word[-1]) or end == len(text) or not _latin(text[end]):
        return True
    return text[end] == "s" and (end + 1 == len(text) or not _latin(text[end + 1]))


def _latin(char: str) -> bool:
    """Whether a character is an ASCII letter or digit."""
    return char.isascii() and char.isalnum()


@lru_cache(maxsize=1)
def default_terms() -> TermList:
    """The project's own list, read once.

    >>> default_terms().ids("回乡卡runs out")
    ['home_return_permit', 'expire']
    """
    return TermList.load(DATA / "terms.yaml")


def canonicalise(text: str) -> str:
    """Write a normalised text with one name for each known thing, for comparing texts across languages.

    >>> canonicalise("回乡卡可以刷脸吗")
    '@home_return_permit 可以 @face_clearance 吗'
    """
    parts: list[str] = []
    done = 0
    for group, start, end in default_terms().find(text):
        parts += [text[done:start], f" {MARK}{group} "] if start >= done else [f"{MARK}{group} "]
        done = end
    return " ".join(("".join(parts) + text[done:]).split())


def expand(tokens: Sequence[str]) -> list[str]:
    """Add the marks of the groups that the tokens, read as one text, mention.

    >>> expand(["home", "return", "permit"])
    ['home', 'return', 'permit', '@home_return_permit']
    """
    joined = "".join(f" {token} " if token.isascii() else token for token in tokens)
    return [*tokens, *(MARK + group for group in default_terms().ids(" ".join(joined.split())))]

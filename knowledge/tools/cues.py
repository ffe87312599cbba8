"""Words that show what somebody means, by key (``data/tools/cues.yaml``)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from knowledge.text.gazetteer import fold


class Cues:
    """Looks for cues in folded text: Latin ones as whole words, Chinese ones anywhere.

    >>> cues = Cues({"check": ["visa check", "查免签"]})
    >>> cues.has("check", "a visa check please"), cues.has("check", "visa checks"), cues.has("check", "帮我查免签")
    (True, False, True)
    """

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._patterns = {key: _compiled(cues) for key, cues in words.items()}

    def has(self, key: str, folded: str) -> bool:
        """Whether a text has a cue."""
        return self._patterns[key].search(folded) is not None

    def without(self, key: str, folded: str) -> str:
        """A text without its cues."""
        return self._patterns[key].sub("", folded)

    def ends_with(self, key: str, folded: str) -> bool:
        """Whether a cue stands at the end of a text, a few characters of space apart."""
        return any(not folded[match.end() :].strip(" ,，、的嘅the") for match in self._patterns[key].finditer(folded))

    def positions(self, key: str, folded: str) -> list[int]:
        """Where a text has a cue."""
        return [match.start() for match in self._patterns[key].finditer(folded)]

    def of(self, prefix: str, folded: str) -> list[str]:
        """The keys beginning with a prefix that a text has a cue of, without it, in the order of the file."""
        keys = (key for key in self._patterns if key.startswith(prefix))
        return [key.removeprefix(prefix) for key in keys if self.has(key, folded)]


def load_cues(path: Path) -> tuple[Cues, frozenset[str]]:
    """The cues of a file, and the entries that the check may speak in place of."""
    words = yaml.safe_load(path.read_text("utf-8"))
    general = frozenset(words.pop("general_entries"))
    return Cues(words), general


def _compiled(cues: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(map(fold, cues), key=lambda cue: (-len(cue), cue))
    return re.compile("|".join(map(_pattern, longest_first)))


def _pattern(cue: str) -> str:
    return rf"(?<![a-z0-9]){re.escape(cue)}(?![a-z0-9])" if cue.isascii() else re.escape(cue)

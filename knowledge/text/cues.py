"""Requests that must be heard whatever a classifier says: a human, a crime reported, distress, an attack on the bot.

The patterns are content (data/nlu/cues.yaml), because editors meet new wordings more often than developers do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.text.normalise import normalise

DEFAULT_CUES = Path(__file__).resolve().parents[2] / "data" / "nlu" / "cues.yaml"


@dataclass(frozen=True)
class Cue:
    """One intent's patterns: `match` is searched in the text left when all that `unless` matches is cut out."""

    intent: str
    match: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]

    def heard_in(self, normalised: str) -> bool:
        """Whether the request is made in a normalised text."""
        for pattern in self.unless:
            normalised = pattern.sub(" ~ ", normalised)
        return any(pattern.search(normalised) for pattern in self.match)


def load_cues(path: Path) -> tuple[Cue, ...]:
    """The cues of a file, in its order. Raises ValueError naming the pattern that does not compile."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        Cue(intent, _compiled(intent, lists["match"]), _compiled(intent, lists["unless"]))
        for intent, lists in loaded.items()
    )


def find_cue(text: str) -> str | None:
    """The intent that `text` asks for in plain words, or None.

    >>> find_cue("帮我转人工")
    'handoff'
    >>> find_cue("人工通道在哪") is None
    True
    """
    normalised = normalise(text)
    return next((cue.intent for cue in _default_cues() if cue.heard_in(normalised)), None)


@cache
def _default_cues() -> tuple[Cue, ...]:
    return load_cues(DEFAULT_CUES)


def _compiled(intent: str, patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern))
        except re.error as error:
            raise ValueError(f"cue {intent}: {pattern!r} does not compile: {error}") from error
    return tuple(compiled)

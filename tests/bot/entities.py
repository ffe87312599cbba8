"""How well entities are found: `.venv/bin/python -m tests.bot.entities [--errors]`.

Messages of tests/bot/data/entities_*.txt, whose entities were marked before any was looked up. An entity is right
when its kind and value are; a name that means several things when one of its values is the one meant.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from bot.components.quantities import find_quantities
from bot.components.routes import find_routes
from knowledge.paths import DATA
from knowledge.text.gazetteer import Gazetteer, fold

FOLDER = Path(__file__).parent / "data"
LANGUAGES = ("zh", "yue", "en")


class Marked(NamedTuple):
    """One message, and the (entity, value) pairs that a reader marks in it."""

    text: str
    entities: list[tuple[str, str]]


def load(language: str) -> list[Marked]:
    """The marked-up messages of a language."""
    lines = (FOLDER / f"entities_{language}.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if not line.startswith("#")]
    return [Marked(text, [(name, value) for name, _, value in (one.partition("=") for one in marks.split())])
            for text, marks in rows]  # fmt: skip


def found_in(text: str, gazetteer: Gazetteer) -> list[tuple[str, tuple[str, ...]]]:
    """What the engine's look-ups find, as the component GazetteerExtractor puts it together."""
    mentions = gazetteer.find(text)
    quantities = [
        one
        for one in find_quantities(fold(text))
        if all(one.end <= other.start or one.start >= other.end for other in mentions)
    ]
    return [
        *((one.kind, tuple(one.candidates)) for one in mentions),
        *((one.entity, (one.value,)) for one in quantities),
        *(("route", (value,)) for value, _, _ in find_routes(fold(text), mentions)),
    ]


def compare(marked: Marked, gazetteer: Gazetteer) -> tuple[int, list[str], list[str]]:
    """How many entities are right, which are missing and which are too many."""
    found, missing, right = found_in(marked.text, gazetteer), [], 0
    for name, value in marked.entities:
        match = next((one for one in found if one[0] == name and value in one[1]), None)
        if match is None:
            missing.append(f"{name}={value}")
        else:
            found.remove(match)
            right += 1
    return right, missing, [f"{name}={'/'.join(values)}" for name, values in found]


def measure(language: str, errors: bool = False) -> tuple[float, int]:
    """F1 over all entities of a language's messages, and how many messages there are."""
    gazetteer, total = Gazetteer.load(DATA), Counter[str]()
    messages = load(language)
    for marked in messages:
        right, missing, wrong = compare(marked, gazetteer)
        total.update(right=right, missing=len(missing), wrong=len(wrong))
        if errors and (missing or wrong):
            print(f"{language}: {marked.text}: missing {missing}, too many {wrong}")
    return 2 * total["right"] / (2 * total["right"] + total["missing"] + total["wrong"]), len(messages)


if __name__ == "__main__":
    for code in LANGUAGES:
        score, count = measure(code, "--errors" in sys.argv)
        print(f"{code}: {count} messages, entity F1 {score:.3f}")

"""Messages of hands that the engine never learnt from (data/strangers_*.txt): what a stranger meets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine
FILES = sorted((Path(__file__).parent / "data").glob("strangers_*.txt"))


def messages(file: Path) -> list[tuple[str, str]]:
    """(intent, message) of all lines; a line `# intent` stands before its messages."""
    found, intent = [], ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            intent = line[2:].partition("/")[0]
        elif line:
            found.append((intent, line))
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_stranger_is_understood(parse: Callable[[str], dict[str, Any]], file: Path) -> None:
    """The floor lies four points below the least that was measured."""
    asked = messages(file)[::6]
    right = sum(parse(text)["intent"]["name"] == intent for intent, text in asked)
    assert right / len(asked) >= 0.89

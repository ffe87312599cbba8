"""Danger and crimes in a stranger's words: 375 messages that no training file holds (data/danger.tsv)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine
MESSAGES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "data" / "danger.tsv").read_text("utf-8").splitlines()
]
TO_A_HUMAN = {"distress", "report_crime", "complain", "handoff"}


@pytest.mark.parametrize("language", ["zh", "yue", "en"])
def test_who_is_in_danger_reaches_a_human_and_who_asks_is_answered(
    parse: Callable[[str], dict[str, Any]], language: str
) -> None:
    """A quarter is told in words that no list could hold, so the limits lie a little beside what was measured."""
    found: dict[str, list[bool]] = {}
    for spoken, wanted, text in MESSAGES:
        if spoken == language:
            found.setdefault(wanted, []).append(parse(text)["intent"]["name"] in TO_A_HUMAN)
    share = {wanted: sum(human) / len(human) for wanted, human in found.items()}
    assert share["distress"] >= 0.8 and share["report_crime"] >= 0.7 and share["ask"] <= 0.2, share

"""Durations, ages and dates that rules calculate with."""

import pytest

from bot.components.quantities import find_quantities
from knowledge.text.gazetteer import fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("待10天", [("duration", "P10D")]),
        ("二十天", [("duration", "P20D")]),
        ("廿日得唔得", [("duration", "P20D")]),
        ("三个月", [("duration", "P3M")]),
        ("兩個禮拜", [("duration", "P2W")]),
        ("半年", [("duration", "P6M")]),
        ("240小时", [("duration", "PT240H")]),
        ("九個鐘", [("duration", "PT9H")]),
        ("一百四十四小时", [("duration", "PT144H")]),
        ("two weeks", [("duration", "P2W")]),
        ("a 30-day stay", [("duration", "P30D")]),
        ("6 hr layover", [("duration", "PT6H")]),
        ("8岁的孩子", [("age", "8")]),
        ("十六歲", [("age", "16")]),
        ("my son is 12 years old", [("age", "12")]),
        ("aged 70", [("age", "70")]),
        ("2026年12月31日", [("date", "2026-12-31")]),
        ("2026-12-31", [("date", "2026-12-31")]),
        ("12月3号到", [("date", "--12-03")]),
        ("8岁的娃来20天", [("age", "8"), ("duration", "P20D")]),
        ("how many times a year, 30 days each", [("duration", "P30D")]),
        ("stay one year", [("duration", "P1Y")]),
        ("一年可以去几次", []),
        ("一年累计能待多少天", []),
        ("三年多次签证", [("duration", "P3Y")]),
        ("打12367", []),
        ("日本", []),
        ("2026-13-45", []),
        ("", []),
    ],
)
def test_quantities(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.entity, one.value) for one in find_quantities(fold(text))] == expected

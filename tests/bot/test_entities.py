"""Entities of marked-up messages; tests/bot/entities.py has the measure and prints the misses."""

import pytest

from bot.components.routes import find_routes
from knowledge.paths import DATA
from knowledge.text.gazetteer import Gazetteer, fold
from tests.bot.entities import LANGUAGES, measure


@pytest.mark.parametrize("language", LANGUAGES)
def test_entities_are_found(language: str) -> None:
    score, messages = measure(language)
    assert messages >= 60
    assert score >= 0.92


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("东京飞上海再飞首尔", ["JP>310000>KR"]),
        ("由曼谷去廣州再返香港", ["TH>440100>810000"]),
        ("Singapore via Xiamen to Tokyo", ["SG>350200>JP"]),
        ("深圳还是广州办比较快", []),
        ("我是德国人想去深圳", []),
        ("香港人喺深圳換證", []),
    ],
)
def test_route_is_places_in_the_order_travelled(text: str, route: list[str]) -> None:
    mentions = Gazetteer.load(DATA).find(text)
    assert [value for value, _, _ in find_routes(fold(text), mentions)] == route

"""The trained engine, asked as the gateway asks it."""

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.bot.held_back import HELD_BACK

pytestmark = pytest.mark.engine
Parse = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize(("language", "text", "intents", "entities"), HELD_BACK)
def test_message_that_was_held_back(
    parse: Parse, language: str, text: str, intents: set[str], entities: dict[str, object]
) -> None:
    found = parse(text)
    assert found["intent"]["name"] in intents
    # Without evidence in the text (海南) no language is reported: the conversation's then holds.
    assert found.get("language", language) == language
    values = {one["entity"]: one["value"] for one in found["entities"]}
    assert values | entities == values


@pytest.mark.parametrize(
    ("payload", "intent", "entity"),
    [
        ('/handoff{"place":"440300"}', "handoff", ("place", "440300")),
        ('/answer{"entry":"passport-fee"}', "answer", ("entry", "passport-fee")),
        ('/inform{"city":"440300"}', "inform", ("city", "440300")),
        ('/choose_language{"language":"en"}', "choose_language", ("language", "en")),
        ('/choose_business{"business":"clearance"}', "choose_business", ("business", "clearance")),
    ],
)
def test_button(parse: Parse, payload: str, intent: str, entity: tuple[str, str]) -> None:
    found = parse(payload)
    assert found["intent"] == {"name": intent, "confidence": 1.0}
    assert [(one["entity"], one["value"]) for one in found["entities"]] == [entity]


def test_bare_button(parse: Parse) -> None:
    assert parse("/handoff")["intent"]["name"] == "handoff"


def test_offsets_are_those_of_the_text_typed(parse: Parse) -> None:
    text = "我喺羅湖，攞ＰＡＳＳＰＯＲＴ"
    found = {one["entity"]: text[one["start"] : one["end"]] for one in parse(text)["entities"]}
    assert found == {"port": "羅湖", "document": "ＰＡＳＳＰＯＲＴ"}


def test_a_person_s_origin_is_no_region(parse: Parse) -> None:
    places = [
        (one["value"], one.get("role")) for one in parse("香港人想喺深圳換證")["entities"] if one["entity"] == "place"
    ]
    assert places == [("810000", "person"), ("440300", None)]


@pytest.mark.parametrize("text", ["", " ", "😀", "?", "[证件号]", "a" * 2000, "/", "/nothing", "{}", "\u0000"])
def test_odd_texts_are_understood_as_something(parse: Parse, text: str) -> None:
    assert "intent" in parse(text)


def test_only_this_machine_reaches_it(engine: str) -> None:
    """Bound to loopback, the port is still free on every other address of 127/8, which a wildcard would hold too."""
    port = urlsplit(engine).port
    assert port is not None
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))
    with socket.socket() as same, pytest.raises(OSError):
        same.bind(("127.0.0.1", port))


def test_a_turn_without_gateway_ends_without_a_reply_or_an_error_page(engine: str) -> None:
    answer = httpx.post(
        f"{engine}/webhooks/rest/webhook", json={"sender": "t", "message": "你好"}, timeout=30, trust_env=False
    )
    assert answer.status_code == 200
    assert answer.json() == []

"""A turn that goes wrong: the visitor is told, and can go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.app import Container, build
from api.conversations.schemas import NewConversation, NewMessage
from api.migrations import migrate
from tests.processes import Visitor, settings


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[Container]:
    made = build(settings(tmp_path))
    await migrate(made.database)
    yield made
    await made.engine.close()
    await made.database.close()


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "没能处理好"), ("yue", "處理唔到"), ("en", "Sorry")],
)
async def test_a_turn_that_fails_is_apologised_for_and_the_next_one_works(
    container: Container, monkeypatch: pytest.MonkeyPatch, language: Any, words: str
) -> None:
    started = await container.conversations.start(NewConversation(channel="web", language=language))

    async def broken(*_: object) -> None:
        raise RuntimeError("nobody expected this")

    with monkeypatch.context() as patch:
        patch.setattr(container.engine, "ask", broken)
        exchange = await container.conversations.receive(started.id, NewMessage(text="12367", client_id="one"))
    reply = exchange.replies[0]
    assert words in reply.text and reply.language == language and not exchange.pending
    assert [choice.payload for choice in reply.choices] == ["/handoff"]
    exchange = await container.conversations.receive(started.id, NewMessage(text="/handoff", client_id="two"))
    assert exchange.replies[0].kind == "handoff"


def test_who_cannot_tell_where_they_are_still_gets_a_human(visitor: Visitor) -> None:
    visitor.say("办护照要多少钱")
    asked = visitor.say("转人工")["replies"][0]
    unknown = next(choice["payload"] for choice in asked["choices"] if "unknown" in choice["payload"])
    exchange = visitor.say(unknown)
    while exchange["owner"] == "bot":  # what it is about may be asked first
        exchange = visitor.say(exchange["replies"][0]["choices"][0]["payload"])
    assert exchange["owner"] == "queue" and exchange["replies"][-1]["ticket"]

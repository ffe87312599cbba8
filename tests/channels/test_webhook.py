"""Any other messenger through the signed webhook, with a real receiver at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from api.settings import Settings
from tests.channels.messenger import NAME, SECRET, Messenger
from tests.channels.waiting import until
from tests.processes import SeatClient, gateway, prepare, settings, small_data

PASSWORD = "long enough for a test"
QUESTION = "护照多少钱"
ANOTHER = "护照丢了怎么补"


def messenger_settings(var: Path, messenger: Messenger, **rule: Any) -> Settings:
    rules = {NAME: {"secret": SECRET, "url": messenger.url, **rule}}
    return settings(var, data_dir=small_data(var), messengers=rules)


@pytest.fixture(scope="module")
def messenger() -> Iterator[Messenger]:
    with Messenger() as server:
        yield server


@pytest.fixture(scope="module")
def url(messenger: Messenger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = messenger_settings(tmp_path_factory.mktemp("webhook"), messenger)
    asyncio.run(prepare(current, {"centre": ("masc", PASSWORD)}))
    with gateway(current) as address:
        yield address


def test_a_question_is_answered_at_the_adapters_address(messenger: Messenger, url: str) -> None:
    messenger.says(url, "first", QUESTION)
    until(lambda: "120" in messenger.text("first"))
    assert "来源：" in messenger.text("first")
    assert "您好" not in messenger.text("first")


def test_who_opens_the_chat_is_greeted_and_chooses_by_number_or_label(messenger: Messenger, url: str) -> None:
    messenger.does(url, "chooser", "start")
    greeting = until(lambda: messenger.shown("chooser"))[0]
    place = greeting["choices"].index("English") + 1
    messenger.says(url, "chooser", str(place))
    until(lambda: any(message["language"] == "en" for message in messenger.shown("chooser")))
    before = len(messenger.shown("chooser"))
    messenger.says(url, "chooser", greeting["choices"][0])  # the button of a list that is not the newest any more
    until(lambda: len(messenger.shown("chooser")) > before)
    assert "clearance" in messenger.text("chooser")


def test_the_same_deed_again_is_taken_once(messenger: Messenger, url: str) -> None:
    for deed in (
        {"id": "again-1", "user": "echo", "type": "text", "text": QUESTION},
        {"id": "again-2", "user": "echo", "type": "other"},
        {"id": "again-3", "user": "echo", "type": "location", "location": {"address": "深圳市罗湖区"}},
    ):
        for _ in range(3):
            assert messenger.post(url, deed).status_code == 202
    until(lambda: "深圳" in messenger.text("echo"))
    messenger.says(url, "echo", ANOTHER)
    until(lambda: len(messenger.shown("echo")) >= 4)
    answers = ["来源：" in message["text"] for message in messenger.shown("echo")]
    assert answers == [True, False, False, True]


def test_another_text_under_a_used_id_is_refused(messenger: Messenger, url: str) -> None:
    deed = {"id": "one", "user": "careless", "type": "text", "text": QUESTION}
    assert messenger.post(url, deed).status_code == 202
    answer = messenger.post(url, deed | {"text": "签证多少钱"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/client-id-reused")


def test_a_stranger_is_refused(messenger: Messenger, url: str) -> None:
    deed = {"id": "x", "user": "x", "type": "text", "text": QUESTION}
    unsigned = httpx.post(f"{url}/v1/channels/webhook", json=deed, trust_env=False)
    assert (unsigned.status_code, unsigned.json()["type"]) == (401, "/problems/not-signed")
    for answer in (messenger.post(url, deed, secret="x" * 40), messenger.post(url, deed, name="other")):
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/wrong-signature")


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "text"},
        {"type": "text", "text": "x" * 2001},
        {"type": "start", "text": "x"},
        {"type": "location"},
        {"type": "location", "location": {"latitude": 91, "longitude": 0}},
        {"type": "picture"},
        {"type": "other", "user": ""},
        {"type": "other", "surplus": 1},
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(messenger: Messenger, url: str, wrong: dict[str, Any]) -> None:
    answer = messenger.post(url, {"id": "w", "user": "w", **wrong})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"]


def test_a_lost_answer_shows_nothing_twice_and_a_bad_moment_loses_nothing(messenger: Messenger, url: str) -> None:
    before = messenger.calls
    messenger.lost, messenger.answers = 1, [200, 503]
    messenger.says(url, "unlucky", QUESTION)
    until(lambda: messenger.calls == before + 3, 30)
    messenger.says(url, "unlucky", ANOTHER)
    until(lambda: len(messenger.shown("unlucky")) == 2)
    assert "120" in messenger.shown("unlucky")[0]["text"]


def test_who_left_gets_nothing_until_they_are_back(messenger: Messenger, url: str) -> None:
    messenger.says(url, "leaver", QUESTION)
    until(lambda: messenger.shown("leaver"))
    messenger.does(url, "leaver", "stop")
    messenger.does(url, "leaver", "start")
    until(lambda: len(messenger.shown("leaver")) == 2)


def test_a_seats_answer_reaches_the_visitor_and_the_seat_hears_back(messenger: Messenger, url: str) -> None:
    messenger.says(url, "guest", "转人工")
    until(lambda: any("意见建议" in message["choices"] for message in messenger.shown("guest")))
    messenger.says(url, "guest", "意见建议")
    until(lambda: "工单" in messenger.text("guest"))
    seat = SeatClient(url, "centre", PASSWORD)
    ticket = until(lambda: seat.tickets(status="waiting"))[-1]["id"]
    assert seat.act(ticket, "claim").status_code == 200
    assert seat.act(ticket, "messages", {"text": "您好，我来帮您。"}).status_code == 201
    until(lambda: "我来帮您" in messenger.text("guest"))
    messenger.says(url, "guest", "谢谢，我想提个建议")
    told = until(
        lambda: [m for m in seat.http.get(f"/v1/tickets/{ticket}").json()["messages"] if "建议" in m["text"]]
    )
    assert told[-1]["text"] == "谢谢，我想提个建议"
    window = seat.http.get(f"/v1/channels/windows/{ticket}").json()
    assert (window["channel"], window["open"], window["waiting"]) == ("webhook", True, 0)
    seat.act(ticket, "resolve", {"category": "suggestion"})


def test_beyond_the_platforms_window_a_message_waits(messenger: Messenger, tmp_path: Path) -> None:
    current = messenger_settings(tmp_path, messenger, hours=24, messages=1)
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        messenger.answers = [409]
        messenger.says(url, "late", QUESTION)
        until(lambda: not messenger.answers)
        assert messenger.shown("late") == []
        messenger.says(url, "late", ANOTHER)
        until(lambda: len(messenger.shown("late")) == 2)
        assert "120" in messenger.shown("late")[0]["text"]


def test_the_channel_is_closed_where_no_messenger_is_set_up(messenger: Messenger, tmp_path: Path) -> None:
    current = settings(tmp_path, data_dir=small_data(tmp_path))
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        answer = messenger.post(url, {"id": "x", "user": "x", "type": "other"})
        assert answer.status_code == 404
        assert "CONSULT_MESSENGERS" in answer.json()["detail"]


@pytest.mark.parametrize(
    "rule", [{"secret": "short", "url": "https://x.example/"}, {"secret": SECRET, "url": "ftp://x"}]
)
def test_a_careless_setting_is_refused_at_start(rule: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="messengers"):
        Settings(messengers={"line": rule})  # type: ignore[dict-item]

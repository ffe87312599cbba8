"""The visitor's calls: what the interface promises, and what bad input gets."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.processes import Visitor


def problem(response: httpx.Response, status: int, field: str | None = None) -> str:
    """Check a problem document and return its detail."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["type"].startswith("/problems/") and body["title"]
    if field:
        assert field in {error["field"] for error in body["errors"]}
    return str(body["detail"])


def test_a_conversation_begins_with_a_greeting_and_the_menu(url: str) -> None:
    for language in ("zh", "yue", "en"):
        begun = Visitor(url, language=language).begun
        greeting = begun["messages"][0]
        assert (greeting["kind"], greeting["seq"], greeting["language"]) == ("greeting", 1, language)
        payloads = [choice["payload"] for choice in greeting["choices"]]
        assert sum(p.startswith("/choose_business") for p in payloads) == 3
        assert sum(p.startswith("/choose_language") for p in payloads) == 2
        assert "/handoff" in payloads


@pytest.mark.parametrize(("language", "second"), [("zh", "第二个"), ("yue", "2"), ("en", "2")])
def test_a_number_as_the_first_word_chooses_from_the_greetings_menu(url: str, language: str, second: str) -> None:
    visitor = Visitor(url, language=language)
    label = visitor.begun["messages"][0]["choices"][1]["label"]
    reply = visitor.say(second)["replies"][0]
    assert (reply["kind"], reply["language"]) == ("clarify", language)
    assert label in reply["text"]
    assert all(choice["payload"].startswith(("/answer", "/handoff")) for choice in reply["choices"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("护照快到期了怎么换", "zh"),
        ("回鄉證唔見咗點補辦", "yue"),
        ("How do I renew my residence permit in China?", "en"),
    ],
)
def test_a_question_gets_a_sourced_answer_in_its_language(visitor: Visitor, text: str, language: str) -> None:
    exchange = visitor.say(text)
    message, reply = exchange["message"], exchange["replies"][0]
    assert (message["sender"], message["text"], message["seq"]) == ("user", text, 2)
    assert (exchange["owner"], exchange["pending"]) == ("bot", False)
    assert (reply["kind"], reply["language"], reply["seq"]) == ("answer", language, 3)
    assert reply["entry"]["version"] >= 1 and reply["confidence"] > 0
    assert reply["sources"][0]["title"] and reply["sources"][0]["authority"]


def test_traditional_mandarin_is_answered_in_traditional_mandarin(visitor: Visitor) -> None:
    reply = visitor.say("請問護照遺失了要怎麼補辦？需要什麼材料")["replies"][0]
    assert reply["language"] == "zh"
    assert "護照" in reply["text"] and "护照" not in reply["text"] and "嘅" not in reply["text"]


def test_the_same_client_id_gets_the_first_result(visitor: Visitor) -> None:
    first = visitor.say("护照怎么办理", client_id="a")
    assert visitor.say("护照怎么办理", client_id="a") == first
    problem(visitor.post("messages", {"text": "签证呢", "client_id": "a"}), 409)
    assert len(visitor.read()["messages"]) == 1 + 1 + len(first["replies"])


def test_the_same_client_id_at_the_same_time_is_answered_once(visitor: Visitor) -> None:
    with ThreadPoolExecutor(8) as pool:
        exchanges = list(pool.map(lambda _: visitor.say("护照怎么办理", client_id="x"), range(8)))
    assert all(exchange == exchanges[0] for exchange in exchanges)


def test_twenty_messages_at_once_keep_order_and_none_is_lost(visitor: Visitor) -> None:
    with ThreadPoolExecutor(20) as pool:
        exchanges = list(pool.map(lambda n: visitor.say(f"第{n}个问题：护照多少钱"), range(20)))
    history = visitor.read()["messages"]
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    said = {message["text"] for message in history if message["sender"] == "user"}
    assert said == {f"第{n}个问题：护照多少钱" for n in range(20)}
    assert all(exchange["replies"] and not exchange["pending"] for exchange in exchanges)
    answered = [reply["seq"] for e in sorted(exchanges, key=lambda e: e["message"]["seq"]) for reply in e["replies"]]
    assert answered == sorted(answered)


def test_personal_numbers_are_masked_before_they_are_stored(visitor: Visitor) -> None:
    exchange = visitor.say("我的护照 E12345678 手机１３８００１３８０００ 什么时候能办好")
    assert "E12345678" not in exchange["message"]["text"]
    stored = json.dumps(visitor.read(), ensure_ascii=False)
    assert "E12345678" not in stored and "１３８００１３８０００" not in stored and "13800138000" not in stored


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "好" * 10_000}, "text"),
        ({"text": "x", "colour": "red"}, "colour"),
        ({"text": 5}, "text"),
        ({}, "text"),
        ({"text": "x", "client_id": ""}, "client_id"),
    ],
)
def test_bad_messages_name_the_field(visitor: Visitor, body: object, field: str) -> None:
    problem(visitor.post("messages", body), 422, field)
    assert len(visitor.read()["messages"]) == 1


def test_broken_encoding_is_refused(visitor: Visitor) -> None:
    for body in (b'{"text": "\xff\xfe"}', b"not json", b""):
        response = visitor.http.post(
            f"/v1/conversations/{visitor.id}/messages",
            content=body,
            headers=visitor.headers | {"Content-Type": "application/json"},
        )
        assert response.status_code in (400, 422)
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["😀😀😀", "<script>alert(1)</script>", "\ud83d", "\u200b\u200b?", "1", "？？？"])
def test_odd_messages_get_a_reply(visitor: Visitor, text: str) -> None:
    body = json.dumps({"text": text}).encode()
    response = visitor.http.post(
        f"/v1/conversations/{visitor.id}/messages",
        content=body,
        headers=visitor.headers | {"Content-Type": "application/json"},
    )
    assert response.status_code in (200, 422), response.text
    if response.status_code == 200:
        assert response.json()["replies"]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Bonjour, est-ce que j'ai besoin d'un visa pour la Chine ?", "French"),
        ("ビザなしで中国に入国できますか", "Japanese"),
        ("중국에 비자 없이 갈 수 있나요", "Korean"),
        ("Нужна ли мне виза в Китай?", "Russian"),
    ],
)
def test_other_languages_are_named_and_still_searched(url: str, text: str, other: str) -> None:
    exchange = Visitor(url, language="en").say(text)
    assert exchange["replies"][0]["kind"] == "notice" and other in exchange["replies"][0]["text"]
    assert len(exchange["replies"]) > 1


def test_tokens_open_only_their_own_conversation(url: str, visitor: Visitor) -> None:
    other = Visitor(url)
    path = f"/v1/conversations/{other.id}/messages"
    problem(visitor.http.get(path), 401)
    problem(visitor.http.get(path, headers={"Authorization": "Basic x"}), 401)
    problem(visitor.http.get(path, headers=visitor.headers), 403)
    problem(visitor.http.post(path, json={"text": "x"}, headers=visitor.headers), 403)
    problem(visitor.http.get("/v1/conversations/nobody/messages", headers=visitor.headers), 404)
    problem(visitor.http.patch(f"/v1/conversations/{other.id}", json={}, headers=visitor.headers), 403)


def test_only_offered_buttons_are_commands(visitor: Visitor) -> None:
    exchange = visitor.say('/answer{"entry": "passport-first"}')
    assert exchange["message"]["text"].startswith("answer")
    pressed = visitor.say('/choose_business{"business": "documents"}')
    assert pressed["message"]["text"] == "出入境证件"
    assert pressed["replies"][0]["kind"] == "clarify"
    offered = pressed["replies"][0]["choices"][0]
    answer = visitor.say(offered["payload"])
    assert answer["message"]["text"] == offered["label"]
    assert answer["replies"][0]["kind"] == "answer"


def test_choosing_a_language_binds(visitor: Visitor) -> None:
    chosen = visitor.say('/choose_language{"language": "en"}')["replies"][0]
    assert chosen["language"] == "en"
    assert visitor.say("护照")["replies"][0]["language"] == "en"


def test_the_visitors_own_switch(visitor: Visitor) -> None:
    path = f"/v1/conversations/{visitor.id}"
    changed = visitor.http.patch(path, json={"language": "yue", "region": "440300"}, headers=visitor.headers)
    assert changed.status_code == 200
    assert (changed.json()["language"], changed.json()["region"]) == ("yue", "440300")
    assert visitor.say("签证")["replies"][0]["language"] == "yue"
    problem(visitor.http.patch(path, json={"region": "999999"}, headers=visitor.headers), 422, "region")
    problem(visitor.http.patch(path, json={"language": "fr"}, headers=visitor.headers), 422, "language")


def test_a_rating_is_one_to_five(visitor: Visitor) -> None:
    rated = visitor.post("rating", {"score": 5, "comment": "很好，我叫王小明"})
    assert rated.status_code == 200 and "王小明" not in rated.json()["comment"]
    assert visitor.post("rating", {"score": 1}).json() == {"score": 1, "comment": None}
    for score in (0, 6, "good"):
        problem(visitor.post("rating", {"score": score}), 422, "score")


def test_two_misses_in_a_row_offer_a_human(visitor: Visitor) -> None:
    nonsense = ("蓝色的冰箱会唱歌吗", "香蕉和宇宙飞船哪个更重")
    replies = [visitor.say(text)["replies"][0] for text in nonsense]
    assert [reply["kind"] for reply in replies] == ["decline", "decline"]
    assert replies[0]["text"] != replies[1]["text"]
    assert "/handoff" in {choice["payload"] for choice in replies[1]["choices"]}


def stream(visitor: Visitor, after: int = 0, token: str | None = None) -> ClientConnection:
    address = str(visitor.http.base_url).replace("http", "ws").rstrip("/")
    socket = connect(f"{address}/v1/conversations/{visitor.id}/stream?after={after}", proxy=None)
    socket.send(json.dumps({"type": "auth", "token": token or visitor.token}))
    return socket


def frames(socket: ClientConnection, until: str, seconds: float = 10) -> list[dict[str, object]]:
    """Frames up to and with the first one of a type."""
    got: list[dict[str, object]] = []
    while not got or got[-1]["type"] != until:
        got.append(json.loads(socket.recv(seconds)))
    return got


def test_the_stream_catches_up_and_then_pushes(visitor: Visitor) -> None:
    first = visitor.say("护照怎么办理")
    with stream(visitor, after=1) as socket:
        caught = frames(socket, "state")
        assert caught[0] == {"type": "ready", "owner": "bot", "seq": first["replies"][-1]["seq"]}
        assert [frame["message"] for frame in caught if frame["type"] == "message"] == [
            first["message"],
            *first["replies"],
        ]
        second = visitor.say("签证呢")
        seen: list[object] = []
        while len(seen) < 1 + len(second["replies"]):
            seen.append(frames(socket, "message")[-1]["message"])
        assert seen == [second["message"], *second["replies"]]
        socket.send(json.dumps({"type": "ping"}))
        assert frames(socket, "pong")[-1] == {"type": "pong"}


@pytest.mark.parametrize("token", ["wrong", ""])
def test_the_stream_needs_the_token_first(visitor: Visitor, token: str) -> None:
    address = str(visitor.http.base_url).replace("http", "ws").rstrip("/")
    with connect(f"{address}/v1/conversations/{visitor.id}/stream", proxy=None) as socket:
        socket.send(json.dumps({"type": "auth", "token": token}))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401


@pytest.mark.parametrize("frame", ["not json", "[]", '"x"', "x" * 5000])
def test_the_stream_refuses_other_frames(visitor: Visitor, frame: str) -> None:
    with stream(visitor) as socket:
        frames(socket, "state")
        socket.send(frame)
        with pytest.raises(ConnectionClosed):
            frames(socket, "never")

"""The official account against a WeChat that enforces WeChat's rules."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import build
from api.channels.wechat import WeChat, inbound
from api.channels.wechat.inbound import account_menu
from api.settings import Settings
from tests.channels.waiting import until
from tests.channels.wechat_server import AES_KEY, APP_ID, LIMIT_BYTES, SECRET, TOKEN, WeChatServer, signed
from tests.processes import SeatClient, gateway, prepare, settings, small_data

PASSWORD = "long enough for a test"
QUESTION = "护照多少钱"


def wechat_settings(var: Path, server: WeChatServer, **more: Any) -> Settings:
    return settings(
        var,
        data_dir=small_data(var),
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        wechat_token=TOKEN,
        wechat_url=server.url,
        **more,
    )


@pytest.fixture(scope="module")
def wechat() -> Iterator[WeChatServer]:
    with WeChatServer() as server:
        yield server


@pytest.fixture(scope="module")
def url(wechat: WeChatServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = wechat_settings(tmp_path_factory.mktemp("wechat"), wechat)
    asyncio.run(prepare(current, {"centre": ("masc", PASSWORD)}))
    with gateway(current) as address:
        yield address


def test_wechat_verifies_the_address(url: str) -> None:
    answer = httpx.get(f"{url}/v1/channels/wechat", params={**signed(), "echostr": "5837"}, trust_env=False)
    assert (answer.status_code, answer.text) == (200, "5837")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_signature_is_refused(url: str, method: str) -> None:
    answer = httpx.request(
        method, f"{url}/v1/channels/wechat", params={**signed("other"), "echostr": "1"}, trust_env=False
    )
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/wrong-signature"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<xml></xml>", b"<html/>", b"<xml><MsgType>text</MsgType></xml>", b"\xff\xfe<xml>",
             b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><MsgType>&a;</MsgType></xml>']
)  # fmt: skip
def test_what_is_no_push_is_refused(url: str, body: bytes) -> None:
    answer = httpx.post(f"{url}/v1/channels/wechat", params=signed(), content=body, trust_env=False)
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "/problems/not-a-push"


def test_a_body_beyond_the_limit_is_refused(url: str) -> None:
    answer = httpx.post(f"{url}/v1/channels/wechat", params=signed(), content=b"x" * 70_000, trust_env=False)
    assert answer.status_code == 413


def test_who_begins_with_a_question_gets_the_answer_and_no_greeting(wechat: WeChatServer, url: str) -> None:
    reply = wechat.hears(url, "first", QUESTION)
    assert "您好" not in reply
    assert "120" in reply
    assert "来源：" in reply
    assert wechat.users["first"].inbox == []


def test_following_brings_the_greeting_and_its_choices_by_number(wechat: WeChatServer, url: str) -> None:
    reply = wechat.hears(url, "follower", {"MsgType": "event", "Event": "subscribe"})
    assert "1. " in reply
    assert "回复数字" in reply
    chosen = wechat.hears(url, "follower", "２")
    assert "证件" in chosen


def test_a_typed_number_beyond_the_choices_is_a_question_of_its_own(wechat: WeChatServer, url: str) -> None:
    wechat.event(url, "numbers", "subscribe")
    assert wechat.hears(url, "numbers", "98")


def test_the_same_push_again_gives_the_same_reply_and_one_message(wechat: WeChatServer, url: str) -> None:
    """Where the machine is too slow for the reply, all three hear "success", and one message follows."""
    wechat.hears(url, "twice", {"MsgType": "event", "Event": "subscribe"})
    before = len(wechat.users["twice"].inbox)
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(wechat.text, url, "twice", QUESTION, number=4711) for _ in range(3)]
        replies = [job.result() for job in jobs]
    answered = {reply for reply in replies if reply}
    if answered:
        assert wechat.text(url, "twice", QUESTION, number=4711) in answered
    time.sleep(2)
    assert len(answered) + len(wechat.users["twice"].inbox) - before == 1


def test_a_ready_answer_goes_with_the_push(wechat: WeChatServer, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs none of the five messages. Three tries: a busy machine may be slower than WeChat's five seconds."""
    monkeypatch.setattr(inbound, "PASSIVE_SECONDS", 4.0)
    assert any(wechat.text(url, f"ready-{number}", QUESTION) for number in range(3))


def test_a_missed_reply_is_given_again_while_the_courier_looks_in(
    wechat: WeChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound, "PASSIVE_SECONDS", 4.0)
    current = wechat_settings(tmp_path, wechat)
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        missed = wechat.text(url, "missed", QUESTION, number=4712)
        with sqlite3.connect(tmp_path / "consult.sqlite3") as database:
            database.execute("update contacts set lease_by = 'courier', lease_until = '2999-01-01'")
        assert missed and wechat.text(url, "missed", QUESTION, number=4712) == missed


def test_a_number_that_comes_again_is_what_it_was(wechat: WeChatServer, tmp_path: Path) -> None:
    """The reply that was missed offers choices of its own: the same push must not pick from them."""
    current = wechat_settings(tmp_path, wechat)
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        wechat.event(url, "lists", "subscribe")
        wechat.text(url, "lists", "转人工", number=4713)
        time.sleep(1)
        wechat.text(url, "lists", "1", number=4714)
        time.sleep(1)
        wechat.text(url, "lists", "1", number=4714)
        with sqlite3.connect(tmp_path / "consult.sqlite3") as database:
            said = database.execute("select count(*) from messages where sender = 'user'").fetchone()[0]
    assert said == 2


def test_a_menu_click_is_a_choice(wechat: WeChatServer, url: str) -> None:
    wechat.event(url, "clicker", "subscribe")
    time.sleep(1.1)  # an event is known by its second
    reply = wechat.hears(url, "clicker", {"MsgType": "event", "Event": "CLICK", "EventKey": "en"})
    assert "English" in reply
    answer = wechat.hears(url, "clicker", "visa")
    assert answer.isascii() or "Source" in answer or any(word in answer for word in ("mean", "human"))


def test_voice_with_its_recognition_is_a_question(wechat: WeChatServer, url: str) -> None:
    wechat.event(url, "speaker", "subscribe")
    voice = {"MsgType": "voice", "MediaId": "m", "Format": "amr"}
    reply = wechat.hears(url, "speaker", {**voice, "Recognition": QUESTION})
    assert "120" in reply
    unheard = wechat.hears(url, "speaker", voice)
    assert "语音" in unheard


@pytest.mark.parametrize("kind", ["image", "video", "shortvideo", "link", "file", "something-new"])
def test_what_cannot_be_read_is_answered_kindly(wechat: WeChatServer, url: str, kind: str) -> None:
    wechat.event(url, f"sends-{kind}", "subscribe")
    reply = wechat.hears(url, f"sends-{kind}", {"MsgType": kind, "MediaId": "m"})
    assert "文字" in reply


def test_a_location_is_the_place_that_was_asked_for(wechat: WeChatServer, url: str) -> None:
    wechat.hears(url, "traveller", "转人工")
    asked = wechat.hears(url, "traveller", "2")  # documents, and then the place
    assert "城市" in asked
    where = {"MsgType": "location", "Location_X": "23.02", "Location_Y": "113.12", "Scale": "16", "Label": ""}
    reply = wechat.hears(url, "traveller", where)
    assert "佛山" in reply


def test_a_location_without_a_question_is_remembered(wechat: WeChatServer, url: str) -> None:
    wechat.event(url, "stroller", "subscribe")
    where = {"MsgType": "location", "Location_X": "0", "Location_Y": "0", "Label": "广东省深圳市罗湖区人民南路"}
    reply = wechat.hears(url, "stroller", where)
    assert "深圳" in reply
    lost = wechat.hears(
        url, "stroller", {"MsgType": "location", "Location_X": "51.5", "Location_Y": "0", "Label": "x"}
    )
    assert "没能认出" in lost


def test_who_unfollows_gets_nothing_and_may_come_back(wechat: WeChatServer, url: str) -> None:
    wechat.event(url, "leaver", "subscribe")
    assert wechat.event(url, "leaver", "unsubscribe") is None
    time.sleep(1.1)
    assert wechat.hears(url, "leaver", {"MsgType": "event", "Event": "subscribe"})


class Talk:
    """A WeChat visitor with a seat at the other end."""

    def __init__(self, wechat: WeChatServer, url: str, openid: str) -> None:
        self.wechat, self.url, self.openid = wechat, url, openid
        asked = wechat.hears(url, openid, "转人工")
        assert "意见建议" in asked
        told = wechat.hears(url, openid, "意见建议")
        assert "工单" in told, told
        self.user = wechat.users[openid]
        self.seat = SeatClient(url, "centre", PASSWORD)
        self.ticket = until(lambda: self.seat.tickets(status="waiting"))[-1]["id"]
        assert self.seat.act(self.ticket, "claim").status_code == 200

    def answers(self, text: str) -> None:
        assert self.seat.act(self.ticket, "messages", {"text": text}).status_code == 201

    def sent(self) -> list[str]:
        return [body["text"]["content"] for body in self.user.inbox if body["msgtype"] == "text"]


@pytest.fixture
def talk(wechat: WeChatServer, url: str, request: pytest.FixtureRequest) -> Iterator[Talk]:
    found = Talk(wechat, url, f"talks-{request.node.name}"[:60])
    yield found
    found.seat.act(found.ticket, "resolve", {"category": "answered"})


def test_a_seats_answer_reaches_the_visitor(talk: Talk) -> None:
    talk.answers("您好，我来帮您。")
    until(lambda: any("工号centre：您好，我来帮您。" in text for text in talk.sent()))


def test_the_seat_is_told_how_long_it_may_write(talk: Talk) -> None:
    until(lambda: talk.sent())
    window = talk.seat.http.get(f"/v1/channels/windows/{talk.ticket}").json()
    assert (window["channel"], window["open"]) == ("wechat", True)
    assert window["messages_left"] == talk.user.quota
    talk.wechat.failing.append(45015)
    talk.answers("这条要等")
    closed = until(
        lambda: (found := talk.seat.http.get(f"/v1/channels/windows/{talk.ticket}").json())["waiting"] and found
    )
    until(lambda: not talk.seat.http.get(f"/v1/channels/windows/{talk.ticket}").json()["open"])
    assert closed["waiting"] == 1
    talk.wechat.text(talk.url, talk.openid, "我在")


def test_many_answers_share_messages_and_none_is_lost(talk: Talk) -> None:
    """Seven answers and five messages: what waits goes out together, the rest when the visitor writes again."""
    until(lambda: talk.sent())
    for number in range(9):
        talk.answers(f"第{number}条")
        time.sleep(0.7)
    assert len(talk.user.inbox) <= 5
    reply = talk.wechat.text(talk.url, talk.openid, "好的")
    heard = "\n".join([*talk.sent(), reply or ""])
    until(lambda: all(f"第{n}条" in "\n".join([*talk.sent(), reply or ""]) for n in range(9)))
    assert heard.count("第0条") == 1


def test_a_long_answer_is_cut_at_sentence_ends(talk: Talk) -> None:
    text = "".join(f"这是第{number}句话，内容不短也不长。" for number in range(80))
    talk.answers(text)
    until(lambda: "第79句" in "".join(talk.sent()))
    parts = [part for part in talk.sent() if "句话" in part]
    assert len(parts) > 1
    assert all(len(part.encode()) <= LIMIT_BYTES and part.endswith("。") for part in parts)
    assert "".join(parts).replace("\n", "").count("这是第") == 80


def test_after_the_window_the_answer_waits_for_the_next_message(talk: Talk) -> None:
    until(lambda: talk.sent())
    talk.wechat.failing.append(45015)
    talk.answers("来晚了的答复")
    until(lambda: not talk.wechat.failing)
    time.sleep(1.0)
    assert not any("来晚了" in text for text in talk.sent())
    reply = talk.wechat.text(talk.url, talk.openid, "还在吗")
    assert "来晚了的答复" in (reply or "") or until(lambda: any("来晚了" in text for text in talk.sent()))


@pytest.mark.parametrize("code", [-1, 45011, "down"])
def test_a_bad_moment_is_tried_again(talk: Talk, code: int | str) -> None:
    until(lambda: talk.sent())
    talk.wechat.failing.append(code)
    talk.answers("再试一次")
    until(lambda: any("再试一次" in text for text in talk.sent()))


@pytest.mark.parametrize("code", [40001, 42001])
def test_a_refused_token_is_renewed_once(talk: Talk, code: int) -> None:
    until(lambda: talk.sent())
    before = len(talk.wechat.token_calls)
    talk.wechat.failing.append(code)
    talk.answers("换了令牌")
    until(lambda: any("换了令牌" in text for text in talk.sent()))
    assert talk.wechat.token_calls[before:] == [True]


def followed_up_at_any_hour(var: Path) -> Path:
    """The content with a follow-up that may be asked at any hour."""
    data = small_data(var)
    text = (data / "deadlines.yaml").read_text("utf-8")
    (data / "deadlines.yaml").unlink()
    changed = re.sub(
        r"after_minutes: 240\n  hours: .*", 'after_minutes: 1\n  hours: {days: every, open: ["00:00-24:00"]}', text
    )
    assert changed != text
    (data / "deadlines.yaml").write_text(changed, "utf-8")
    return data


def test_the_grade_is_asked_and_given_by_number_or_tap(talk: Talk) -> None:
    assert talk.seat.act(talk.ticket, "resolve", {"category": "answered"}).status_code == 200
    menu = until(lambda: [body["msgmenu"] for body in talk.user.inbox if body["msgtype"] == "msgmenu"])[-1]
    assert [item["content"] for item in menu["list"]] == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    assert "谢谢" in talk.wechat.hears(talk.url, talk.openid, "2")
    assert talk.seat.http.get(f"/v1/tickets/{talk.ticket}").json()["score"] == 4
    talk.wechat.hears(talk.url, talk.openid, QUESTION)
    assert "谢谢" in talk.wechat.hears(talk.url, talk.openid, "非常满意")  # tapped in the old menu
    assert talk.seat.http.get(f"/v1/tickets/{talk.ticket}").json()["score"] == 5


@pytest.mark.parametrize(
    ("answer", "status", "said"), [("1", "closed", "谢谢"), ("没有解决，请继续办理", "waiting", "重新")]
)
def test_whether_it_is_settled_is_asked_over_the_channel(
    wechat: WeChatServer, tmp_path: Path, answer: str, status: str, said: str
) -> None:
    current = wechat_settings(tmp_path, wechat, sweep_seconds=0.2)
    current.data_dir = followed_up_at_any_hour(tmp_path)
    asyncio.run(prepare(current, {"centre": ("masc", PASSWORD)}))
    with gateway(current) as url:
        talk = Talk(wechat, url, f"settles-{status}")
        assert talk.seat.act(talk.ticket, "resolve", {"category": "answered"}).status_code == 200
        with sqlite3.connect(tmp_path / "consult.sqlite3") as database:  # the minute is over
            database.execute("update tickets set follow_up_at = opened_at")
        until(lambda: any("解决了吗" in str(body) for body in talk.user.inbox))
        assert said in wechat.hears(url, talk.openid, answer)
        assert talk.seat.http.get(f"/v1/tickets/{talk.ticket}").json()["status"] == status


def test_encrypted_mode(wechat: WeChatServer, tmp_path: Path) -> None:
    current = wechat_settings(tmp_path, wechat, wechat_aes_key=AES_KEY)
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        reply = wechat.hears(url, "sealed", QUESTION, encrypted=True)
        assert "120" in reply
        plain = wechat.deliver(url, {"MsgType": "text", "FromUserName": "x", "ToUserName": "y", "Content": "z"})
        assert plain.json()["type"] == "/problems/wrong-mode"
        forged = httpx.post(
            f"{url}/v1/channels/wechat",
            params={**signed(), "encrypt_type": "aes", "msg_signature": "0" * 40},
            content=b"<xml><ToUserName>a</ToUserName><Encrypt>AAAA</Encrypt></xml>",
            trust_env=False,
        )
        assert forged.json()["type"] == "/problems/wrong-signature"


def test_a_slow_answer_is_brought_later(wechat: WeChatServer, tmp_path: Path) -> None:
    """An engine that hangs for six seconds: WeChat hears "success" in time, the visitor is answered after that."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = f"http://127.0.0.1:{silent.getsockname()[1]}"
        current = wechat_settings(tmp_path, wechat, engine_url=engine, engine_timeout=6.0)
        asyncio.run(prepare(current, {}))
        with gateway(current) as url:
            wechat.event(url, "patient", "subscribe")
            started = time.monotonic()
            assert wechat.text(url, "patient", QUESTION) is None
            assert time.monotonic() - started < 5.0  # the rule of the platform, not a measurement
            until(lambda: wechat.users["patient"].inbox)
            assert "120" in str(wechat.users["patient"].inbox)


def test_a_gateway_that_was_killed_delivers_after_its_return(wechat: WeChatServer, tmp_path: Path) -> None:
    current = wechat_settings(tmp_path, wechat)
    asyncio.run(prepare(current, {"centre": ("masc", PASSWORD)}))
    with gateway(current) as url:
        talk = Talk(wechat, url, "survivor")
        until(lambda: talk.sent())
        wechat.failing += ["down"] * 3
        talk.answers("重启之后送达")
        until(lambda: len(wechat.failing) < 3)
    wechat.failing.clear()
    with gateway(current):
        until(lambda: any("重启之后送达" in text for text in talk.sent()), 30)


def test_the_channel_is_closed_where_it_is_not_set_up(tmp_path: Path) -> None:
    current = settings(tmp_path, data_dir=small_data(tmp_path))
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        answer = httpx.get(f"{url}/v1/channels/wechat", params=signed(), trust_env=False)
        assert answer.status_code == 404
        assert "CONSULT_WECHAT_APP_ID" in answer.json()["detail"]


def test_the_menu_is_made_by_the_operator(wechat: WeChatServer, tmp_path: Path) -> None:
    async def job() -> None:
        container = build(wechat_settings(tmp_path, wechat))
        from api.migrations import migrate

        await migrate(container.database)
        channel = container.channels.get(WeChat)
        assert channel is not None
        await channel.client.set_menu(account_menu())
        await channel.close()
        await container.database.close()

    asyncio.run(job())
    assert [button["name"] for button in wechat.menus[-1]["button"]] == ["我要咨询", "Language", "人工服务"]


def test_tokens_are_shared(wechat: WeChatServer, tmp_path: Path) -> None:
    """Two gateways on one database ask WeChat once."""
    current = wechat_settings(tmp_path, wechat)
    before = len(wechat.token_calls)

    async def job() -> None:
        from api.migrations import migrate

        one, other = build(current), build(current)
        await migrate(one.database)
        for container in (one, other):
            channel = container.channels.get(WeChat)
            assert channel is not None
            await channel.client.set_menu(account_menu())
            await channel.close()
            await container.database.close()

    asyncio.run(job())
    assert len(wechat.token_calls) - before == 1

"""What WeChat pushes to the official account, and what it is answered."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.channels.wechat import inbound
from tests.channels.waiting import until
from tests.channels.wechat.conftest import QUESTION, wechat_settings
from tests.channels.wechat_server import AES_KEY, WeChatServer, signed
from tests.processes import gateway, prepare


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

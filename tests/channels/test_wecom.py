"""微信客服 against a WeCom that enforces WeCom's rules."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from wechatpy.enterprise.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from api.settings import Settings
from tests.channels.waiting import until
from tests.channels.wecom_server import AES_KEY, CORP_ID, KF, SECRET, TOKEN, WeComServer
from tests.processes import SeatClient, gateway, prepare, settings, small_data

PASSWORD = "long enough for a test"
QUESTION = "护照多少钱"


def wecom_settings(var: Path, server: WeComServer, **more: Any) -> Settings:
    return settings(
        var, data_dir=small_data(var), wecom_corp_id=CORP_ID, wecom_secret=SECRET, wecom_token=TOKEN,
        wecom_aes_key=AES_KEY, wecom_url=server.url, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def wecom() -> Iterator[WeComServer]:
    with WeComServer() as server:
        yield server


@pytest.fixture(scope="module")
def url(wecom: WeComServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = wecom_settings(tmp_path_factory.mktemp("wecom"), wecom)
    asyncio.run(prepare(current, {"centre": ("masc", PASSWORD)}))
    with gateway(current) as address:
        yield address


def reads(wecom: WeComServer, who: str, words: str) -> bool:
    return any(words in text for text in wecom.guests[who].texts())


def test_wecom_verifies_the_address(url: str) -> None:
    stamp, nonce = str(int(time.time())), secrets.token_hex(4)
    echo = PrpCrypto(base64.b64decode(AES_KEY + "=")).encrypt("5837", CORP_ID).decode()
    signer = WeChatSigner()
    signer.add_data(TOKEN, stamp, nonce, echo)
    query = {"msg_signature": signer.signature, "timestamp": stamp, "nonce": nonce, "echostr": echo}
    answer = httpx.get(f"{url}/v1/channels/wecom", params=query, trust_env=False)
    assert (answer.status_code, answer.text) == (200, "5837")
    forged = httpx.get(f"{url}/v1/channels/wecom", params={**query, "nonce": "other"}, trust_env=False)
    assert forged.status_code == 403


def test_another_companys_callback_is_refused(wecom: WeComServer, url: str) -> None:
    assert wecom.call(url, corp_id="ww-other").json()["type"] == "/problems/wrong-corp-id"


def test_a_question_is_pulled_and_answered(wecom: WeComServer, url: str) -> None:
    wecom.write(url, "asker", QUESTION)
    until(lambda: reads(wecom, "asker", "120"))
    assert not reads(wecom, "asker", "您好")
    assert wecom.guests["asker"].state == 1


def test_who_enters_is_welcomed_and_that_costs_no_message(wecom: WeComServer, url: str) -> None:
    wecom.enter(url, "guest")
    until(lambda: reads(wecom, "guest", "12367"))
    assert wecom.guests["guest"].inbox == []


def test_a_tapped_choice_is_a_choice(wecom: WeComServer, url: str) -> None:
    wecom.enter(url, "tapper")
    until(lambda: reads(wecom, "tapper", "12367"))
    wecom.write(url, "tapper", "出入境证件", text={"content": "出入境证件", "menu_id": "2"})
    until(lambda: wecom.guests["tapper"].inbox)
    assert reads(wecom, "tapper", "证件")


def test_several_visitors_and_pages_at_once(wecom: WeComServer, url: str) -> None:
    """One callback for many messages: every page is pulled, everybody answered, each in order."""
    for number in range(4):
        for text in (QUESTION, "护照丢了怎么补"):
            wecom.write(None, f"crowd-{number}", text)
    wecom.call(url)
    until(lambda: all(len(wecom.guests[f"crowd-{n}"].inbox) >= 1 for n in range(4)), 30)
    until(lambda: all(reads(wecom, f"crowd-{n}", "120") for n in range(4)), 30)


def test_what_came_again_is_answered_once(wecom: WeComServer, url: str) -> None:
    wecom.write(url, "echo", QUESTION)
    until(lambda: wecom.guests["echo"].inbox)
    wecom.rows.append(next(row for row in wecom.rows if row.get("external_userid") == "echo"))
    pulls = wecom.pulls
    wecom.call(url)
    until(lambda: wecom.pulls > pulls)
    time.sleep(1.5)
    assert len(wecom.guests["echo"].inbox) == 1


@pytest.mark.parametrize("kind", ["image", "file", "video", "voice", "link"])
def test_what_cannot_be_read_is_answered_kindly(wecom: WeComServer, url: str, kind: str) -> None:
    wecom.write(url, f"sends-{kind}", "", msgtype=kind, **{kind: {"media_id": "m"}})
    until(lambda: reads(wecom, f"sends-{kind}", "文字"))


def test_a_location_is_remembered(wecom: WeComServer, url: str) -> None:
    where = {"latitude": 23.02, "longitude": 113.12, "name": "", "address": ""}
    wecom.write(url, "stroller", "", msgtype="location", location=where)
    until(lambda: reads(wecom, "stroller", "佛山"))


def test_a_callback_that_was_lost_costs_nothing(wecom: WeComServer, tmp_path: Path) -> None:
    """What came while no gateway ran is pulled when one is back."""
    current = wecom_settings(tmp_path, wecom)
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        wecom.write(url, "patient", QUESTION)
        until(lambda: wecom.guests["patient"].inbox)
    wecom.write(None, "patient", "护照丢了怎么补")
    with gateway(current):
        until(lambda: len(wecom.guests["patient"].inbox) > 1, 30)


class Talk:
    """A visitor with a seat at the other end."""

    def __init__(self, wecom: WeComServer, url: str, who: str) -> None:
        self.wecom, self.url, self.who = wecom, url, who
        wecom.write(url, who, "转人工")
        until(lambda: wecom.guests[who].inbox)
        wecom.write(url, who, "意见建议")
        self.seat = SeatClient(url, "centre", PASSWORD)
        self.ticket = until(lambda: self.seat.tickets(status="waiting"))[-1]["id"]
        assert self.seat.act(self.ticket, "claim").status_code == 200
        until(lambda: reads(wecom, who, "工单"))
        self.guest = wecom.guests[who]

    def answers(self, text: str) -> None:
        assert self.seat.act(self.ticket, "messages", {"text": text}).status_code == 201


@pytest.fixture
def talk(wecom: WeComServer, url: str, request: pytest.FixtureRequest) -> Iterator[Talk]:
    found = Talk(wecom, url, f"talks-{request.node.name}"[:60])
    yield found
    found.seat.act(found.ticket, "resolve", {"category": "answered"})


def test_a_seats_answer_reaches_the_visitor(talk: Talk) -> None:
    talk.answers("您好，我来帮您。")
    until(lambda: reads(talk.wecom, talk.who, "我来帮您"))


def test_a_failure_told_afterwards_is_delivered_with_the_next_message(talk: Talk) -> None:
    talk.answers("其实没送到")
    until(lambda: reads(talk.wecom, talk.who, "其实没送到"))
    lost = next(body for body in talk.guest.inbox if "其实没送到" in str(body))
    talk.guest.inbox.remove(lost)
    talk.wecom.happens(talk.url, talk.who, event_type="msg_send_fail", fail_msgid=lost["msgid"], fail_type=4)
    window = until(
        lambda: (found := talk.seat.http.get(f"/v1/channels/windows/{talk.ticket}").json())["waiting"] and found
    )
    assert (window["channel"], window["open"]) == ("wecom", False)
    talk.wecom.write(talk.url, talk.who, "在吗")
    until(lambda: reads(talk.wecom, talk.who, "其实没送到"))


def test_a_session_at_another_desk_waits(talk: Talk) -> None:
    talk.guest.state = 3
    talk.answers("等会话回来")
    time.sleep(2)
    assert not reads(talk.wecom, talk.who, "等会话回来")
    talk.guest.state = 4
    talk.wecom.write(talk.url, talk.who, "我又来了")
    until(lambda: reads(talk.wecom, talk.who, "等会话回来"))


@pytest.mark.parametrize("code", [-1, 45009, 40014, 42001])
def test_a_bad_moment_is_tried_again(talk: Talk, code: int) -> None:
    talk.wecom.failing.append(code)
    talk.answers("再试一次")
    until(lambda: reads(talk.wecom, talk.who, "再试一次"))


def test_the_channel_is_closed_where_it_is_not_set_up(tmp_path: Path) -> None:
    current = settings(tmp_path, data_dir=small_data(tmp_path))
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        answer = httpx.post(f"{url}/v1/channels/wecom", content=b"<xml/>", trust_env=False)
        assert answer.status_code == 404
        assert "CONSULT_WECOM_CORP_ID" in answer.json()["detail"]
        assert KF not in answer.text

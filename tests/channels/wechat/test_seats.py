"""A seat's answers to a WeChat visitor: windows, limits, bad moments, the end of the talk."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.waiting import until
from tests.channels.wechat.conftest import PASSWORD, QUESTION, wechat_settings
from tests.channels.wechat_server import LIMIT_BYTES, WeChatServer
from tests.processes import SeatClient, gateway, prepare, small_data


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

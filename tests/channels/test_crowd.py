"""Many visitors at once, answers that get lost, pushes that come again: all are answered, none of them twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from api.channels.wechat import inbound
from tests.channels.crowd import Plan, crowd
from tests.channels.wechat.conftest import wechat_settings
from tests.channels.wechat_server import WeChatServer
from tests.processes import gateway, prepare

QUESTIONS = ("护照多少钱", "护照丢了怎么补", "小孩办护照要带什么", "护照加急", "护照有效期多久", "1", "你好")
BAD_MOMENTS: list[int | str] = [-1, 45011, "down", 40001, 42001, -1, "down"]


@pytest.fixture(scope="module")
def wechat() -> Iterator[WeChatServer]:
    with WeChatServer() as server:
        yield server


@pytest.mark.parametrize("passive", [inbound.PASSIVE_SECONDS, 0.0], ids=["replies", "customer-service messages"])
def test_everybody_is_answered_once(
    wechat: WeChatServer, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, passive: float
) -> None:
    """Once with answers that are ready in time, once with none: then all go the other way, with its bad moments."""
    monkeypatch.setattr(inbound, "PASSIVE_SECONDS", passive)
    current = wechat_settings(tmp_path_factory.mktemp("crowd"), wechat)
    asyncio.run(prepare(current, {}))
    if not passive:
        wechat.failing += BAD_MOMENTS
    with gateway(current) as url:
        plan = Plan(users=40, messages=3, think=(0.0, 1.0), lost=0.2, seed=int(passive * 10))
        outcome = asyncio.run(crowd(wechat, url, plan, QUESTIONS))
    assert outcome.asked == 120 and outcome.pushes > outcome.asked
    assert outcome.unanswered == []
    assert outcome.answered_twice == []
    assert bool(passive) or outcome.later > 60

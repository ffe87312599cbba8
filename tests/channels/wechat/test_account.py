"""The account as its operator sets it up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from api.app import build
from api.channels.wechat import WeChat
from api.channels.wechat.inbound import account_menu
from api.migrations import migrate
from tests.channels.wechat.conftest import wechat_settings
from tests.channels.wechat_server import WeChatServer, signed
from tests.processes import gateway, prepare, settings, small_data


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

"""A WeChat that enforces WeChat's rules, and a gateway that is its official account."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from tests.channels.wechat_server import APP_ID, SECRET, TOKEN, WeChatServer
from tests.processes import gateway, prepare, settings, small_data

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


@pytest.fixture(scope="package")
def wechat() -> Iterator[WeChatServer]:
    with WeChatServer() as server:
        yield server


@pytest.fixture(scope="package")
def url(wechat: WeChatServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = wechat_settings(tmp_path_factory.mktemp("wechat"), wechat)
    asyncio.run(prepare(current, {"centre": ("masc", PASSWORD)}))
    with gateway(current) as address:
        yield address

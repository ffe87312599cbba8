"""The WeChat official account: what its servers push to us, and what we send to them."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from api.channels.channel import Parts
from api.channels.courier import Courier
from api.channels.wechat.client import WeChatClient
from api.channels.wechat.inbound import Inbound


@dataclass
class WeChat:
    """The channel's parts in one gateway."""

    client: WeChatClient
    inbound: Inbound
    courier: Courier

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What runs for as long as the gateway does."""
        return [self.courier.run()]

    async def close(self) -> None:
        """Finish what was begun, and give the connections back."""
        await self.inbound.drain()
        await self.client.close()


def open_channel(parts: Parts) -> WeChat | None:
    """The channel, or None where it is not set up."""
    settings = parts.settings
    if not settings.wechat_app_id:
        return None
    service = parts.service("wechat")
    client = WeChatClient(settings, parts.database, parts.clock, parts.texts)
    inbound = Inbound(service, parts.locator, settings.wechat_app_id)
    return WeChat(client, inbound, parts.courier(service, client))

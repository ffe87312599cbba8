"""WeCom customer service (微信客服): told by callback, pulled by cursor, answered while the session is the bot's."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from api.channels.channel import Parts
from api.channels.courier import Courier
from api.channels.wecom.client import WeComClient
from api.channels.wecom.inbound import Inbound


@dataclass
class WeCom:
    """The channel's parts in one gateway."""

    client: WeComClient
    inbound: Inbound
    courier: Courier

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What runs for as long as the gateway does."""
        return [self.courier.run(), self.inbound.run()]

    async def close(self) -> None:
        """Finish what was begun, and give the connections back."""
        await self.inbound.drain()
        await self.client.close()


def open_channel(parts: Parts) -> WeCom | None:
    """The channel, or None where it is not set up."""
    if not parts.settings.wecom_corp_id:
        return None
    service = parts.service("wecom")
    client = WeComClient(parts.settings, parts.database, parts.clock, parts.texts)
    inbound = Inbound(service, client, parts.database, parts.locator)
    return WeCom(client, inbound, parts.courier(service, client))

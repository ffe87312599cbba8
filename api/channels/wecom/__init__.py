"""WeCom customer service (微信客服): told by callback, pulled by cursor, answered while the session is the bot's."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from api.channels.courier import Courier
from api.channels.service import ChannelService
from api.channels.wecom.client import WeComClient
from api.channels.wecom.inbound import Inbound
from api.clock import Clock
from api.conversations.service import ConversationService
from api.database import Database
from api.routing.locate import Locator
from api.security import RateLimits
from api.settings import Settings
from knowledge.texts import Texts


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


def open_channel(
    settings: Settings,
    database: Database,
    clock: Clock,
    texts: Texts,
    conversations: ConversationService,
    limits: RateLimits,
    locator: Locator,
) -> WeCom | None:
    """The channel, or None where it is not set up."""
    if not settings.wecom_corp_id:
        return None
    service = ChannelService("wecom", settings, database, clock, texts, conversations, limits)
    client = WeComClient(settings, database, clock, texts)
    return WeCom(client, Inbound(service, client, database, locator), Courier(service, client, database, clock))

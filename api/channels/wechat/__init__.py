"""The WeChat official account: what its servers push to us, and what we send to them."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from api.channels.courier import Courier
from api.channels.service import ChannelService
from api.channels.wechat.client import WeChatClient
from api.channels.wechat.inbound import Inbound
from api.clock import Clock
from api.conversations.service import ConversationService
from api.database import Database
from api.routing.locate import Locator
from api.security import RateLimits
from api.settings import Settings
from knowledge.texts import Texts


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


def open_channel(
    settings: Settings,
    database: Database,
    clock: Clock,
    texts: Texts,
    conversations: ConversationService,
    limits: RateLimits,
    locator: Locator,
) -> WeChat | None:
    """The channel, or None where it is not set up."""
    if not settings.wechat_app_id:
        return None
    service = ChannelService("wechat", settings, database, clock, texts, conversations, limits)
    client = WeChatClient(settings, database, clock, texts)
    inbound = Inbound(service, locator, settings.wechat_app_id)
    return WeChat(client, inbound, Courier(service, client, database, clock))

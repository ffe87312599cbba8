"""What a messaging channel is built from, and what the gateway asks of it; README.md says how to write one."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from api.channels.courier import Courier, Sender
from api.channels.service import ChannelService
from api.clock import Clock
from api.conversations.service import ConversationService
from api.database import Database
from api.routing.locate import Locator
from api.security import RateLimits
from api.settings import Settings
from knowledge.texts import Texts


@dataclass(frozen=True)
class Parts:
    """What the gateway gives a channel to work with."""

    settings: Settings
    database: Database
    clock: Clock
    texts: Texts
    conversations: ConversationService
    limits: RateLimits
    locator: Locator

    def service(self, channel: str) -> ChannelService:
        """The contacts and conversations of a channel; its name is what tickets and statistics call it."""
        return ChannelService(
            channel, self.settings, self.database, self.clock, self.texts, self.conversations, self.limits
        )

    def courier(self, service: ChannelService, sender: Sender) -> Courier:
        """The deliveries of a channel: kept, repeated, and within the platform's windows."""
        return Courier(service, sender, self.database, self.clock)


class Channel(Protocol):
    """A channel that is set up, in one gateway."""

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What runs for as long as the gateway does: the courier, at least."""
        ...

    async def close(self) -> None:
        """Finish what was begun, and give the connections back."""
        ...

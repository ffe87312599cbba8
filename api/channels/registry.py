"""Every messaging channel there is: a new one is a module with ``open_channel`` and ``router``, and a line here."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from api.channels import webhook, wechat, wecom
from api.channels.channel import Channel, Parts
from api.channels.wechat.endpoints import router as wechat_calls
from api.channels.wecom.endpoints import router as wecom_calls

OPENERS = (wechat.open_channel, wecom.open_channel, webhook.open_channel)
ROUTERS = (wechat_calls, wecom_calls, webhook.router)

Kind = TypeVar("Kind", bound=Channel)


class Channels:
    """The channels that are set up in this gateway."""

    def __init__(self, parts: Parts) -> None:
        self._open: list[Channel] = [channel for opener in OPENERS if (channel := opener(parts))]

    def get(self, kind: type[Kind]) -> Kind | None:
        """The channel of one kind, or None where it is not set up."""
        return next((channel for channel in self._open if isinstance(channel, kind)), None)

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What runs for as long as the gateway does."""
        return [job for channel in self._open for job in channel.jobs()]

    async def close(self) -> None:
        """Finish what was begun, and give the connections back."""
        for channel in self._open:
            await channel.close()

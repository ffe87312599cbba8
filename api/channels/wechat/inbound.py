"""What the official account's visitors do, one kind of push after another."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from api.channels.models import Contact
from api.channels.service import ChannelService, Window
from api.conversations.schemas import Choice
from api.routing.geography import Place
from api.routing.locate import Locator

log = structlog.get_logger()
MESSAGE = Window(quota=5, lasts=timedelta(hours=48))
DEED = Window(quota=3, lasts=timedelta(minutes=1))
PASSIVE_SECONDS = 0.9
"""How long a push waits for its reply. WeChat hangs up after five seconds and asks again, and of these a crowd takes
most; a later answer goes out as a customer-service message, which costs one of five."""
SILENT = frozenset({"view", "templatesendjobfinish", "masssendjobfinish", "unsubscribe", "view_miniprogram"})
"""Events that are no visitor's wish to talk."""
MENU: Mapping[str, Choice] = {
    "clearance": Choice(label="口岸通关", payload='/choose_business{"business": "clearance"}'),
    "documents": Choice(label="证件签证", payload='/choose_business{"business": "documents"}'),
    "suggestions": Choice(label="意见建议", payload='/choose_business{"business": "suggestions"}'),
    "human": Choice(label="人工服务", payload="/handoff"),
    "zh": Choice(label="普通话", payload='/choose_language{"language": "zh"}'),
    "yue": Choice(label="粵語", payload='/choose_language{"language": "yue"}'),
    "en": Choice(label="English", payload='/choose_language{"language": "en"}'),
}
"""The account's menu: the key of each click event, what it says, and what it does."""


def account_menu() -> dict[str, Any]:
    """The menu as WeChat wants it: at most three buttons with at most five below each."""
    groups = {"我要咨询": ("clearance", "documents", "suggestions"), "Language": ("zh", "yue", "en")}
    buttons: list[dict[str, Any]] = [
        {"name": name, "sub_button": [_click(key) for key in keys]} for name, keys in groups.items()
    ]
    return {"button": [*buttons, _click("human")]}


def _click(key: str) -> dict[str, str]:
    return {"type": "click", "name": MENU[key].label, "key": key}


class Inbound:
    """Takes pushes, and says what to answer each with."""

    def __init__(self, service: ChannelService, locator: Locator, account: str) -> None:
        self._service, self._locator, self._account = service, locator, account
        self._running: dict[str, asyncio.Task[Contact | None]] = {}
        self._late: set[str] = set()  # pushes that heard no reply in time: the courier need not wait for one

    async def take(self, push: Mapping[str, str]) -> str | None:
        """The text to reply to a push with; None when there is none (yet): the courier brings what comes later.

        WeChat repeats a push that it heard no answer to, and may do so while the first is still at work: both then
        wait for the same work, and get the same text.
        """
        key = push_id(push)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._work(push, key))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        await asyncio.wait({task}, timeout=PASSIVE_SECONDS)
        if not task.done():
            self._late.add(key)
            return None
        contact = task.result()
        return await self._service.reply(contact, key) if contact else None

    async def drain(self) -> None:
        """Wait for the work under way: a gateway that stops finishes what it began."""
        if self._running:
            await asyncio.wait(set(self._running.values()))

    async def _work(self, push: Mapping[str, str], key: str) -> Contact | None:
        kind, event = push["MsgType"].lower(), push.get("Event", "").lower()
        address = push["FromUserName"]
        if event == "unsubscribe":
            await self._service.leave(self._account, address)
        if kind == "event" and event in SILENT:
            return None
        does = kind == "event"
        contact, fresh = await self._service.arrive(self._account, address, DEED if does else MESSAGE, greet=does)
        try:
            if kind == "event":
                await self._event(contact, fresh, event, push, key)
            else:
                await self._message(contact, kind, push, key)
        except Exception:  # stored or not, WeChat must not repeat it for ever; the visitor is answered by the courier
            log.exception("wechat_push_failed", kind=kind, event=event)
        if key in self._late:
            self._late.discard(key)
            await self._service.release(contact)
        return contact

    async def _message(self, contact: Contact, kind: str, push: Mapping[str, str], key: str) -> None:
        if kind == "text":
            await self._service.say(contact, push.get("Content", ""), key)
        elif kind == "voice" and push.get("Recognition"):
            await self._service.say(contact, push["Recognition"], key)
        elif kind == "voice":
            await self._service.note(contact, "channel_unheard", key)
        elif kind == "location":
            await self._location(contact, push, key)
        else:
            await self._service.note(contact, "channel_unsupported", key)

    async def _event(self, contact: Contact, fresh: bool, event: str, push: Mapping[str, str], key: str) -> None:
        """A follow or a scan greets (a new contact has its greeting already); a menu click is a choice."""
        if event == "click" and (choice := MENU.get(push.get("EventKey", ""))):
            await self._service.press(contact, choice, key)
        elif event == "location" and (place := self._place(push, "Latitude", "Longitude")):
            await self._service.place(contact, place.code)
        elif event in ("subscribe", "scan") and not fresh:
            await self._service.note(contact, "hello", key)

    async def _location(self, contact: Contact, push: Mapping[str, str], key: str) -> None:
        place = self._locator.named(push.get("Label", "")) or self._place(push, "Location_X", "Location_Y")
        if place is None:
            await self._service.note(contact, "channel_unknown_place", key)
        else:
            await self._service.locate(contact, place.code, place.zh, key)

    def _place(self, push: Mapping[str, str], latitude: str, longitude: str) -> Place | None:
        try:
            north, east = float(push[latitude]), float(push[longitude])
        except (KeyError, ValueError):
            return None
        return self._locator.nearest(north, east) if math.isfinite(north) and math.isfinite(east) else None


def push_id(push: Mapping[str, str]) -> str:
    """What makes a push the same as one before: its MsgId; for an event, which has none, who did it and when."""
    if push.get("MsgId"):
        return f"wx-{push['MsgId']}"
    return f"wx-{push['FromUserName'][-32:]}-{push.get('CreateTime', '')}"[:64]

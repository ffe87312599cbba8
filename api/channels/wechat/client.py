"""WeChat's own calls: the access token, customer-service messages, the account's menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.channels.calls import Calls, PlatformError
from api.channels.courier import Fate
from api.channels.models import Contact, Outgoing
from api.channels.service import as_text
from api.clock import Clock
from api.database import Database
from api.settings import Settings
from knowledge.texts import Texts

MENU_HEAD_BYTES = 1024
MENU_ITEMS = 10
FATES = {
    0: Fate.SENT,
    -1: Fate.AGAIN,  # busy
    45009: Fate.AGAIN,  # the day's calls are used up
    45011: Fate.AGAIN,  # too many calls this minute
    45015: Fate.CLOSED,  # 48 hours are over
    45047: Fate.CLOSED,  # more messages than the visitor's deed allowed
    40003: Fate.GONE,  # no such openid
    43004: Fate.GONE,  # does not follow the account
}
"""What WeChat's error codes mean for a message; any other is a refusal."""


class WeChatClient:
    """Calls one official account's interface."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, texts: Texts) -> None:
        self._settings, self._texts = settings, texts
        account = f"wechat:{settings.wechat_app_id}"
        self._calls = Calls(account, settings.wechat_url, database, clock, self._fetch_token)
        self.close = self._calls.close

    async def send(self, contact: Contact, rows: Sequence[Outgoing]) -> tuple[Fate, str]:
        """Send pieces as one customer-service message: as a menu to tap where that fits, else as text."""
        return await self._calls.send("/cgi-bin/message/custom/send", self._message(contact, rows), FATES)

    async def set_menu(self, menu: dict[str, Any]) -> None:
        """Give the account its menu.

        Raises:
            PlatformError: refused.
        """
        answer = await self._calls.post("/cgi-bin/menu/create", menu)
        if answer.get("errcode"):
            raise PlatformError(f"{answer['errcode']} {answer.get('errmsg', '')}")

    def _message(self, contact: Contact, rows: Sequence[Outgoing]) -> dict[str, Any]:
        choices = rows[-1].choices
        head = "\n\n".join(row.text for row in rows if row.text)
        if choices and len(choices) <= MENU_ITEMS and 0 < len(head.encode()) <= MENU_HEAD_BYTES:
            listed = [{"id": str(number), "content": label} for number, label in enumerate(choices, 1)]
            menu = {"head_content": head, "list": listed, "tail_content": ""}
            return {"touser": contact.address, "msgtype": "msgmenu", "msgmenu": menu}
        text = {"content": as_text(rows, self._texts)}
        return {"touser": contact.address, "msgtype": "text", "text": text}

    async def _fetch_token(self, another: bool) -> tuple[str, int]:
        """WeChat's stable token: the same for every caller until it is about to end."""
        body = {
            "grant_type": "client_credential",
            "appid": self._settings.wechat_app_id,
            "secret": self._settings.wechat_secret.get_secret_value(),
            "force_refresh": another,
        }
        answer = await self._calls.bare("POST", "/cgi-bin/stable_token", body, {})
        if "access_token" not in answer:
            raise PlatformError(f"no access token: {answer.get('errcode')} {answer.get('errmsg', '')}")
        return str(answer["access_token"]), int(answer["expires_in"])

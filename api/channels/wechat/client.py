"""WeChat's own calls: the access token, customer-service messages, the account's menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import structlog

from api.channels.courier import Fate
from api.channels.models import Contact, Outgoing
from api.channels.service import as_text
from api.channels.tokens import Tokens
from api.clock import Clock
from api.database import Database
from api.settings import Settings
from knowledge.texts import Texts

log = structlog.get_logger()
TIMEOUT_SECONDS = 5.0
MENU_HEAD_BYTES = 1024
MENU_ITEMS = 10
BAD_TOKEN = frozenset({40001, 40014, 42001})
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


class WeChatError(Exception):
    """WeChat refused a call; the message has its code and words."""


class WeChatClient:
    """Calls one official account's interface."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, texts: Texts) -> None:
        self._settings, self._texts = settings, texts
        self._http = httpx.AsyncClient(base_url=settings.wechat_url, timeout=TIMEOUT_SECONDS)
        self._tokens = Tokens(f"wechat:{settings.wechat_app_id}", database, clock, self._fetch_token)

    async def send(self, contact: Contact, rows: Sequence[Outgoing]) -> tuple[Fate, str]:
        """Send pieces as one customer-service message: as a menu to tap where that fits, else as text."""
        try:
            answer = await self.call("/cgi-bin/message/custom/send", self._message(contact, rows))
        except (httpx.HTTPError, ValueError) as error:
            return Fate.AGAIN, f"{type(error).__name__}: {error}"
        except WeChatError as error:  # no token to be had: the operator's matter, not the message's
            log.error("wechat_token_refused", error=str(error))
            return Fate.AGAIN, str(error)
        code = int(answer.get("errcode", 0))
        if code in BAD_TOKEN:
            return Fate.AGAIN, str(answer.get("errmsg"))
        return FATES.get(code, Fate.REFUSED), f"{code} {answer.get('errmsg', '')}"

    async def set_menu(self, menu: dict[str, Any]) -> None:
        """Give the account its menu.

        Raises:
            WeChatError: refused.
        """
        answer = await self.call("/cgi-bin/menu/create", menu)
        if answer.get("errcode"):
            raise WeChatError(f"{answer['errcode']} {answer.get('errmsg', '')}")

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST with the access token; a token that is turned down is renewed once."""
        token = await self._tokens.get()
        answer = await self._post(path, body, {"access_token": token})
        if int(answer.get("errcode", 0)) in BAD_TOKEN:
            token = await self._tokens.get(refused=token)
            answer = await self._post(path, body, {"access_token": token})
        return answer

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    def _message(self, contact: Contact, rows: Sequence[Outgoing]) -> dict[str, Any]:
        last = rows[-1]
        head = "\n\n".join(row.text for row in rows if row.text)
        if last.choices and len(last.choices) <= MENU_ITEMS and 0 < len(head.encode()) <= MENU_HEAD_BYTES:
            listed = [{"id": str(number), "content": label} for number, label in enumerate(last.choices, 1)]
            menu = {"head_content": head, "list": listed, "tail_content": ""}
            return {"touser": contact.address, "msgtype": "msgmenu", "msgmenu": menu}
        return {
            "touser": contact.address,
            "msgtype": "text",
            "text": {"content": as_text(rows, self._texts)},
        }

    async def _fetch_token(self, another: bool) -> tuple[str, int]:
        """WeChat's stable token: the same for every caller until it is about to end."""
        body = {
            "grant_type": "client_credential",
            "appid": self._settings.wechat_app_id,
            "secret": self._settings.wechat_secret.get_secret_value(),
            "force_refresh": another,
        }
        answer = await self._post("/cgi-bin/stable_token", body, {})
        if "access_token" not in answer:
            raise WeChatError(f"no access token: {answer.get('errcode')} {answer.get('errmsg', '')}")
        return str(answer["access_token"]), int(answer["expires_in"])

    async def _post(self, path: str, body: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        response = await self._http.post(path, json=body, params=query)
        response.raise_for_status()
        answer = response.json()
        if not isinstance(answer, dict):
            raise ValueError("WeChat answered with something that is no object")
        return answer

"""WeCom's own calls for 微信客服: pull messages, send, and hold the session for our own console."""

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

PAGE = 1000
MENU_ITEMS = 10
MENU_HEAD_BYTES = 1024
BOT = 1
"""The session state in which our messages may be sent and no other desk gets the visitor's."""
FATES = {
    0: Fate.SENT,
    -1: Fate.AGAIN,  # busy
    45009: Fate.AGAIN,  # too many calls
    95001: Fate.CLOSED,  # more than five messages, or 48 hours are over
    95018: Fate.CLOSED,  # the session is in a state in which we may not send
}
"""What WeCom's error codes mean for a message; any other is a refusal."""


class WeComClient:
    """Calls one company's 微信客服 interface."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, texts: Texts) -> None:
        self._settings, self._texts = settings, texts
        account = f"wecom:{settings.wecom_corp_id}"
        self._calls = Calls(account, settings.wecom_url, database, clock, self._fetch_token)
        self.close = self._calls.close

    async def pull(self, kf: str, cursor: str, token: str) -> tuple[list[dict[str, Any]], str, bool]:
        """A page of messages and events of the account ``kf``: rows, the next cursor, whether there is more.

        Raises:
            PlatformError: refused. httpx.HTTPError, ValueError: no usable answer.
        """
        body: dict[str, Any] = {"cursor": cursor, "open_kfid": kf, "limit": PAGE}
        answer = await self._calls.post("/cgi-bin/kf/sync_msg", body | ({"token": token} if token else {}))
        if answer.get("errcode"):
            raise PlatformError(f"{answer['errcode']} {answer.get('errmsg', '')}")
        return answer["msg_list"], str(answer["next_cursor"]), bool(answer["has_more"])

    async def send(self, contact: Contact, rows: Sequence[Outgoing]) -> tuple[Fate, str]:
        """Send pieces as one message, under an id by which a failure is told later."""
        body = self._content(rows) | {"touser": contact.address, "open_kfid": contact.account, "msgid": msgid(rows)}
        fate, words = await self._calls.send("/cgi-bin/kf/send_msg", body, FATES)
        if words.startswith("95018") and await self.hold(contact):
            fate, words = await self._calls.send("/cgi-bin/kf/send_msg", body, FATES)
        return fate, words

    async def welcome(self, code: str, text: str) -> bool:
        """Greet on entering, which costs no message; the code works once and for 20 seconds."""
        body = {"code": code, "msgtype": "text", "text": {"content": text}}
        fate, _ = await self._calls.send("/cgi-bin/kf/send_msg_on_event", body, FATES)
        return fate is Fate.SENT

    async def hold(self, contact: Contact) -> bool:
        """Take the session as the bot's, so that the visitor's messages keep coming to us."""
        body = {"open_kfid": contact.account, "external_userid": contact.address, "service_state": BOT}
        fate, _ = await self._calls.send("/cgi-bin/kf/service_state/trans", body, FATES)
        return fate is Fate.SENT

    def _content(self, rows: Sequence[Outgoing]) -> dict[str, Any]:
        choices = rows[-1].choices
        head = "\n\n".join(row.text for row in rows if row.text)
        if choices and len(choices) <= MENU_ITEMS and 0 < len(head.encode()) <= MENU_HEAD_BYTES:
            listed = [
                {"type": "click", "click": {"id": str(number), "content": label}}
                for number, label in enumerate(choices, 1)
            ]
            return {"msgtype": "msgmenu", "msgmenu": {"head_content": head, "list": listed}}
        return {"msgtype": "text", "text": {"content": as_text(rows, self._texts)}}

    async def _fetch_token(self, another: bool) -> tuple[str, int]:
        """WeCom hands out its present token until it ends, so there is no asking for another."""
        query = {
            "corpid": self._settings.wecom_corp_id,
            "corpsecret": self._settings.wecom_secret.get_secret_value(),
        }
        answer = await self._calls.bare("GET", "/cgi-bin/gettoken", None, query)
        if not answer.get("access_token"):
            raise PlatformError(f"no access token: {answer.get('errcode')} {answer.get('errmsg', '')}")
        return str(answer["access_token"]), int(answer["expires_in"])


def msgid(rows: Sequence[Outgoing]) -> str:
    """The id of the message that carries these pieces: the numbers of the first and the last."""
    return f"out-{rows[0].id}-{rows[-1].id}"


def carried(given: str) -> tuple[int, int] | None:
    """The numbers of the first and last piece that a message of ours carried; None for another's.

    >>> carried("out-3-5"), carried("something")
    ((3, 5), None)
    """
    parts = given.split("-")
    if len(parts) != 3 or parts[0] != "out" or not (parts[1].isdigit() and parts[2].isdigit()):
        return None
    return int(parts[1]), int(parts[2])

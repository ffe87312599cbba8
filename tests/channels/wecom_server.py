"""A WeCom of our own: 微信客服 with its cursor, its session states and its limits.

Rules (from the public documentation): the callback carries only a token and the account; messages are pulled with a
cursor, a page at a time; five messages within 48 hours of a visitor's message, and only in the states 0 and 1; the
welcome code works once; texts of at most 2,048 bytes, menus of at most ten items; what was sent may fail afterwards.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
import xmltodict
from fastapi import FastAPI, Request
from wechatpy.enterprise.crypto import WeChatCrypto

from tests.processes import free_port

CORP_ID, SECRET, TOKEN = "ww0123456789abcdef", "the-kf-secret", "the-kf-token"
AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
KF = "wkAJ2GCAAASSm4"
PAGE = 3
"""Rows of one pull: small, so that every test pulls more than once."""
STATES = {0: {1, 2, 3, 4}, 1: {1, 2, 3, 4}, 2: {2, 3, 4}, 3: {3, 4}, 4: set[int]()}


@dataclass
class Guest:
    """A visitor as WeCom knows them."""

    state: int = 0
    quota: int = 0
    until: float = 0.0
    inbox: list[dict[str, Any]] = field(default_factory=list)
    welcomes: list[str] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Everything the visitor can read, in order."""
        bodies = [
            b["text"]["content"] if b["msgtype"] == "text" else b["msgmenu"]["head_content"] for b in self.inbox
        ]
        return [*self.welcomes, *bodies]


class WeComServer:
    """The interface that we call, and the callbacks that we get."""

    def __init__(self) -> None:
        self.guests: dict[str, Guest] = {}
        self.rows: list[dict[str, Any]] = []
        self.codes: set[str] = set()
        self.calls: list[str] = []  # tokens of callbacks, good for a pull
        self.tokens: list[str] = []
        self.failing: list[int] = []
        self.pulls = 0
        self.port = free_port()
        app = FastAPI()
        app.get("/cgi-bin/gettoken")(self._token)
        app.post("/cgi-bin/kf/sync_msg")(self._sync)
        app.post("/cgi-bin/kf/send_msg")(self._send)
        app.post("/cgi-bin/kf/send_msg_on_event")(self._welcome)
        app.post("/cgi-bin/kf/service_state/trans")(self._trans)
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> WeComServer:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    # What we call.

    async def _token(self, corpid: str, corpsecret: str) -> dict[str, Any]:
        if (corpid, corpsecret) != (CORP_ID, SECRET):
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self.tokens.append(secrets.token_hex(8))
        return {"errcode": 0, "errmsg": "ok", "access_token": self.tokens[-1], "expires_in": 7200}

    def _refusal(self, request: Request) -> dict[str, Any] | None:
        if request.query_params.get("access_token") not in self.tokens:
            return {"errcode": 40014, "errmsg": "invalid access_token"}
        return {"errcode": self.failing.pop(0), "errmsg": "as the test wants"} if self.failing else None

    async def _sync(self, request: Request) -> dict[str, Any]:
        if refusal := self._refusal(request):
            return refusal
        body = await request.json()
        assert body["open_kfid"] == KF
        assert 1 <= body["limit"] <= 1000
        if body.get("token") and body["token"] not in self.calls:
            return {"errcode": 95007, "errmsg": "invalid msg token"}
        self.pulls += 1
        start = int(body["cursor"] or 0)
        page = self.rows[start : start + PAGE]
        more = start + PAGE < len(self.rows)
        return {
            "errcode": 0, "errmsg": "ok",
            "next_cursor": str(start + len(page)), "has_more": int(more), "msg_list": page,
        }  # fmt: skip

    async def _send(self, request: Request) -> dict[str, Any]:
        if refusal := self._refusal(request):
            return refusal
        body = await request.json()
        guest = self.guests[body["touser"]]
        assert body["open_kfid"] == KF
        assert len(body["msgid"].encode()) <= 32
        if body["msgtype"] == "text":
            size = len(body["text"]["content"].encode())
        else:
            size = len(body["msgmenu"]["head_content"].encode())
            assert 1 <= len(body["msgmenu"]["list"]) <= 10
        assert 0 < size <= 2048
        if guest.state not in (0, 1):
            return {"errcode": 95018, "errmsg": "send msg session status invalid"}
        if guest.quota == 0 or guest.until < time.time():
            return {"errcode": 95001, "errmsg": "send msg count limit"}
        guest.quota -= 1
        guest.inbox.append(body)
        return {"errcode": 0, "errmsg": "ok", "msgid": body["msgid"]}

    async def _welcome(self, request: Request) -> dict[str, Any]:
        if refusal := self._refusal(request):
            return refusal
        body = await request.json()
        if body["code"] not in self.codes:
            return {"errcode": 95016, "errmsg": "invalid code"}
        self.codes.discard(body["code"])
        self.guests[body["code"].removeprefix("code-")].welcomes.append(body["text"]["content"])
        return {"errcode": 0, "errmsg": "ok"}

    async def _trans(self, request: Request) -> dict[str, Any]:
        if refusal := self._refusal(request):
            return refusal
        body = await request.json()
        guest = self.guests[body["external_userid"]]
        if body["service_state"] not in STATES[guest.state]:
            return {"errcode": 95014, "errmsg": "invalid transition"}
        guest.state = body["service_state"]
        return {"errcode": 0, "errmsg": "ok"}

    # What we get.

    def write(self, gateway: str | None, who: str, content: str, **more: Any) -> str:
        """A visitor writes; with no gateway the callback is lost. Gives the message's id."""
        guest = self.guests.setdefault(who, Guest())
        guest.quota, guest.until = 5, time.time() + 48 * 3600
        if guest.state == 4:
            guest.state = 0
        row = {
            "msgid": secrets.token_hex(16), "open_kfid": KF, "external_userid": who, "send_time": int(time.time()),
            "origin": 3, "msgtype": "text", "text": {"content": content}, **more,
        }  # fmt: skip
        self.rows.append(row)
        if gateway:
            self.call(gateway)
        return str(row["msgid"])

    def enter(self, gateway: str, who: str) -> None:
        """A visitor opens the chat for the first time in 48 hours."""
        self.guests.setdefault(who, Guest())
        self.codes.add(f"code-{who}")
        self.happens(gateway, who, event_type="enter_session", welcome_code=f"code-{who}", scene="1")

    def happens(self, gateway: str, who: str, **event: Any) -> None:
        """An event of the account."""
        content = {"open_kfid": KF, "external_userid": who, **event}
        row = {"msgid": secrets.token_hex(16), "send_time": int(time.time()), "origin": 4, "msgtype": "event"}
        self.rows.append({**row, "event": content})
        self.call(gateway)

    def call(self, gateway: str, corp_id: str = CORP_ID) -> httpx.Response:
        """The callback: encrypted, with a token and the account, and nothing of what was said."""
        self.calls.append(secrets.token_hex(8))
        fields = {
            "ToUserName": corp_id, "CreateTime": str(int(time.time())), "MsgType": "event",
            "Event": "kf_msg_or_event", "Token": self.calls[-1], "OpenKfId": KF,
        }  # fmt: skip
        crypto = WeChatCrypto(TOKEN, AES_KEY, corp_id)
        stamp, nonce = str(int(time.time())), secrets.token_hex(4)
        sealed = crypto.encrypt_message(xmltodict.unparse({"xml": fields}, full_document=False), nonce, stamp)
        signature = xmltodict.parse(sealed)["xml"]["MsgSignature"]
        answer = httpx.post(
            f"{gateway}/v1/channels/wecom",
            params={"msg_signature": signature, "timestamp": stamp, "nonce": nonce},
            content=sealed.encode(), timeout=5.0, trust_env=False,
        )  # fmt: skip
        if corp_id == CORP_ID:
            assert (answer.status_code, answer.text) == (200, "success")
        return answer

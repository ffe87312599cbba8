"""A WeChat of our own: pushes as its servers do, and enforces its rules on what we send.

Rules (from the public documentation): the signature on every call; encrypted mode; five seconds for a reply, three
tries; five messages within 48 hours of a visitor's message, three within a minute of a click or a follow; texts of at
most 2,048 bytes; access tokens that end, and are refused with 40001 or 42001.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
import xmltodict
from fastapi import FastAPI, Request
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from tests.processes import free_port

APP_ID, SECRET, TOKEN = "wx0123456789abcdef", "the-app-secret", "the-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_12367"
LIMIT_BYTES = 2048


@dataclass
class User:
    """A visitor as WeChat knows them."""

    follows: bool = True
    quota: int = 0
    until: float = 0.0
    inbox: list[dict[str, Any]] = field(default_factory=list)  # customer-service messages, in order
    replies: list[str] = field(default_factory=list)  # passive replies, in order


class WeChatServer:
    """The interface that we call, and the pushes that we get."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.tokens: dict[str, float] = {}
        self.token_calls: list[bool] = []
        self.menus: list[dict[str, Any]] = []
        self.failing: list[int | str] = []  # error codes to answer the next sends with; "down" hangs up
        self.numbers = itertools.count(int(time.time() * 1000))
        self.port = free_port()
        app = FastAPI()
        app.post("/cgi-bin/stable_token")(self._token)
        app.post("/cgi-bin/message/custom/send")(self._send)
        app.post("/cgi-bin/menu/create")(self._menu)
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> WeChatServer:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    # What we call.

    async def _token(self, request: Request) -> dict[str, Any]:
        body = await request.json()
        if (body["appid"], body["secret"]) != (APP_ID, SECRET):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        self.token_calls.append(bool(body.get("force_refresh")))
        good = [token for token, ends in self.tokens.items() if ends - time.time() > 300]
        if good and not body.get("force_refresh"):
            return {"access_token": good[-1], "expires_in": int(self.tokens[good[-1]] - time.time())}
        if body.get("force_refresh"):
            self.tokens.clear()
        token = secrets.token_hex(16)
        self.tokens[token] = time.time() + 7200
        return {"access_token": token, "expires_in": 7200}

    def _refusal(self, request: Request) -> dict[str, Any] | None:
        ends = self.tokens.get(request.query_params.get("access_token", ""))
        if ends is None:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        return {"errcode": 42001, "errmsg": "access_token expired"} if ends < time.time() else None

    async def _send(self, request: Request) -> dict[str, Any]:
        if self.failing:
            code = self.failing.pop(0)
            if code == "down":
                raise RuntimeError("the test wants a failure here")
            return {"errcode": code, "errmsg": "as the test wants"}
        if refusal := self._refusal(request):
            return refusal
        body = await request.json()
        user = self.users.get(body["touser"])
        if user is None:
            return {"errcode": 40003, "errmsg": "invalid openid"}
        if not user.follows:
            return {"errcode": 43004, "errmsg": "require subscribe"}
        if body["msgtype"] == "text":
            size = len(body["text"]["content"].encode())
        else:
            assert body["msgtype"] == "msgmenu", body
            assert all({"id", "content"} == set(item) for item in body["msgmenu"]["list"])
            size = len(body["msgmenu"]["head_content"].encode())
        if size == 0:
            return {"errcode": 44004, "errmsg": "empty content"}
        if size > LIMIT_BYTES:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if user.until < time.time():
            return {"errcode": 45015, "errmsg": "response out of time limit or subscription is canceled"}
        if user.quota == 0:
            return {"errcode": 45047, "errmsg": "out of response count limit"}
        user.quota -= 1
        user.inbox.append(body)
        return {"errcode": 0, "errmsg": "ok"}

    async def _menu(self, request: Request) -> dict[str, Any]:
        if refusal := self._refusal(request):
            return refusal
        menu = await request.json()
        assert len(menu["button"]) <= 3
        assert all(len(button.get("sub_button", [])) <= 5 for button in menu["button"])
        self.menus.append(menu)
        return {"errcode": 0, "errmsg": "ok"}

    # What we get.

    def text(self, gateway: str, openid: str, content: str, **how: Any) -> str | None:
        """A visitor writes; the passive reply, or None."""
        return self.push(gateway, openid, {"MsgType": "text", "Content": content}, **how)

    def event(self, gateway: str, openid: str, event: str, **fields: str) -> str | None:
        """A visitor does something."""
        return self.push(gateway, openid, {"MsgType": "event", "Event": event, **fields})

    def push(
        self, gateway: str, openid: str, fields: dict[str, str], encrypted: bool = False, number: int | None = None
    ) -> str | None:
        """Push a message as WeChat does: three tries of five seconds, until something is answered."""
        fields = self.done(openid, fields, number)
        for _ in range(3):
            try:
                answer = self.deliver(gateway, fields, encrypted)
            except httpx.TimeoutException:
                continue
            content = self.read(answer, openid, encrypted)
            if content is not None:
                self.users[openid].replies.append(content)
            return content
        raise AssertionError("WeChat would have told the visitor that the account is out of service")

    def done(self, openid: str, fields: dict[str, str], number: int | None = None) -> dict[str, str]:
        """What a visitor does as the push has it; it opens the window for our messages."""
        user = self.users.setdefault(openid, User())
        fields = {"ToUserName": ACCOUNT, "FromUserName": openid, "CreateTime": str(int(time.time())), **fields}
        if fields["MsgType"] == "event":
            user.quota, user.until = max(user.quota, 3), max(user.until, time.time() + 60)
            user.follows = fields["Event"] != "unsubscribe"
        else:
            fields["MsgId"] = str(number or next(self.numbers))
            user.quota, user.until = 5, time.time() + 48 * 3600
        return fields

    def written(self, openid: str, content: str) -> dict[str, str]:
        """A visitor's text as the push has it."""
        return self.done(openid, {"MsgType": "text", "Content": content})

    def hears(self, gateway: str, openid: str, fields: dict[str, str] | str, **how: Any) -> str:
        """What a visitor reads after doing something: the reply, or what comes later where the machine is slow."""
        given = {"MsgType": "text", "Content": fields} if isinstance(fields, str) else fields
        user = self.users.setdefault(openid, User())
        before = len(user.inbox)
        reply = self.push(gateway, openid, given, **how)
        ends = time.monotonic() + 30
        while reply is None and len(user.inbox) == before:
            assert time.monotonic() < ends, "the visitor was never answered"
            time.sleep(0.05)
        return reply if reply is not None else str(user.inbox[before])

    def deliver(self, gateway: str, fields: dict[str, str], encrypted: bool = False) -> httpx.Response:
        """One signed POST."""
        call = self.call(fields, encrypted)
        return httpx.post(gateway + call.pop("url"), **call, timeout=5.0, trust_env=False)

    def call(self, fields: dict[str, str], encrypted: bool = False) -> dict[str, Any]:
        """The same as arguments for a client."""
        body = xmltodict.unparse({"xml": fields}, full_document=False)
        query = signed()
        if encrypted:
            crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
            body = crypto.encrypt_message(body, query["nonce"], query["timestamp"])
            sealed = xmltodict.parse(body)["xml"]
            query |= {"encrypt_type": "aes", "msg_signature": sealed["MsgSignature"]}
            body = xmltodict.unparse(
                {"xml": {"ToUserName": ACCOUNT, "Encrypt": sealed["Encrypt"]}}, full_document=False
            )
        return {"url": "/v1/channels/wechat", "params": query, "content": body.encode()}

    def read(self, answer: httpx.Response, openid: str, encrypted: bool = False) -> str | None:
        """What the visitor reads of an answer; None when it only says that there is none yet."""
        assert answer.status_code == 200, answer.text
        if answer.text in ("", "success"):
            return None
        fields = xmltodict.parse(answer.text)["xml"]
        if encrypted:
            crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
            plain = crypto.decrypt_message(answer.text, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
            fields = xmltodict.parse(plain)["xml"]
        assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == (openid, ACCOUNT, "text")
        content = str(fields["Content"])
        assert 0 < len(content.encode()) <= LIMIT_BYTES
        return content


def signed(token: str = TOKEN) -> dict[str, str]:
    """The parameters that WeChat signs every call with."""
    stamp, nonce = str(int(time.time())), secrets.token_hex(4)
    signer = WeChatSigner()
    signer.add_data(token, stamp, nonce)
    return {"signature": signer.signature, "timestamp": stamp, "nonce": nonce}

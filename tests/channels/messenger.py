"""A messenger's adapter of our own: signs its calls, checks the signature of ours, and shows each message once."""

from __future__ import annotations

import itertools
import json
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from api.partners.signature import NONCE, PARTNER, SIGNATURE, TIMESTAMP, signature, signed

NAME, SECRET = "line", "a secret of at least thirty-two characters"
TARGET = "/consult/in?from=12367"


class Messenger:
    """Visitors' screens, and the calls in both directions."""

    def __init__(self) -> None:
        self.screens: dict[str, dict[str, dict[str, Any]]] = {}  # user -> message id -> message, in order
        self.calls = 0
        self.answers: list[int] = []  # statuses to answer the next calls with; then 200
        self.lost: int = 0  # so many calls are taken, and their answers lost
        self.numbers = itertools.count(1)
        self._nonces: set[str] = set()
        messenger = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                messenger._take(self)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}{TARGET}"

    def __enter__(self) -> Messenger:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, call: BaseHTTPRequestHandler) -> None:
        body = call.rfile.read(int(call.headers["Content-Length"]))
        stamp, nonce = call.headers[TIMESTAMP], call.headers[NONCE]
        right = signature(SECRET, "POST", TARGET, stamp, nonce, body) == call.headers[SIGNATURE]
        new = call.headers[PARTNER] == "12367" and nonce not in self._nonces
        self._nonces.add(nonce)
        self.calls += 1
        status = (self.answers.pop(0) if self.answers else 200) if right and new else 401
        if status == 200:
            pushed = json.loads(body)
            screen = self.screens.setdefault(pushed["user"], {})
            for message in pushed["messages"]:
                assert len(message["text"].encode()) <= 2048
                screen.setdefault(message["id"], message)
        if self.lost:
            self.lost -= 1
            call.connection.close()
            return
        call.send_response(status)
        call.end_headers()

    def shown(self, user: str) -> list[dict[str, Any]]:
        """What a visitor sees, in order."""
        return list(self.screens.get(user, {}).values())

    def text(self, user: str) -> str:
        """The same as one text."""
        return "\n".join(message["text"] for message in self.shown(user))

    def post(self, gateway: str, body: Any, *, secret: str = SECRET, name: str = NAME) -> httpx.Response:
        """One signed call of the gateway."""
        target, content = "/v1/channels/webhook", json.dumps(body).encode()
        headers = signed(name, secret, "POST", target, content, datetime.now(timezone.utc))
        return httpx.post(
            gateway + target, content=content, headers=headers | {"Content-Type": "application/json"},
            timeout=30, trust_env=False,
        )  # fmt: skip

    def does(self, gateway: str, user: str, type_: str = "text", **fields: Any) -> str:
        """A visitor does something; returns its id."""
        deed = {"id": f"m-{next(self.numbers)}", "user": user, "type": type_, **fields}
        answer = self.post(gateway, deed)
        assert (answer.status_code, answer.json()) == (202, {"id": deed["id"]}), answer.text
        return str(deed["id"])

    def says(self, gateway: str, user: str, text: str) -> str:
        """A visitor writes."""
        return self.does(gateway, user, text=text)

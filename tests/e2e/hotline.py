"""A 12345 with a real HTTP server: it sends orders, joins talks, and keeps what the service tells it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx

from api.partners.signature import NONCE, SIGNATURE, TIMESTAMP, signature, signed

NAME = "12345"


class Hotline:
    """What one 12345 knows: events by order, in the order of their numbers, and the talks that it was asked into."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self.secret = url, secret
        self.events: dict[str, dict[int, dict[str, Any]]] = {}
        self.talks: dict[str, dict[str, Any]] = {}

    def send(self, **order: Any) -> dict[str, Any]:
        """Hand an order over."""
        return self._call("POST", f"/v1/partners/{NAME}/work-orders", order, 201)

    def propose(self, entry_id: str, change: dict[str, Any]) -> dict[str, Any]:
        """Send a published entry back with something changed: the other side owns it, so it is a proposal."""
        feed = httpx.get(f"{self.url}/v1/knowledge/changes", params={"limit": 500}, trust_env=False).json()["changes"]
        newest = next(step for step in reversed(feed) if step["entry"]["id"] == entry_id)
        body = {"entry": newest["entry"] | change, "base": newest["state"]}
        return self._call("PUT", f"/v1/knowledge/entries/{entry_id}", body, 202)

    def _call(self, method: str, path: str, body: Any, expected: int) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = signed(NAME, self.secret, method, path, content, datetime.now(timezone.utc))
        answer = httpx.request(
            method, self.url + path, content=content, trust_env=False, timeout=30,
            headers=headers | {"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == expected, answer.text
        taken: dict[str, Any] = answer.json() if answer.content else {}
        return taken

    def heard(self, order_no: str, event: str) -> dict[str, Any]:
        """Wait until an event of an order has come."""
        known = self.events.setdefault(order_no, {})
        return _came(lambda: next((told for told in list(known.values()) if told["event"] == event), None), event)

    def rung(self, ticket: str) -> dict[str, Any]:
        """Wait until the service asks for a person in a ticket's talk."""
        return _came(lambda: self.talks.get(ticket), f"the talk of {ticket}")

    def listen(self, number: str, words: str) -> dict[str, Any]:
        """Read along in a talk until somebody says this."""

        def read() -> dict[str, Any] | None:
            nonlocal after
            news = self._call("GET", f"/v1/partners/{NAME}/talks/{number}/messages?after={after}&wait=5", None, 200)
            after = max([after, *(message["seq"] for message in news["messages"])])
            return next((message for message in news["messages"] if words in message["text"]), None)

        after = 0
        return _came(read, words)

    def say(self, number: str, text: str) -> None:
        """Say something in a talk."""
        words = {"id": str(uuid4()), "text": text}
        self._call("POST", f"/v1/partners/{NAME}/talks/{number}/messages", words, 201)

    def leave(self, number: str) -> None:
        """Leave a talk."""
        self._call("DELETE", f"/v1/partners/{NAME}/talks/{number}", None, 204)

    def take(self, method: str, path: str, headers: Any, body: bytes) -> int:
        """One call of the service; an unsigned one is refused."""
        expected = signature(self.secret, method, path, headers[TIMESTAMP], headers[NONCE], body)
        if headers[SIGNATURE] != expected:
            return 401
        parts = path.split("/")
        if parts[1] == "talks":
            self.talks[parts[2]] = json.loads(body)
        elif "events" in parts:
            self.events.setdefault(parts[2], {})[int(parts[4])] = json.loads(body)
        return 204


def _came(look: Callable[[], dict[str, Any] | None], what: str) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"12345 was not told: {what}")


@contextmanager
def hotline(url: str, port: int, secret: str) -> Iterator[Hotline]:
    """A 12345 that listens while the block runs."""
    known = Hotline(url, secret)

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(known.take("PUT", self.path, self.headers, body))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()

"""A 12345 with a real HTTP server: it sends orders, and keeps what the service tells it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from api.partners.signature import NONCE, SIGNATURE, TIMESTAMP, signature, signed

NAME = "12345"


class Hotline:
    """What one 12345 knows: events by order, in the order of their numbers."""

    def __init__(self, url: str, secret: str) -> None:
        self.url, self.secret = url, secret
        self.events: dict[str, dict[int, dict[str, Any]]] = {}

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
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = signed(NAME, self.secret, method, path, content, datetime.now(timezone.utc))
        answer = httpx.request(
            method, self.url + path, content=content, trust_env=False, timeout=30,
            headers=headers | {"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code == expected, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    def heard(self, order_no: str, event: str, seconds: float = 20) -> dict[str, Any]:
        """Wait until an event of an order has come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for told in list(self.events.get(order_no, {}).values()):
                if told["event"] == event:
                    return told
            time.sleep(0.1)
        raise AssertionError(f"12345 was not told {event!r}: {self.events.get(order_no)}")

    def take(self, method: str, path: str, headers: Any, body: bytes) -> int:
        """One call of the service; an unsigned one is refused."""
        expected = signature(self.secret, method, path, headers[TIMESTAMP], headers[NONCE], body)
        if headers[SIGNATURE] != expected:
            return 401
        parts = path.split("/")
        if "events" in parts:
            self.events.setdefault(parts[2], {})[int(parts[4])] = json.loads(body)
        return 204


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

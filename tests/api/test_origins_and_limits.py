"""Which sites may use the service, how often, and what a refusal looks like."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.api.conftest import PASSWORD
from tests.api.test_conversations import problem
from tests.processes import Visitor, gateway, prepare, settings


def test_another_site_is_refused_and_can_read_why(url: str) -> None:
    site = {"Origin": "https://elsewhere.example"}
    refused = httpx.post(f"{url}/v1/conversations", json={"channel": "web"}, headers=site, trust_env=False)
    assert "CONSULT_ALLOWED_ORIGINS" in problem(refused, 403)
    assert refused.headers["access-control-allow-origin"] == site["Origin"]


def test_another_site_is_refused_on_the_stream_too(url: str, visitor: Visitor) -> None:
    address = f"{url.replace('http', 'ws')}/v1/conversations/{visitor.id}/stream"
    socket = connect(address, origin="https://elsewhere.example", proxy=None)  # type: ignore[arg-type]
    with pytest.raises(ConnectionClosed) as closed:
        socket.send(json.dumps({"type": "auth", "token": visitor.token}))
        socket.recv(10)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403


async def test_allowed_sites_and_limits(tmp_path: Path) -> None:
    current = settings(
        tmp_path,
        rate_limits="on",
        allowed_origins=["https://portal.example"],
        limit_messages="3/minute",
        limit_conversations="2/minute",
        limit_logins="2/minute",
    )
    await prepare(current, {"s1": ("masc", PASSWORD)})
    with gateway(current) as address:
        site = {"Origin": "https://portal.example"}
        begun = httpx.post(f"{address}/v1/conversations", json={"channel": "web"}, headers=site, trust_env=False)
        assert begun.status_code == 201
        assert begun.headers["access-control-allow-origin"] == site["Origin"]
        visitor = Visitor(address)
        third = httpx.post(f"{address}/v1/conversations", json={"channel": "web"}, trust_env=False)
        assert "2/minute" in problem(third, 429) and int(third.headers["retry-after"]) > 0
        for n in range(3):
            visitor.say(f"护照 {n}")
        problem(visitor.post("messages", {"text": "还有"}), 429)
        wrong = {"username": "s1", "password": "wrong"}
        for _ in range(2):
            problem(httpx.post(f"{address}/v1/seats/login", json=wrong, trust_env=False), 401)
        problem(httpx.post(f"{address}/v1/seats/login", json=wrong, trust_env=False), 429)

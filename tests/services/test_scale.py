"""Two gateways on PostgreSQL and Redis: one service, also while its parts die."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.sync.client import connect

from tests.processes import SeatClient, Visitor, gateway, prepare, settings
from tests.services.conftest import Postgres, RedisServer

pytestmark = pytest.mark.services
PASSWORD = "long enough for a test"


@pytest.fixture(scope="module")
def urls(
    postgres: Postgres, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    var = tmp_path_factory.mktemp("var")
    given = {"database_url": postgres.url, "redis_url": redis_server.url}
    one, two = (settings(var, rate_limits="on", limit_messages="1000/minute", **given) for _ in range(2))
    asyncio.run(prepare(one, {"s1": ("masc", PASSWORD), "s2": ("masc", PASSWORD)}))
    with gateway(one) as first, gateway(two) as second:
        yield first, second


def elsewhere(visitor: Visitor, url: str) -> Visitor:
    """The same visitor, served by another gateway."""
    other = object.__new__(Visitor)
    other.__dict__ = dict(visitor.__dict__)
    other.http = type(visitor.http)(base_url=url, timeout=30, trust_env=False)
    return other


def seen(url: str, visitor: Visitor, said: str, seconds: float = 10) -> bool:
    """Whether a visitor's stream on a gateway shows a text that is said while it is open."""
    address = f"{url.replace('http', 'ws')}/v1/conversations/{visitor.id}/stream?after=0"
    with connect(address, proxy=None) as live:
        live.send(json.dumps({"type": "auth", "token": visitor.token}))
        while json.loads(live.recv(10))["type"] != "state":
            pass
        visitor.say(said)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                frame = json.loads(live.recv(seconds))
            except TimeoutError:
                return False
            if frame["type"] == "message" and frame["message"]["text"] == said:
                return True
    return False


def test_what_is_said_on_one_gateway_is_pushed_by_the_other(urls: tuple[str, str]) -> None:
    visitor = Visitor(urls[0])
    assert seen(urls[1], visitor, "护照怎么办理")


def test_twenty_messages_over_two_gateways_keep_order(urls: tuple[str, str]) -> None:
    here = Visitor(urls[0])
    there = elsewhere(here, urls[1])
    with ThreadPoolExecutor(20) as pool:
        exchanges = list(pool.map(lambda n: (here, there)[n % 2].say(f"第{n}个问题：护照多少钱"), range(20)))
    history = here.read()["messages"]
    assert [message["seq"] for message in history] == list(range(1, len(history) + 1))
    assert sum(message["sender"] == "user" for message in history) == 20
    assert all(exchange["replies"] for exchange in exchanges)


def test_the_same_client_id_on_both_gateways_is_stored_once(urls: tuple[str, str]) -> None:
    here = Visitor(urls[0])
    there = elsewhere(here, urls[1])
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda visitor: visitor.say("护照多少钱", client_id="k"), (here, there))
    assert one["message"] == two["message"]
    assert sum(message["sender"] == "user" for message in here.read()["messages"]) == 1


def test_two_seats_on_two_gateways_cannot_both_claim(urls: tuple[str, str]) -> None:
    visitor = Visitor(urls[0], origin="overseas")
    ticket = visitor.post("handoff", {}).json()["replies"][0]["ticket"]
    seats = [SeatClient(url, name, PASSWORD) for url, name in zip(urls, ("s1", "s2"), strict=True)]
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(lambda seat: seat.act(ticket["id"], "claim").status_code, seats))
    assert codes == [200, 409]


def test_redis_dies_and_is_emptied_and_nothing_is_lost(urls: tuple[str, str], redis_server: RedisServer) -> None:
    visitor = Visitor(urls[0])
    visitor.say("护照多少钱")
    redis_server.kill()
    assert visitor.say("签证多少钱")["replies"], "answers do not need the bus"
    redis_server.start()
    redis_server.flush()
    texts = [message["text"] for message in visitor.read()["messages"] if message["sender"] == "user"]
    assert texts == ["护照多少钱", "签证多少钱"]
    again = (seen(urls[1], visitor, f"还在吗，第{n}次", seconds=3) for n in range(1, 9))
    assert any(again), "the gateways did not come back to the bus"


def test_postgresql_is_killed_and_comes_back(urls: tuple[str, str], postgres: Postgres) -> None:
    visitor = Visitor(urls[0])
    acknowledged = visitor.say("护照多少钱")
    postgres.kill()
    assert visitor.post("messages", {"text": "签证多少钱", "client_id": "again"}).status_code >= 500
    postgres.start()
    exchange = visitor.say("签证多少钱", client_id="again")
    assert exchange["replies"]
    messages = visitor.read()["messages"]
    assert acknowledged["message"] in messages
    assert sum(message["text"] == "签证多少钱" for message in messages) == 1

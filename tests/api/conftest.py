"""A gateway without an engine: everything here goes through real HTTP and real WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.processes import SeatClient, Visitor, gateway, prepare, settings

PASSWORD = "long enough for a test"
SEATS = dict.fromkeys(("s1", "s2", "s3", "s4"), ("psb-440300", PASSWORD)) | {"centre": ("masc", PASSWORD)}


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = settings(tmp_path_factory.mktemp("var"), actions_token="secret-of-the-test")
    asyncio.run(prepare(current, SEATS))
    with gateway(current) as address:
        yield address


@pytest.fixture
def visitor(url: str) -> Visitor:
    return Visitor(url)


@pytest.fixture
def seat(url: str) -> Iterator[SeatClient]:
    client = SeatClient(url, "s1", PASSWORD)
    yield client
    client.http.post("/v1/seats/logout")

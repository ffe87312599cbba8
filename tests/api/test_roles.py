"""What a role may do: everybody else is told which role is needed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from api.app import build
from api.migrations import migrate
from api.sockets import FORBIDDEN
from tests.api.conftest import PASSWORD
from tests.processes import SeatClient, gateway, settings


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = settings(tmp_path_factory.mktemp("roles"))

    async def prepare() -> None:
        container = build(current)
        await migrate(container.database)
        for role in ("seat", "supervisor", "editor", "administrator"):
            await container.seats.add(role, role, "masc", PASSWORD, ("zh",), roles=(role,))
        await container.engine.close()
        await container.database.close()

    asyncio.run(prepare())
    with gateway(current) as address:
        yield address


@pytest.mark.parametrize(
    ("role", "status"), [("seat", 403), ("supervisor", 403), ("editor", 403), ("administrator", 200)]
)
def test_only_an_administrator_reads_the_audit_log(url: str, role: str, status: int) -> None:
    client = SeatClient(url, role, PASSWORD)
    answer = client.http.get("/v1/audit")
    assert answer.status_code == status
    if status == 403:
        assert "administrator" in answer.json()["detail"]
    else:
        assert answer.json()["broken_at"] is None
    assert client.http.get("/v1/seats/me").json()["roles"] == [role]


@pytest.mark.parametrize("role", ["seat", "supervisor", "editor", "administrator"])
def test_only_who_answers_or_leads_hears_the_cases(url: str, role: str) -> None:
    client = SeatClient(url, role, PASSWORD)
    with connect(f"{url.replace('http', 'ws')}/v1/seats/stream", proxy=None) as live:
        live.send(json.dumps({"type": "auth", "token": client.token}))
        if role in ("seat", "supervisor"):
            assert json.loads(live.recv(10)) == {"type": "ready"}
        else:
            with pytest.raises(ConnectionClosed) as closed:
                live.recv(10)
            assert closed.value.rcvd and closed.value.rcvd.code == FORBIDDEN

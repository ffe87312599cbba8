"""Deny by default: every call but the listed public ones refuses who has no role, and who has another."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import build, create_app
from api.migrations import migrate
from api.settings import Settings
from tests.api.conftest import PASSWORD
from tests.api.knowledge.conftest import SEED, seeded
from tests.processes import SeatClient, gateway, settings

Call = tuple[str, str]
PUBLIC: set[Call] = {
    ("POST", "/v1/conversations"),
    ("GET", "/v1/knowledge/search"),
    ("GET", "/v1/knowledge/entries/{entry_id}"),
    ("GET", "/v1/knowledge/changes"),
    ("POST", "/v1/routing/resolve"),
    ("GET", "/v1/routing/units"),
    ("GET", "/v1/routing/units/{unit_id}"),
    ("POST", "/v1/tickets/lookup"),
    ("POST", "/v1/seats/login"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}
"""Whoever asks is answered. A new public call is added here on purpose, or this test refuses it."""
PUBLIC_FOLDERS = ("/v1/tools/",)
SIGNED = ("/v1/channels/", "/v1/partners/")
"""Other systems' calls, let in by a signature: no session of ours opens them."""
ROLES = ("seat", "supervisor", "editor", "administrator")
NEEDS = {
    "/v1/editor/": {"editor", "administrator"},
    "/v1/audit": {"administrator"},
    "/v1/seats/accounts": {"administrator"},
    "/v1/seats/colleagues": {"seat", "supervisor"},
    "/v1/channels/windows": {"seat", "supervisor"},
    "/v1/tickets/board": {"supervisor"},
    "/v1/tickets/search": {"supervisor"},
    "/v1/tickets/export": {"supervisor"},
    "/v1/tickets/{ticket_id}/assign": {"supervisor"},
    "/v1/tickets/{ticket_id}/supervise": {"supervisor"},
    "/v1/tickets/{ticket_id}/extend": {"supervisor"},
    "/v1/tickets": {"seat", "supervisor"},
}
"""Folders that only some roles may enter."""


def calls() -> list[Call]:
    """Every call of the interface, from its own document."""
    paths = create_app(Settings()).openapi()["paths"]
    return [(method.upper(), path) for path, methods in sorted(paths.items()) for method in methods]


CALLS = calls()
CLOSED = [call for call in CALLS if call not in PUBLIC and not call[1].startswith(PUBLIC_FOLDERS)]


def named(call: Call) -> str:
    return f"{call[0]} {call[1]}"


def ask(http: httpx.Client, call: Call) -> httpx.Response:
    """The call with something harmless in every place."""
    return http.request(call[0], re.sub(r"\{[^}]+\}", "1", call[1]), json={} if call[0] != "GET" else None)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = seeded(SEED, tmp_path_factory.mktemp("data"))
    current = settings(tmp_path_factory.mktemp("access"), data_dir=data)

    async def prepare() -> None:
        container = build(current)
        await migrate(container.database)
        for role in ROLES:
            await container.seats.add(role, role, "masc", PASSWORD, ("zh",), roles=(role,))  # type: ignore[arg-type]
        await container.engine.close()
        await container.database.close()

    asyncio.run(prepare())
    with gateway(current) as address:
        yield address


@pytest.fixture(scope="module")
def people(url: str) -> dict[str, SeatClient]:
    return {role: SeatClient(url, role, PASSWORD) for role in ROLES}


@pytest.mark.parametrize("call", CLOSED, ids=named)
def test_nobody_gets_in_without_showing_who_they_are(url: str, call: Call) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"X-Consult-Partner": "12345"}):
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30) as http:
            answer = ask(http, call)
        assert answer.status_code in (401, 403, 404), f"{named(call)} answers {answer.status_code}"
        assert answer.status_code != 404 or call[1].startswith(("/v1/conversations/", *SIGNED))


@pytest.mark.parametrize("call", [call for call in CLOSED if call[1].startswith(tuple(NEEDS))], ids=named)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_own_calls_and_no_others(people: dict[str, SeatClient], role: str, call: Call) -> None:
    needed = next(roles for folder, roles in NEEDS.items() if call[1].startswith(folder))
    answer = ask(people[role].http, call)
    if role in needed:
        assert answer.status_code not in (401, 403), answer.text
    else:
        assert answer.status_code == 403 and "role" in answer.json()["detail"]


@pytest.mark.parametrize("call", [call for call in CLOSED if call[1].startswith(SIGNED)], ids=named)
def test_no_session_opens_what_needs_a_signature(people: dict[str, SeatClient], call: Call) -> None:
    if call[1].startswith("/v1/channels/windows"):
        return  # the console's own look at a channel: a seat's call
    for client in people.values():
        assert ask(client.http, call).status_code in (401, 403, 404)


def test_the_list_of_public_calls_names_only_what_exists() -> None:
    assert set(CALLS) >= PUBLIC
    document = (Path(__file__).parents[2] / "api" / "web" / "openapi.json").read_text("utf-8")
    assert all(f'"{path}"' in document for _, path in CALLS), "run `consult openapi api/web/openapi.json`"

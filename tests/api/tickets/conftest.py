"""The world of the ticket tests, from a database made once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from api.app import build
from tests.api.tickets.world import WEDNESDAY, World, template
from tests.processes import settings


@pytest.fixture
async def world(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)  # the same, in a tenth of the time
    kept = tmp_path_factory.getbasetemp() / "ticket-life"
    if not kept.exists():
        kept.mkdir()
        await template(kept)
    shutil.copy(kept / "consult.sqlite3", tmp_path)
    container = build(settings(tmp_path))
    container.clock.move(WEDNESDAY)
    seats = {seat.username: seat for seat in await container.seats.every()}
    yield World(container, seats)
    await container.conversations.lanes.drain()
    await container.engine.close()
    await container.database.close()

"""A gateway that 12345 is a partner of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from fastapi import FastAPI

from api.app import Container, create_app
from api.clock import SHANGHAI
from api.migrations import migrate
from tests.api.orders.fake import SECRET
from tests.processes import settings


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    monkeypatch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)
    current = settings(tmp_path, partners={"12345": SECRET}, partner_urls={"12345": "http://12345.example/12367"})
    made = create_app(current)
    container: Container = made.state.container
    await migrate(container.database)
    container.clock.move(datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI))
    yield made
    await container.engine.close()
    await container.outbox.close()
    await container.database.close()

"""Which tests can run here: what is missing is said, and in CI it is a failure instead of a skip."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]


def _postgres() -> bool:
    return bool(shutil.which("postgres") or list(Path("/usr/lib/postgresql").glob("*/bin/postgres")))


def missing(marker: str) -> str | None:
    """What a test with this marker needs and does not find here."""
    if marker == "browser" and not shutil.which("chromium"):
        return "Debian's chromium is not installed"
    if marker == "firefox" and not (shutil.which("firefox-esr") and shutil.which("node")):
        return "Debian's firefox-esr, or Node, is not installed"
    if marker == "services" and not (_postgres() and shutil.which("redis-server")):
        return "PostgreSQL or redis-server is not installed"
    if marker == "engine" and not (ROOT / "bot/models/engine.tar.gz").exists():
        return "the engine has no model: run `make model`"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what cannot run; nothing is skipped in CI."""
    if os.environ.get("CI"):
        return
    reasons = {marker: missing(marker) for marker in ("browser", "firefox", "services", "engine")}
    for item in items:
        for marker, reason in reasons.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


# A busy machine is no fault of the code: no test is judged by the clock.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

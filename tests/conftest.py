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


TOGETHER = ("e2e", "bot", "services")
"""Folders whose tests share one running service: one worker runs them. The longest come first."""


def _group(item: pytest.Item) -> str:
    """What stays on one of pytest-xdist's workers: a folder that shares a service, else a file."""
    place = item.path.relative_to(ROOT)
    folder = place.parts[1] if place.parts[0] == "tests" else ""
    return folder if folder in TOGETHER else str(place)


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in this hook too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group and order for two workers; skip, with the reason, what cannot run; nothing is skipped in CI."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: TOGETHER.index(_group(item)) if _group(item) in TOGETHER else len(TOGETHER))
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

"""The main path in Debian's Firefox."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Service

pytestmark = [pytest.mark.firefox, pytest.mark.engine]


def test_a_visitor_asks_in_firefox(service: Service) -> None:
    node, firefox = shutil.which("node"), shutil.which("firefox-esr")
    script = Path(__file__).with_name("firefox.mjs")
    done = subprocess.run(
        [node or "node", str(script), service.url, firefox or "firefox-esr"],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "120" in seen["answers"][0]
    assert seen["again"] == seen["answers"]
    assert seen["width"] <= 360
    assert seen["faults"] == []

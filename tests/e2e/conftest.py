"""The service as `make serve` starts it: real processes, the trained engine, ports and folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.pages import ARGUMENTS, CHROMIUM, prepare_video
from tests.processes import ROOT, free_port, keep_index

PARTNER_SECRET = "what 12345 and the service under test share"


@dataclass
class Service:
    """A running service: its address, its folder, and its processes."""

    url: str
    var: Path
    process: subprocess.Popen[bytes]
    partner_port: int
    """Where the service expects 12345 to listen."""

    @property
    def engine_pid(self) -> int:
        """The Rasa process, child of the service."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])

    @property
    def seat_password(self) -> str:
        """The demonstration seats' password, as the service printed it."""
        return (self.var / "demo-password").read_text()


def start(var: Path) -> Service:
    """Start `consult serve` and wait until it is ready."""
    port, engine, partner = free_port(), free_port(), free_port()
    keep_index(var)
    environment = os.environ | {
        "CONSULT_PORT": str(port),
        "CONSULT_ENGINE_URL": f"http://127.0.0.1:{engine}",
        "CONSULT_VAR_DIR": str(var),
        "CONSULT_RATE_LIMITS": "off",
        "CONSULT_SWEEP_SECONDS": "1",
        "CONSULT_PARTNERS": json.dumps({"12345": PARTNER_SECRET}),
        "CONSULT_PARTNER_URLS": json.dumps({"12345": f"http://127.0.0.1:{partner}"}),
    }
    log = (var / "serve.log").open("wb")
    process = subprocess.Popen(
        [str(ROOT / ".venv/bin/consult"), "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    service = Service(f"http://127.0.0.1:{port}", var, process, partner)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        assert process.poll() is None, (var / "serve.log").read_text()
        try:
            if httpx.get(f"{service.url}/readyz", timeout=2, trust_env=False).status_code == 200:
                return service
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    stop(service)  # what never got ready must not go on loading the machine
    raise AssertionError(f"not ready: {(var / 'serve.log').read_text()}")


def stop(service: Service) -> None:
    """Ctrl-C."""
    service.process.send_signal(signal.SIGINT)
    service.process.wait(30)


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = start(tmp_path_factory.mktemp("var"))
    yield running
    stop(running)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    prepare_video()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """Whatever a page complains about fails the test."""
    found: list[str] = []
    yield found
    assert not found

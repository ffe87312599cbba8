"""A change is searchable on every gateway, whoever made it, and answers go on meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.settings import ROOT, Settings
from tests.api.knowledge.conftest import PASSWORD, REVIEWED, Editor, entry, prepare
from tests.processes import free_port, settings


def environment(current: Settings, **more: str) -> dict[str, str]:
    """What a process of its own needs to be a gateway, or the command line, with these settings."""
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return known | {
        "CONSULT_VAR_DIR": str(current.var_dir),
        "CONSULT_DATA_DIR": str(current.data_dir),
        "CONSULT_DATABASE_URL": current.database_url,
        "CONSULT_REDIS_URL": current.redis_url,
        "CONSULT_RATE_LIMITS": "off",
        "CONSULT_ENGINE_URL": current.engine_url,
        **more,
    }


@contextlib.contextmanager
def process(current: Settings) -> Iterator[str]:
    """A gateway in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.app:create_app", "--port", str(port)]
    child = subprocess.Popen(
        command, env=environment(current), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            assert child.poll() is None, "the gateway ended while starting"
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{url}/healthz", trust_env=False).status_code == 200:
                    break
            time.sleep(0.1)
        yield url
    finally:
        child.terminate()
        child.wait(30)


def sees(url: str, name: str, topic: str) -> bool:
    """Whether a search on a gateway finds an entry in its newest form."""
    query = {"q": entry(name)["questions"]["zh"][0], "language": "zh"}
    answer = httpx.get(f"{url}/v1/knowledge/search", params=query, trust_env=False)
    assert answer.status_code == 200
    return any(
        found["entry"]["id"] == name and found["entry"]["topic"] == topic for found in answer.json()["results"]
    )


def spread(urls: tuple[str, str], name: str, topic: str, since: float) -> list[float]:
    """Wait until both gateways see a change; seconds each took. The test's time limit ends a wait in vain."""
    took: dict[str, float] = {}
    while len(took) < len(urls):
        for url in urls:
            if url not in took and sees(url, name, topic):
                took[url] = time.monotonic() - since
        time.sleep(0.02)
    return list(took.values())


class Asker(threading.Thread):
    """Asks one gateway without a pause; keeps every failure and the longest time an answer took."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url, self._over = url, threading.Event()
        self.failures: list[str] = []
        self.times: list[float] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._url, trust_env=False, timeout=30) as http:
            while not self._over.is_set():
                begun = time.monotonic()
                answer = http.get("/v1/knowledge/search", params={"q": "护照多少钱", "language": "zh"})
                self.times.append(time.monotonic() - begun)
                if answer.status_code != 200 or not answer.json()["results"]:
                    self.failures.append(answer.text)

    def end(self) -> None:
        self._over.set()
        self.join(30)


def scenario(current: Settings, urls: tuple[str, str], folder: Path) -> dict[str, Any]:
    """Publish over HTTP, over the command line, and retire; with somebody asking all the time."""
    anna, ben = (Editor(urls[0], name, PASSWORD) for name in ("anna", "ben"))
    asker = Asker(urls[1])
    asker.start()
    anna.create(entry("spread"))
    ben.move("spread", 1, "reviewed")
    begun = time.monotonic()
    ben.move("spread", 1, "published")
    over_http = spread(urls, "spread", "passport", begun)

    file = folder / "change.yaml"
    file.write_text(yaml.safe_dump([entry("spread", topic="visa", review=REVIEWED)], allow_unicode=True), "utf-8")
    command = [str(Path(sys.executable).parent / "consult"), "knowledge", "import", str(file)]
    subprocess.run(command, env=environment(current), cwd=ROOT, check=True, capture_output=True)
    over_command_line = spread(urls, "spread", "visa", time.monotonic())

    ben.move("spread", 2, "retired")
    while any(sees(url, "spread", "visa") for url in urls):
        time.sleep(0.02)
    asker.end()
    assert asker.failures == [] and asker.times
    return {"http": over_http, "command line": over_command_line, "slowest answer": max(asker.times)}


@pytest.mark.timeout(900)
def test_two_processes_on_sqlite_see_every_change(data: Path, tmp_path: Path) -> None:
    current = settings(tmp_path / "var", data_dir=data)
    asyncio.run(prepare(current))
    with process(current) as one, process(current) as two:
        print(scenario(current, (one, two), tmp_path))

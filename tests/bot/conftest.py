"""A real engine for the tests marked `engine`: one Rasa process a session, asked over HTTP."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
MODEL = ROOT / "bot" / "models" / "engine.tar.gz"
_SECONDS = 120


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the model is loaded: Rasa greets on / even without one, so its status is asked."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the engine ended while it was loading"
        try:
            status = httpx.get(f"{address}/status", timeout=5, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.5)
            continue
        assert status.is_success, status.text
        return
    raise AssertionError(f"the engine was not ready within {_SECONDS} s")


@pytest.fixture(scope="session")
def actions_port() -> int:
    """Where the engine looks for its actions: nobody is there until a test starts a gateway."""
    return _free_port()


@pytest.fixture(scope="session")
def engine(actions_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running engine."""
    port = _free_port()
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    command = [str(PYTHON), "-m", "bot.serve", "--port", str(port), "--enable-api"]
    with log.open("wb") as output:
        webhook = f"http://127.0.0.1:{actions_port}/internal/actions/webhook?token=test"
        environment = {**os.environ, "CONSULT_ACTION_URL": webhook}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def parse(engine: str) -> Iterator[Callable[[str], dict[str, Any]]]:
    """What the engine understands of a text."""
    with httpx.Client(base_url=engine, timeout=30, trust_env=False) as client:

        def ask(text: str) -> dict[str, Any]:
            answer = client.post("/model/parse", json={"text": text})
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            return found

        yield ask

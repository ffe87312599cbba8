"""Real processes for tests: a gateway on a port of its own, and free ports."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.app import build, create_app
from api.migrations import migrate
from api.settings import Settings
from knowledge.encoder import StaticEncoder
from knowledge.entries import load_folder
from knowledge.index import KnowledgeIndex, text_fingerprint
from knowledge.paths import DATA

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(var: Path, **given: Any) -> Settings:
    """Settings of a gateway under test; no engine unless one is given."""
    if "data_dir" not in given:
        keep_index(var)
    known = {"var_dir": var, "port": free_port(), "engine_url": f"http://127.0.0.1:{free_port()}"}
    return Settings(**{"rate_limits": "off", **known, **given})


def project_index() -> Path:
    """The saved index of the project's entries: built once, not by every test that searches them."""
    files = sorted([*(DATA / "knowledge" / "entries").glob("*.yaml"), *(DATA / "encoder").iterdir()])
    state = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files if file.is_file()))
    state.update(text_fingerprint().encode())
    kept = ROOT / ".cache" / "tests" / f"index-{state.hexdigest()[:16]}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "lock").open("w") as lock:  # several workers may start at once: one builds
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in kept.parent.glob("index-*"):
                shutil.rmtree(old)
            building = kept.with_name("building")
            shutil.rmtree(building, ignore_errors=True)
            entries = load_folder(DATA / "knowledge" / "entries")
            KnowledgeIndex.kept(entries, StaticEncoder(DATA / "encoder"), building)
            building.rename(kept)
    return kept


def keep_index(var: Path) -> None:
    """Put the saved index where a gateway that starts in this folder finds it."""
    if not (var / "index").exists():
        shutil.copytree(project_index(), var / "index")


def small_data(folder: Path) -> Path:
    """The project's content with the entries of one topic only, for tests that are not about finding answers."""
    data = folder / "data"
    if not data.exists():
        (data / "knowledge" / "entries").mkdir(parents=True)
        for path in (ROOT / "data").iterdir():
            if path.name != "knowledge":
                (data / path.name).symlink_to(path)
        for path in (ROOT / "data" / "knowledge").iterdir():
            if path.name != "entries":
                (data / "knowledge" / path.name).symlink_to(path)
        seed = ROOT / "data" / "knowledge" / "entries" / "passport.yaml"
        (data / "knowledge" / "entries" / seed.name).symlink_to(seed)
    return data


async def prepare(current: Settings, seats: dict[str, tuple[str, str]]) -> None:
    """Migrate, and make seats: ``{user name: (unit, password)}``."""
    container = build(current)
    await migrate(container.database)
    known = {seat.username for seat in await container.seats.every()}
    for username, (unit, password) in seats.items():
        if username not in known:
            await container.seats.add(username, f"工号{username}", unit, password, ("zh", "yue", "en"))
    await container.engine.close()
    await container.database.close()


@contextlib.contextmanager
def gateway(current: Settings) -> Iterator[str]:
    """A gateway in a thread of its own, stopped as Ctrl-C would; gives its address."""
    config = uvicorn.Config(
        create_app(current), host="127.0.0.1", port=current.port, log_level="warning", ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 240
    while not server.started:
        assert thread.is_alive(), "the gateway ended while starting: see its log above"
        assert time.monotonic() < deadline, "the gateway did not start"
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{current.port}"
    finally:
        server.should_exit = True
        thread.join(30)


class Visitor:
    """A visitor with a real HTTP client."""

    def __init__(self, url: str, **new: Any) -> None:
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        started = self.http.post("/v1/conversations", json={"channel": "web", **new})
        assert started.status_code == 201, started.text
        self.begun = started.json()
        self.id, self.token = self.begun["id"], self.begun["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def post(self, what: str, body: Any, **more: Any) -> httpx.Response:
        """POST under the conversation."""
        return self.http.post(f"/v1/conversations/{self.id}/{what}", json=body, headers=self.headers, **more)

    def say(self, text: str, **more: Any) -> dict[str, Any]:
        """Say something and return the exchange."""
        response = self.post("messages", {"text": text, **more})
        assert response.status_code == 200, response.text
        exchange: dict[str, Any] = response.json()
        return exchange

    def read(self, after: int = 0) -> dict[str, Any]:
        """The history."""
        response = self.http.get(
            f"/v1/conversations/{self.id}/messages", params={"after": after}, headers=self.headers
        )
        assert response.status_code == 200, response.text
        history: dict[str, Any] = response.json()
        return history


class SeatClient:
    """A seat with a real HTTP client."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        login = self.http.post("/v1/seats/login", json={"username": username, "password": password})
        assert login.status_code == 200, login.text
        self.token = login.json()["token"]
        self.seat = login.json()["seat"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def tickets(self, **query: Any) -> list[dict[str, Any]]:
        """The unit's tickets."""
        found: list[dict[str, Any]] = self.http.get("/v1/tickets", params=query).json()["tickets"]
        return found

    def act(self, ticket_id: str, what: str, body: Any = None) -> httpx.Response:
        """POST under a ticket."""
        return self.http.post(f"/v1/tickets/{ticket_id}/{what}", json=body if body is not None else {})

"""``consult serve``: starts engine and gateway, watches both, and ends both."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import uvicorn
from pydantic import SecretStr

from api.app import build, create_app
from api.migrations import migrate
from api.settings import ROOT, Settings

NEEDED_MB = 500
RESTART_SECONDS = 3.0
DEMONSTRATION = (
    ("demo-station", "示范边检席", "gs-8220", ("zh", "yue"), ("seat",)),
    ("demo-exit-entry", "示范出入境席", "psb-440300", ("zh", "yue"), ("seat",)),
    ("demo-centre", "示范服务中心席", "masc", ("zh", "yue", "en"), ("seat", "supervisor")),
    ("demo-writer", "示范编辑", "masc", ("zh", "yue", "en"), ("editor",)),
    ("demo-editor", "示范审核编辑", "masc", ("zh", "yue", "en"), ("editor",)),
    ("demo-admin", "示范管理员", "masc", ("zh", "yue", "en"), ("administrator",)),
)


class ServeError(Exception):
    """The service cannot start; the message says why and what to do."""


def serve(settings: Settings, *, with_engine: bool = True) -> None:
    """Run the service until Ctrl-C.

    Raises:
        ServeError: a port is in use, the disk is full, the engine is not installed or died.
    """
    signal.signal(signal.SIGTERM, _end)  # a service manager's stop ends the engine as well as Ctrl-C does
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    _check_disk(settings.var_dir)
    _check_port("gateway", settings.host, settings.port, "CONSULT_PORT")
    if not settings.actions_token.get_secret_value():
        settings.actions_token = SecretStr(secrets.token_urlsafe(24))
    asyncio.run(_prepare(settings))
    if not with_engine:
        _run_gateway(settings)
        return
    with _Engine(settings):
        _run_gateway(settings)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


class _Gateway(uvicorn.Server):
    """A server that says when it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host = "127.0.0.1" if self.config.host == "0.0.0.0" else self.config.host
        print(f"gateway  http://{host}:{self.config.port}/   (English: /en/, seats: /console)", flush=True)


def _run_gateway(settings: Settings) -> None:
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws_per_message_deflate=False,
    )
    _Gateway(config).run()


async def _prepare(settings: Settings) -> None:
    """Database in its newest shape; demonstration seats in development mode."""
    container = build(settings)
    try:
        await migrate(container.database)
        if settings.mode == "development":
            await _demonstration_seats(container.seats, settings.var_dir / "demo-password")
    finally:
        await container.engine.close()
        await container.database.close()


async def _demonstration_seats(seats, password_file: Path) -> None:  # type: ignore[no-untyped-def]
    """One seat of each kind, with a password made on this machine and kept in the var folder."""
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(9))
    password = password_file.read_text()
    known = {seat.username for seat in await seats.every()}
    for username, name, unit, languages, roles in DEMONSTRATION:
        if username not in known:
            await seats.add(username, name, unit, password, languages, roles=roles)
    names = ", ".join(username for username, *_ in DEMONSTRATION)
    print(f"seats    {names}   password: {password}   (demonstration only)", flush=True)


class _Engine:
    """The Rasa process, for as long as the block runs; started again when it ends by itself.

    The gateway builds its index meanwhile, and answers from it alone until the engine is there.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        address = urlsplit(settings.engine_url)
        self._port = address.port or 5005
        _check_port("engine", address.hostname or "127.0.0.1", self._port, "CONSULT_ENGINE_URL")
        self._python = ROOT / "bot" / ".venv" / "bin" / "python"
        if not self._python.exists():
            raise ServeError("the engine is not installed: run `make engine` first")
        self._log = (settings.var_dir / "engine.log").open("wb")
        self._stopping = threading.Event()
        self._process = self._start()

    def __enter__(self) -> None:
        threading.Thread(target=self._watch, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()

    def _start(self) -> subprocess.Popen[bytes]:
        webhook = f"http://127.0.0.1:{self._settings.port}/internal/actions/webhook"
        secret = self._settings.actions_token.get_secret_value()
        return subprocess.Popen(
            [str(self._python), "-m", "bot.serve", "--port", str(self._port)],
            cwd=ROOT,
            env=os.environ | {"CONSULT_ACTION_URL": f"{webhook}?token={secret}"},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _watch(self) -> None:
        """Say when the engine is ready; start it again when it ended, though not in a tight circle."""
        started, ready = time.monotonic(), False
        with httpx.Client(timeout=2, trust_env=False) as http:
            while not self._stopping.wait(0.3):
                if self._process.poll() is not None:
                    print(
                        f"engine   ended, starting it again: see {self._settings.var_dir / 'engine.log'}", flush=True
                    )
                    self._stopping.wait(RESTART_SECONDS)
                    self._process, started, ready = self._start(), time.monotonic(), False
                elif not ready:
                    with contextlib.suppress(httpx.HTTPError):
                        ready = http.get(self._settings.engine_url).is_success  # it listens once its model is loaded
                    if ready:
                        print(f"engine   ready after {time.monotonic() - started:.0f} s", flush=True)


def _check_port(what: str, host: str, port: int, setting: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"the {what} cannot listen on {host}:{port} ({error.strerror}): set {setting}"
            ) from error


def _check_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free // 2**20
    if free < NEEDED_MB:
        raise ServeError(f"only {free} MB free under {folder}: at least {NEEDED_MB} MB are needed")


if sys.version_info[:2] != (3, 11):
    raise ServeError(f"Python 3.11 is needed, this is {sys.version.split()[0]}")

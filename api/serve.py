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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import uvicorn
from pydantic import SecretStr

from api.app import build, create_app
from api.migrations import migrate
from api.settings import ROOT, Settings

NEEDED_MB = 500
ENGINE_SECONDS = 120
DEMONSTRATION = (
    ("demo-station", "示范边检席", "gs-8220", ("zh", "yue")),
    ("demo-exit-entry", "示范出入境席", "psb-440300", ("zh", "yue")),
    ("demo-centre", "示范服务中心席", "masc", ("zh", "yue", "en")),
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
    with _engine(settings):
        _run_gateway(settings)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _run_gateway(settings: Settings) -> None:
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host
    print(f"gateway  http://{host}:{settings.port}/   (English: /en/, seats: /console)", flush=True)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws_per_message_deflate=False,
    )


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
    for username, name, unit, languages in DEMONSTRATION:
        if username not in known:
            await seats.add(username, name, unit, password, languages)
    names = ", ".join(username for username, *_ in DEMONSTRATION)
    print(f"seats    {names}   password: {password}   (demonstration only)", flush=True)


@contextmanager
def _engine(settings: Settings) -> Iterator[None]:
    """The Rasa process, up and with its model loaded while the block runs."""
    address = urlsplit(settings.engine_url)
    host, port = address.hostname or "127.0.0.1", address.port or 5005
    _check_port("engine", host, port, "CONSULT_ENGINE_URL")
    python = ROOT / "bot" / ".venv" / "bin" / "python"
    if not python.exists():
        raise ServeError("the engine is not installed: run `make engine` first")
    webhook = f"http://127.0.0.1:{settings.port}/internal/actions/webhook"
    secret = settings.actions_token.get_secret_value()
    environment = os.environ | {"CONSULT_ACTION_URL": f"{webhook}?token={secret}"}
    log = (settings.var_dir / "engine.log").open("wb")
    command = [str(python), "-m", "bot.serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for_engine(settings, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def _wait_for_engine(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    print("engine   loading …", end="", flush=True)
    started = time.monotonic()
    with httpx.Client(timeout=2, trust_env=False) as http:
        while time.monotonic() - started < ENGINE_SECONDS:
            if process.poll() is not None:
                print(flush=True)
                raise ServeError(f"the engine ended at once: see {settings.var_dir / 'engine.log'}")
            with contextlib.suppress(httpx.HTTPError):
                if http.get(settings.engine_url).is_success:  # Rasa listens only after its model is loaded
                    print(f" ready after {time.monotonic() - started:.0f} s", flush=True)
                    return
            time.sleep(0.3)
    raise ServeError(f"the engine was not ready within {ENGINE_SECONDS} s: see {settings.var_dir / 'engine.log'}")


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

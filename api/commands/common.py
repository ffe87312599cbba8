"""What every command needs: the console, an error that ends it, and the gateway's services without a server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from rich.console import Console

from api.app import Container, build
from api.migrations import migrate
from api.settings import get_settings

out = Console()
T = TypeVar("T")


def with_container(work: Callable[[Container], Awaitable[T]]) -> T:
    """Run one job on the gateway's services, with the database in its newest shape."""

    async def job() -> T:
        container = build(get_settings())
        try:
            await migrate(container.database)
            return await work(container)
        finally:
            await container.engine.close()
            await container.bus.close()
            await container.database.close()

    return asyncio.run(job())


def fail(message: object) -> typer.Exit:
    """Say what is wrong on standard error; raise what this returns to end with status 2."""
    print(f"error: {message}", file=sys.stderr)
    return typer.Exit(2)

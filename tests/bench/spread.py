"""How soon a change of one entry is searchable on two gateway processes that hold the whole base.

`python -m tests.bench.spread`, also by `make bench`: on SQLite, and on a PostgreSQL and a Redis of its own, published
over HTTP and imported from the command line, while one of the gateways is asked without a pause.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from api.settings import Settings
from tests.api.knowledge.conftest import prepare
from tests.api.knowledge.test_gateways import process, scenario
from tests.processes import settings
from tests.services.conftest import Postgres, RedisServer


def measured(name: str, current: Settings, folder: Path) -> None:
    """Print the seconds until both saw each change, and the slowest answer meanwhile."""
    asyncio.run(prepare(current))
    with process(current) as one, process(current) as two:
        found = scenario(current, (one, two), folder)
    http, command, slowest = max(found["http"]), max(found["command line"]), found["slowest answer"] * 1000
    print(f"{name}: published {http:.2f} s, imported {command:.2f} s; longest answer meanwhile {slowest:.0f} ms")


def main() -> None:
    """Both databases, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        measured("SQLite", settings(Path(folder)), Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        postgres, redis_server = Postgres(), RedisServer(Path(folder))
        try:
            current = settings(Path(folder), database_url=postgres.url, redis_url=redis_server.url)
            measured("PostgreSQL and Redis", current, Path(folder))
        finally:
            postgres.stop()
            redis_server.kill()


if __name__ == "__main__":
    main()

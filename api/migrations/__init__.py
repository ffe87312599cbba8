"""The database's shape, step by step (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from api.database import Database

HERE = Path(__file__).parent


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> None:
    """Bring the database to the newest shape; nothing happens where it is there already."""

    def upgrade(connection: Connection) -> None:
        command.upgrade(_config(connection), "head")

    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)


async def new_step(database: Database, message: str) -> None:
    """Write the next step from the difference between the tables and the models (for developers)."""

    def revision(connection: Connection) -> None:
        command.revision(_config(connection), message, autogenerate=True)

    async with database.engine.begin() as connection:
        await connection.run_sync(revision)

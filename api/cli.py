"""``consult``: the operator's command line. Groups of commands live in ``api/commands/``, a file for each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.app import Container
from api.commands import entries  # noqa: F401  (adds what works on the database to `consult knowledge`)
from api.commands.audit import audit
from api.commands.common import fail, out, with_container
from api.commands.encoder import encoder
from api.commands.evaluate import evaluate
from api.commands.knowledge import knowledge
from api.commands.language import language
from api.commands.routing import routing
from api.commands.seat import seat
from api.commands.wechat import wechat
from api.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="12367 Online Consultation.")
app.add_typer(seat, name="seat")
app.add_typer(wechat, name="wechat")
app.add_typer(routing, name="routing")
app.add_typer(encoder, name="encoder")
app.add_typer(audit, name="audit")
app.add_typer(knowledge, name="knowledge")
app.command()(evaluate)
app.command()(language)


@app.command()
def settings() -> None:
    """Every setting: its environment variable, its value now, and what it means."""
    table = Table("variable", "value", "meaning")
    current = get_settings()
    for name, field in Settings.model_fields.items():
        table.add_row(f"CONSULT_{name.upper()}", str(getattr(current, name)), field.description or "")
    out.print(table)


@app.command()
def serve(engine: Annotated[bool, typer.Option(help="start the Rasa engine too")] = True) -> None:
    """Start the service: gateway and engine. Ctrl-C ends both."""
    from api.serve import ServeError
    from api.serve import serve as start

    try:
        start(get_settings(), with_engine=engine)
    except ServeError as error:
        raise fail(error) from error


@app.command("migrate")
def migrate_database() -> None:
    """Bring the database to the newest shape."""

    async def work(_: Container) -> None:
        out.print("the database has the newest shape")

    with_container(work)


@app.command()
def openapi(path: Annotated[Path, typer.Argument(help="where to write the document")]) -> None:
    """Write the OpenAPI document; the web's types are generated from it."""
    from api.app import create_app

    document = json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(document + "\n", "utf-8")


if __name__ == "__main__":
    app()

"""``consult``: the operator's command line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import typer
from rich.console import Console
from rich.table import Table

from api.app import Container, build
from api.migrations import migrate
from api.seats.schemas import Role
from api.settings import Settings, get_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="12367 Online Consultation.")
seat = typer.Typer(no_args_is_help=True, help="The people who answer.")
routing = typer.Typer(no_args_is_help=True, help="Who answers whom.")
audit = typer.Typer(no_args_is_help=True, help="Who did what.")
app.add_typer(seat, name="seat")
app.add_typer(routing, name="routing")
app.add_typer(audit, name="audit")
out = Console()
T = TypeVar("T")


def _with_container(work: Callable[[Container], Awaitable[T]]) -> T:
    """Run one job on the gateway's services, with the database in its newest shape."""

    async def job() -> T:
        container = build(get_settings())
        try:
            await migrate(container.database)
            return await work(container)
        finally:
            await container.engine.close()
            await container.database.close()

    return asyncio.run(job())


def _fail(message: object) -> typer.Exit:
    print(f"error: {message}", file=sys.stderr)
    return typer.Exit(2)


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
        raise _fail(error) from error


@app.command("migrate")
def migrate_database() -> None:
    """Bring the database to the newest shape."""

    async def work(_: Container) -> None:
        out.print("the database has the newest shape")

    _with_container(work)


@app.command()
def openapi(path: Annotated[Path, typer.Argument(help="where to write the document")]) -> None:
    """Write the OpenAPI document; the web's types are generated from it."""
    from api.app import create_app

    document = json.dumps(create_app().openapi(), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(document + "\n", "utf-8")


@app.command()
def evaluate(
    questions: Annotated[Path, typer.Argument(help="JSON lines with lang, text, expect, fact_ids, history")],
    url: Annotated[str, typer.Option(help="a running gateway")] = "",
    misses: Annotated[bool, typer.Option(help="print every question that was not answered right")] = False,
) -> None:
    """Ask every question of a file through a running gateway; print right, asked back and wrong by language."""
    from api.evaluate import EvaluationError
    from api.evaluate import evaluate as run

    current = get_settings()
    base = url or f"http://{current.host}:{current.port}"
    try:
        run(questions, base, current.data_dir, misses, out)
    except EvaluationError as error:
        raise _fail(error) from error


@seat.command("add")
def seat_add(
    username: str,
    name: Annotated[str, typer.Option(help="the name that visitors see")],
    unit: Annotated[str, typer.Option(help="unit id: gs-8220, psb-440300, masc …")],
    languages: Annotated[str, typer.Option(help="comma-separated: zh,yue,en")] = "zh,en",
    capacity: Annotated[int, typer.Option(min=1, max=20)] = 3,
    roles: Annotated[str, typer.Option(help="comma-separated: seat,supervisor,editor,administrator")] = "seat",
) -> None:
    """Make a seat. The password is asked for, or read from standard input."""
    from api.seats.service import SeatError

    password = (
        typer.prompt("password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    listed: Any = [code.strip() for code in languages.split(",")]
    if not set(listed) <= {"zh", "yue", "en"}:
        raise _fail("languages are zh, yue and en, separated by commas")
    given: Any = [role.strip() for role in roles.split(",")]
    if not set(given) <= set(get_args(Role)):
        raise _fail(f"roles are {', '.join(get_args(Role))}, separated by commas")

    async def work(container: Container) -> None:
        await container.seats.add(username, name, unit, password, listed, capacity, given)

    try:
        _with_container(work)
    except SeatError as error:
        raise _fail(error) from error
    out.print(f"seat {username} added to {unit}")


@seat.command("list")
def seat_list() -> None:
    """All seats."""

    async def work(container: Container) -> None:
        table = Table("user name", "name", "unit", "languages", "roles", "capacity")
        for one in await container.seats.every():
            table.add_row(
                one.username, one.name, one.unit_id, ",".join(one.languages), ",".join(one.roles), str(one.capacity)
            )
        out.print(table)

    _with_container(work)


@routing.command("explain")
def routing_explain(
    language: Annotated[str, typer.Option(help="zh, yue or en")] = "zh",
    business: Annotated[str, typer.Option(help="clearance, documents or suggestions")] = "",
    origin: Annotated[str, typer.Option(help="domestic or overseas")] = "",
    place: str = "",
    port: str = "",
    region: str = "",
    number: str = "",
    line: Annotated[str, typer.Option(help="phone or chat")] = "phone",
) -> None:
    """Who would answer this call, by which rule, and why."""
    from pydantic import ValidationError

    from api.problems import Problem
    from api.routing.endpoints import RoutingQuestion, routed
    from api.routing.resolve import Ask, Inquiry

    given = dict(
        line=line, language=language, business=business, origin=origin, place=place, port=port, region=region,
        caller_number=number,
    )  # fmt: skip
    container = build(get_settings())
    try:
        question = RoutingQuestion.model_validate({key: value for key, value in given.items() if value})
        found = container.routing.resolve(Inquiry(**question.model_dump()))
    except (ValidationError, Problem) as error:
        raise _fail(error) from error
    if isinstance(found, Ask):
        out.print(f"ask for the {found.ask}:", ", ".join(f"{c.code} {c.name}" for c in found.candidates) or "-")
    else:
        out.print_json(routed(found).model_dump_json())


@audit.command("verify")
def audit_verify() -> None:
    """Prove that no record of the audit log was altered."""
    from api.audit.service import first_broken

    async def work(container: Container) -> int | None:
        async with container.database.read() as session:
            return await first_broken(session)

    if (number := _with_container(work)) is not None:
        raise _fail(f"record {number} of the audit log does not fit its chain: it or one before it was altered")
    out.print("the audit log is whole")


if __name__ == "__main__":
    app()

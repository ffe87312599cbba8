"""``consult seat``: the people who answer."""

from __future__ import annotations

import sys
from typing import Annotated, Any, get_args

import typer
from rich.table import Table

from api.app import Container
from api.commands.common import fail, out, with_container
from api.seats.schemas import Role

seat = typer.Typer(no_args_is_help=True, help="The people who answer.")


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
        raise fail("languages are zh, yue and en, separated by commas")
    given: Any = [role.strip() for role in roles.split(",")]
    if not set(given) <= set(get_args(Role)):
        raise fail(f"roles are {', '.join(get_args(Role))}, separated by commas")

    async def work(container: Container) -> None:
        await container.seats.add(username, name, unit, password, listed, capacity, given)

    try:
        with_container(work)
    except SeatError as error:
        raise fail(error) from error
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

    with_container(work)

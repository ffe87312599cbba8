"""``consult routing``: who answers whom."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from api.app import build
from api.commands.common import fail, out
from api.settings import get_settings

routing = typer.Typer(no_args_is_help=True, help="Who answers whom.")


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
        raise fail(error) from error
    if isinstance(found, Ask):
        out.print(f"ask for the {found.ask}:", ", ".join(f"{c.code} {c.name}" for c in found.candidates) or "-")
    else:
        out.print_json(routed(found).model_dump_json())


@routing.command("table")
def routing_table(
    as_markdown: Annotated[bool, typer.Option("--markdown", help="as api/routing/table.md keeps it")] = False,
) -> None:
    """Every combination of the routing inputs with its result."""
    from api.routing import table

    service = build(get_settings()).routing
    if as_markdown:
        print(table.markdown(service), end="")
        return
    grid = Table(*table.HEAD)
    for row in table.rows(service):
        grid.add_row(*row.cells())
    out.print(grid)

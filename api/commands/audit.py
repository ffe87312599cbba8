"""``consult audit``: who did what."""

from __future__ import annotations

import typer

from api.app import Container
from api.commands.common import fail, out, with_container

audit = typer.Typer(no_args_is_help=True, help="Who did what.")


@audit.callback()
def group() -> None:
    """Keep ``audit verify`` two words while it is the only command of its group."""


@audit.command("verify")
def audit_verify() -> None:
    """Prove that no record of the audit log was altered."""
    from api.audit.service import first_broken

    async def work(container: Container) -> int | None:
        async with container.database.read() as session:
            return await first_broken(session)

    if (number := with_container(work)) is not None:
        raise fail(f"record {number} of the audit log does not fit its chain: it or one before it was altered")
    out.print("the audit log is whole")

"""``consult knowledge``: the entries in the database, as an operator moves them in, out, and along."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from api.app import Container
from api.commands.common import fail, out, with_container
from api.commands.knowledge import knowledge
from api.knowledge import files, repository
from api.knowledge.editing import Caller
from api.knowledge.life import Life
from api.knowledge.repository import Filters
from api.knowledge.shape import Body, difference, entry_of
from api.knowledge.sync import HttpRemote, Report, Sync, SyncError
from api.knowledge.transfer import Planned, incoming, store
from api.problems import Problem
from knowledge.entries import Entry, EntryError, Status

EntryId = Annotated[str, typer.Argument(metavar="ENTRY", help="id of the entry")]
Version = Annotated[int | None, typer.Option(min=1, help="which version; the newest one if not given")]
On = Annotated[str, typer.Option(help="a later day (YYYY-MM-DD, Shanghai) at whose beginning it happens")]
NoteText = Annotated[str, typer.Option(help="why, for the history")]
T = TypeVar("T")


def operator() -> Caller:
    """Whoever runs this command; the audit log names them."""
    return Caller(f"cli:{getpass.getuser()}"[:64], "operator")


def run(work: Callable[[Container], Awaitable[T]]) -> T:
    """Do it, or say what is wrong: the gateway's problems read the same here."""
    try:
        return with_container(work)
    except Problem as problem:
        raise fail(problem.detail) from problem


@knowledge.command("export")
def knowledge_export(
    folder: Annotated[Path, typer.Argument(help="where to write a file for each topic")],
    drafts: Annotated[
        bool, typer.Option(help="the newest version of each entry, whatever its status, not the public one")
    ] = False,
) -> None:
    """Write all entries as YAML; `import` reads them again without loss."""

    async def work(container: Container) -> list[Entry]:
        async with container.database.read() as session:
            found = (await repository.lives(session)).values()
        return [entry for life in found if (entry := _exported(life, drafts))]

    entries = run(work)
    try:
        written = files.write_folder(entries, folder)
    except OSError as error:
        raise fail(error) from error
    out.print(f"{len(entries)} entries in {len(written)} files")


def _exported(life: Life, drafts: bool) -> Entry | None:
    if drafts:
        return entry_of(life.versions[life.head], life.last[life.head])
    return entry_of(life.versions[life.public.version], life.public) if life.public else None


@knowledge.command("import")
def knowledge_import(
    path: Annotated[Path, typer.Argument(help="an entry file, or a folder of them")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would change, and change nothing")] = False,
    drafts: Annotated[bool, typer.Option(help="store as drafts, for the editors to review")] = False,
) -> None:
    """Bring entry files into the database: all of them, or with any fault none. What is equal is left alone."""
    try:
        entries = files.read(path)
    except (EntryError, FileNotFoundError) as error:
        raise fail(f"nothing was imported:\n{error}") from error

    async def work(container: Container) -> list[Planned]:
        async with container.database.read() as session:
            faults = await incoming(session, container.rules, entries, drafts)
        if faults:
            raise fail("nothing was imported:\n" + "\n".join(map(str, faults)))
        if dry_run:
            async with container.database.read() as session:
                return await store(session, None, entries, drafts=drafts)
        async with container.journal.open() as job:
            return await store(job.session, job, entries, writer=operator().name, drafts=drafts)

    planned = run(work)
    for one in planned:
        fields = ", ".join(change["field"] for change in difference(one.before, one.after)) if one.before else "new"
        out.print(f"{one.entry_id}: version {one.version}: {fields or 'review'}", markup=False)
    verb = "would be written" if dry_run else "written"
    out.print(f"{len(planned)} of {len(entries)} entries {verb}, the others are as they were")


@knowledge.command("list")
def knowledge_list(
    status: Annotated[str, typer.Option(help="draft, reviewed, published or retired")] = "",
    topic: str = "",
    owner: str = "",
    missing: Annotated[str, typer.Option(help="a language without an answer: yue or en")] = "",
    text: Annotated[str, typer.Option(help="words that all occur")] = "",
) -> None:
    """Entries in order of ids."""
    wanted = Filters(
        status=status or None, topic=topic or None, owner=owner or None, missing=missing or None, q=text or None
    )

    async def work(container: Container) -> None:
        table = Table("entry", "newest", "status", "published", "owner", "until", "review by", "title")
        page = 1
        while (found := await container.listing.page(wanted, page, 200)).entries:
            for row in found.entries:
                cells = (row.id, row.version, row.status, row.in_force, row.owner, row.valid_to, row.review_by)
                table.add_row(*("" if cell is None else str(cell) for cell in cells), row.title.get("zh", ""))
            page += 1
        out.print(table)
        out.print(f"{found.total} entries")

    run(work)


@knowledge.command("show")
def knowledge_show(entry: EntryId, version: Version = None) -> None:
    """One version as YAML, and after it the life of every version."""

    async def work(container: Container) -> Life:
        return await container.editing.life(entry)

    life = run(work)
    number = version or life.head
    if number not in life.versions:
        raise fail(f"there is no version {number}; the newest is {life.newest}")
    out.print(files.written([entry_of(life.versions[number], life.last[number])]), markup=False, highlight=False)
    table = Table("at", "version", "from", "to", "by", "note")
    for move in life.moves:
        at = move.at.isoformat(timespec="seconds")
        table.add_row(at, str(move.version), move.before or "", move.after, move.actor, move.note or "")
    out.print(table)


@knowledge.command("diff")
def knowledge_diff(entry: EntryId, old: int, new: int) -> None:
    """What changed between two versions, field by field."""

    async def work(container: Container) -> list[Body]:
        return await container.editing.diff(entry, old, new)

    changes = run(work)
    for change in changes:
        out.print(change["field"], style="bold")
        for sign, lines in (("-", _lines(change["old"])), ("+", _lines(change["new"]))):
            other = _lines(change["new" if sign == "-" else "old"])
            for line in lines:
                if line not in other:
                    out.print(f"  {sign} {line}", markup=False, style="red" if sign == "-" else "green")
    if not changes:
        out.print("no difference")


def _lines(value: object) -> Sequence[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value).splitlines() if value is not None else []


def _moved(entry: str, to: Status, version: int | None, on: str, note: str) -> None:
    try:
        day = date.fromisoformat(on) if on else None
    except ValueError as error:
        raise fail(f"{on!r} is no date (YYYY-MM-DD)") from error

    async def work(container: Container) -> int:
        life = await container.editing.life(entry)
        number = version or (life.in_force if to == "retired" and life.in_force else life.head)
        await container.editing.move(entry, number, to, operator(), day, note or None)
        return number

    number = run(work)
    out.print(f"{entry}, version {number}: {to}" + (f" on {day}" if day else ""))


@knowledge.command("review")
def knowledge_review(entry: EntryId, version: Version = None, note: NoteText = "") -> None:
    """Say that somebody who did not write a draft has read it and found it right."""
    _moved(entry, "reviewed", version, "", note)


@knowledge.command("publish")
def knowledge_publish(entry: EntryId, version: Version = None, on: On = "", note: NoteText = "") -> None:
    """Publish a reviewed version, now or on a later day. Every gateway answers from it within two seconds."""
    _moved(entry, "published", version, on, note)


@knowledge.command("retire")
def knowledge_retire(entry: EntryId, version: Version = None, on: On = "", note: NoteText = "") -> None:
    """Take an entry out of service, now or on a later day; or give up a draft."""
    _moved(entry, "retired", version, on, note)


@knowledge.command("rollback")
def knowledge_rollback(
    entry: EntryId,
    to: Annotated[int, typer.Argument(help="the version whose content comes back")],
    publish: Annotated[bool, typer.Option(help="at once and without review; only what was published before")] = False,
    note: NoteText = "",
) -> None:
    """Make a new version that says what an earlier one said."""

    async def work(container: Container) -> Life:
        life = await container.editing.life(entry)
        return await container.editing.rollback(entry, to, life.head, operator(), publish, note or None)

    life = run(work)
    out.print(f"{entry}, version {life.newest}: {life.status(life.newest)}, says what version {to} said")


@knowledge.command("due")
def knowledge_due(days: Annotated[int, typer.Option(min=1, max=366)] = 30) -> None:
    """What ends, must be reviewed, is planned, or waits for a second reader."""

    async def work(container: Container) -> None:
        found = await container.listing.reminders(days)
        table = Table("what", "day", "entry", "title")
        for what, rows in (("ends", found.expiring), ("review", found.review_due)):
            for row in rows:
                day = row.valid_to if what == "ends" else row.review_by
                table.add_row(what, day or "", row.id, row.title.get("zh", ""))
        for plan in found.plans:
            table.add_row(f"becomes {plan.to}", str(plan.on), plan.id, f"version {plan.version}, by {plan.actor}")
        for what, rows in (("proposal", found.proposals), ("draft", found.to_review)):
            for row in rows:
                table.add_row(what, "", row.id, row.title.get("zh", ""))
        out.print(table)

    run(work)


@knowledge.command("sync")
def knowledge_sync(
    url: Annotated[str, typer.Argument(help="the partner's gateway, for example https://12367.example")],
    partner: Annotated[str, typer.Option(help="the partner's name; its secret is in CONSULT_PARTNERS")],
    every: Annotated[int, typer.Option(min=0, help="go on, with so many seconds between; 0: once")] = 0,
) -> None:
    """Exchange entries with a partner: take in its changes, send ours. What both changed is kept as a proposal."""

    async def work(container: Container) -> Report:
        settings = container.settings
        secret = settings.partners.get(partner)
        if secret is None:
            raise fail(f"CONSULT_PARTNERS has no secret for {partner!r}")
        remote = HttpRemote(url, settings.owner, secret.get_secret_value(), container.clock)
        exchange = Sync(settings.owner, partner, container.database, container.journal, container.exchange, remote)
        try:
            while True:
                report = await exchange.run()
                _told(report, partner)
                if not every:
                    return report
                await asyncio.sleep(every)
        finally:
            await remote.close()

    try:
        report = run(work)
    except SyncError as error:
        raise fail(f"{error}; what was exchanged so far is kept, run it again to go on") from error
    if report.refused:
        raise typer.Exit(1)


def _told(report: Report, partner: str) -> None:
    for what, counts in ((f"from {partner}", report.pulled), (f"to {partner}", report.pushed)):
        told = ", ".join(f"{count} {result}" for result, count in sorted(counts.items()))
        out.print(f"{what}: {told or 'nothing new'}")
    for line in report.conflicts:
        out.print(f"conflict: {line}", markup=False)
    for line in report.refused:
        out.print(f"refused: {line}", markup=False)

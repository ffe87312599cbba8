"""``consult knowledge``: what the knowledge base holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.app import Container
from api.commands.common import fail, out, with_container
from api.settings import get_settings
from knowledge.coverage import Coverage, coverage, load_asked
from knowledge.entries import LANGUAGES, Entry, EntryError, load_folder
from knowledge.entry_rules import Facts, load_facts

knowledge = typer.Typer(no_args_is_help=True, help="What the knowledge base holds.")


@knowledge.callback()
def _group() -> None:
    """Keeps a single command a command of its group."""


@knowledge.command("coverage")
def knowledge_coverage(
    folder: Annotated[Path | None, typer.Argument(help="entry files; data/knowledge/entries if not given")] = None,
    database: Annotated[bool, typer.Option(help="what the service answers from, instead of files")] = False,
) -> None:
    """Prove that every fact is stated by a published entry, and show what each topic has; status 1 if one is not."""
    data = get_settings().data_dir
    entries = _from_database() if database else _from_files(folder or data / "knowledge" / "entries")
    facts = load_facts(data / "facts" / "facts.jsonl")
    found = coverage(entries, facts, load_asked(sorted((data / "eval").glob("questions_*.jsonl"))))
    _show_topics(found)
    _show_thin(found)
    _show_facts(found, facts)
    if found.missing or found.unknown:
        raise typer.Exit(1)


def _from_files(folder: Path) -> list[Entry]:
    try:
        return load_folder(folder)
    except (EntryError, FileNotFoundError) as error:
        raise fail(error) from error


def _from_database() -> list[Entry]:
    async def work(container: Container) -> list[Entry]:
        return await container.knowledge.published()

    if not (entries := with_container(work)):
        raise fail("the database has no published entry; `consult serve` brings the files into it")
    return entries


def _show_topics(found: Coverage) -> None:
    table = Table(title="Published entries: wordings by language, and entries without an answer in one")
    table.add_column("topic", no_wrap=True)
    for name in ("entries", *LANGUAGES, "no yue", "no en"):
        table.add_column(name, justify="right", no_wrap=True)
    for topic in found.topics:
        counts = [topic.entries, *(topic.wordings[language] for language in LANGUAGES)]
        table.add_row(topic.name, *map(str, counts), str(topic.unanswered["yue"]), str(topic.unanswered["en"]))
    out.print(table)


def _show_thin(found: Coverage) -> None:
    for thin in found.thin:
        out.print(f"{thin.entry}: {thin.wordings} wordings in {thin.language}, {thin.wanted} are wanted")
    if not found.thin:
        out.print("every entry has its wordings in every language")


def _show_facts(found: Coverage, facts: Facts) -> None:
    for fact in found.missing:
        out.print(f"no published entry states {fact}: {facts[fact]['question_zh']}")
    for fact in found.unknown:
        out.print(f"entries name {fact}, which is not in the fact sheet")
    stated = found.facts - len(found.missing)
    out.print(f"{stated} of {found.facts} facts are stated by a published entry")

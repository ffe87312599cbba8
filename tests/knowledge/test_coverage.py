"""What the knowledge base covers: facts without an entry, entries without wordings."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from api.app import Container
from api.cli import app
from api.commands.common import with_container
from api.settings import Settings, get_settings
from knowledge.coverage import MOST_ASKED, Thin, coverage, load_asked
from knowledge.entries import LANGUAGES, load_folder, to_dict
from knowledge.entry_rules import load_facts
from knowledge.paths import DATA

from .conftest import make_entry

FACTS: dict[str, dict[str, Any]] = {"fee": {"question_zh": "多少钱"}, "hours": {"question_zh": "几点"}}


def wordings(count: int, **other: int) -> dict[str, list[str]]:
    return {language: [f"{language} {n}" for n in range(other.get(language, count))] for language in LANGUAGES}


def test_a_fact_counts_as_stated_only_by_a_published_entry() -> None:
    entries = [
        make_entry("a", "问", questions=wordings(12), facts=["fee"]),
        make_entry("b", "问", questions=wordings(12), facts=["hours"], status="draft"),
    ]
    found = coverage(entries, FACTS)
    assert (found.facts, found.missing, found.unknown, found.thin) == (2, ("hours",), (), ())


def test_a_fact_that_the_sheet_lacks_is_told() -> None:
    assert coverage([make_entry("a", "问", facts=["fee", "fie"])], FACTS).unknown == ("fie",)


def test_wordings_and_missing_answers_are_counted_by_topic_and_language() -> None:
    entries = [
        make_entry("a", "问", topic="visa", questions=wordings(12, yue=3)),
        make_entry("b", "问", topic="visa", questions=wordings(14), answer={"zh": "答"}),
        make_entry("c", "问", topic="ports", questions=wordings(12)),
        make_entry("d", "问", topic="ports", questions=wordings(12), status="retired"),
    ]
    ports, visa = coverage(entries, FACTS).topics
    assert (ports.name, ports.entries, ports.wordings) == ("ports", 1, {"zh": 12, "yue": 12, "en": 12})
    assert (visa.entries, visa.wordings) == (2, {"zh": 26, "yue": 17, "en": 26})
    assert visa.unanswered == {"zh": 0, "yue": 1, "en": 1}


def test_what_is_asked_most_needs_more_wordings() -> None:
    entries = [
        make_entry("asked", "问", questions=wordings(30, en=29), facts=["fee"]),
        make_entry("not-asked", "问", questions=wordings(12, yue=11), facts=["hours"]),
    ]
    assert coverage(entries, FACTS, {"fee": 4}).thin == (
        Thin("asked", "en", 29, 30),
        Thin("not-asked", "yue", 11, 12),
    )


def test_only_so_many_entries_are_asked_most() -> None:
    facts: dict[str, dict[str, Any]] = {f"f{n:02}": {} for n in range(MOST_ASKED + 5)}
    entries = [make_entry(fact, "问", questions=wordings(12), facts=[fact]) for fact in facts]
    asked = {fact: 1 + number for number, fact in enumerate(facts)}
    thin = {one.entry for one in coverage(entries, facts, asked).thin}
    assert thin == set(list(facts)[5:])


def test_a_local_entry_is_not_held_to_its_national_twins_wordings() -> None:
    entries = [
        make_entry("national", "问", questions=wordings(30), facts=["fee"]),
        make_entry("local", "问", questions=wordings(12), facts=["fee"], region="440300"),
    ]
    assert coverage(entries, FACTS, {"fee": 4}).thin == ()


def test_questions_are_counted_by_fact(tmp_path: Path) -> None:
    rows = [{"fact_ids": ["fee", "hours"]}, {"fact_ids": ["fee"]}, {"fact_ids": None}, {}]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    assert load_asked([file, file]) == {"fee": 4, "hours": 2}


def test_the_projects_own_entries_state_every_fact() -> None:
    found = coverage(load_folder(DATA / "knowledge" / "entries"), load_facts(DATA / "facts" / "facts.jsonl"))
    assert (found.missing, found.unknown, found.thin) == ((), (), ())
    assert all(topic.unanswered["yue"] == 0 for topic in found.topics)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["knowledge", "coverage", *arguments])
    return result.exit_code, result.output


def test_the_command_proves_the_coverage() -> None:
    code, output = run()
    count = len(load_facts(get_settings().data_dir / "facts" / "facts.jsonl"))
    assert code == 0
    assert f"{count} of {count} facts are stated by a published entry" in output
    assert "accommodation_reg" in output


@pytest.mark.parametrize(("text", "said"), [("[]", "no published entry states acc-24h"), ("- id: [", "error: ")])
def test_the_command_says_what_is_missing_or_wrong(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    code, output = run(str(tmp_path))
    assert code == (2 if said == "error: " else 1)
    assert said in output


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    assert run(str(tmp_path / "missing"))[0] == 2


def test_the_database_counts_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What editors withdraw in the database is missed there, whatever the files say."""
    monkeypatch.setenv("CONSULT_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/consult.db")
    monkeypatch.setattr("api.commands.common.get_settings", Settings)
    code, output = run("--database")
    assert code == 2 and "no published entry" in output

    async def seed(container: Container) -> None:
        (tmp_path / "entries").mkdir()
        one = make_entry("a", "问", questions=wordings(12), facts=["acc-24h"])
        (tmp_path / "entries" / "a.yaml").write_text(yaml.safe_dump([to_dict(one)]), encoding="utf-8")
        await container.knowledge.seed(tmp_path / "entries")

    with_container(seed)
    code, output = run("--database")
    assert code == 1
    assert "no published entry states acc-fine" in output and "states acc-24h" not in output

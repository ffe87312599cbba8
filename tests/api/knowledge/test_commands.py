"""``consult knowledge`` as an operator uses it: in and out without loss, all or nothing, and the life of an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from api.commands.common import out
from api.knowledge import files
from api.settings import ROOT, get_settings
from knowledge.entries import from_dict, load_folder
from tests.api.knowledge.conftest import REVIEWED, entry

Consult = Callable[..., Result]


@pytest.fixture
def consult(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consult]:
    """The command line on a database of its own; ``status`` is the expected exit status."""
    monkeypatch.setenv("CONSULT_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setattr(out, "width", 200)  # a console that was made before takes no notice of COLUMNS
    get_settings.cache_clear()

    def call(*words: object, status: int = 0) -> Result:
        result = CliRunner().invoke(app, ["knowledge", *map(str, words)])
        assert result.exit_code == status, result.output + repr(result.exception)
        return result

    yield call
    get_settings.cache_clear()


def write(path: Path, *entries: dict[str, object]) -> Path:
    path.write_text(yaml.safe_dump(list(entries), allow_unicode=True, sort_keys=False), "utf-8")
    return path


def test_every_entry_of_the_project_survives_export_and_import(tmp_path: Path) -> None:
    entries = load_folder(ROOT / "data" / "knowledge" / "entries")
    files.write_folder(entries, tmp_path / "out")
    again = {one.id: one for one in load_folder(tmp_path / "out")}
    assert again == {one.id: one for one in entries} and len(again) > 300


def test_every_member_survives_export_and_import_through_the_database(tmp_path: Path, consult: Consult) -> None:
    body = entry(
        "full", more={"zh": "更多：\n第二行", "yue": "更多", "en": "more: yes"}, owner="12345", region="440300",
        review=REVIEWED, valid_from="2026-01-01", valid_to="2027-12-31", needs=["city"], audience="foreigners",
        related=["part"], answer={"zh": "- 120元 #1", "yue": "'120蚊'", "en": "yes: 120 \"yuan\"\n\nand more"},
    )  # fmt: skip
    plain = entry("part", review=REVIEWED)
    consult("import", write(tmp_path / "in.yaml", body, plain))
    consult("export", tmp_path / "out")
    assert {one.id: one for one in load_folder(tmp_path / "out")} == {
        "full": from_dict(body), "part": from_dict(plain),
    }  # fmt: skip
    assert "0 of 2 entries written" in consult("import", tmp_path / "out").output


def test_an_import_is_all_or_nothing_and_names_file_and_line(tmp_path: Path, consult: Consult) -> None:
    good = entry("good", review=REVIEWED)
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.yaml", good)
    for wrong, said in (
        ({"area": "papers"}, "area"),
        ({"facts": ["no-such-fact"]}, "no-such-fact"),
        ({"region": "999999"}, "999999"),
        ({"supersedes": "bad"}, "circle"),
        ({"id": "good"}, "already used in a.yaml:1"),
        ({"authority": "nobody"}, "authority"),
        ({"review": None}, "second reader"),
        ({"valid_from": "2027-01-01", "valid_to": "2026-01-01"}, "valid_to"),
    ):
        write(folder / "b.yaml", entry("bad", review=REVIEWED) | wrong)
        result = consult("import", folder, status=2)
        assert "b.yaml:1" in result.stderr or "b.yaml:" in result.stderr, wrong
        assert said in result.stderr and "nothing was imported" in result.stderr
    (folder / "b.yaml").write_text("- id: [", "utf-8")
    assert "b.yaml" in consult("import", folder, status=2).stderr
    assert "0 entries" in consult("list").output


def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path: Path, consult: Consult) -> None:
    file = write(tmp_path / "a.yaml", entry("one", review=REVIEWED))
    assert "one: version 1: new" in consult("import", file, "--dry-run").output
    assert "0 entries" in consult("list").output
    consult("import", file)
    write(file, entry("one", review=REVIEWED, topic="visa"))
    assert "one: version 2: topic" in consult("import", file, "--dry-run").output
    assert "2" not in consult("list", "--topic", "visa").output.splitlines()[-1]


def test_an_operator_moves_an_entry_through_its_life(tmp_path: Path, consult: Consult) -> None:
    file = write(tmp_path / "a.yaml", entry("one"))
    consult("import", file, "--drafts")
    assert "somebody else must review" in consult("review", "one", status=2).stderr
    write(file, entry("two", review=REVIEWED))
    consult("import", file)
    write(file, entry("two", review=REVIEWED, topic="visa"))
    consult("import", file)
    assert "topic" in consult("diff", "two", 1, 2).output
    assert "becomes only retired" in consult("publish", "two", status=2).stderr
    assert "retired on 2999-01-01" in consult("retire", "two", "--on", "2999-01-01").output
    assert "2999-01-01" in consult("due").output
    assert "published, says what version 1 said" in consult("rollback", "two", 1, "--publish").output
    shown = consult("show", "two").output
    assert "topic: passport" in shown and "replaced by version 3" in shown
    consult("retire", "two", "--note", "over")
    assert "retired" in consult("list", "--status", "retired").output
    assert "no entry" in consult("show", "nobody", status=2).stderr
    assert "no date" in consult("retire", "two", "--on", "tomorrow", status=2).stderr
    assert "CONSULT_PARTNERS" in consult("sync", "http://127.0.0.1:9", "--partner", "12345", status=2).stderr

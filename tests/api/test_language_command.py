"""`consult language`: one answer a line, whatever the line."""

from typer.testing import CliRunner

from api.cli import app


def test_each_line_of_standard_input_gets_a_language_and_its_confidence() -> None:
    lines = "護照唔見咗點算\n请问怎么办\nhow are you\nbonjour je voudrais un visa\nvisa\n\n"
    done = CliRunner().invoke(app, ["language"], input=lines)
    assert done.exit_code == 0
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == ["yue", "zh", "en", "fr", "none", "none"]
    assert all(0 <= float(row[1]) <= 1 for row in rows)

"""Tables that cannot be right are refused with file and line, and nothing of them is used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.paths import DATA
from knowledge.tools.policies import Policies
from knowledge.tools.tables import TableError


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("places", "facts"):
        (tmp_path / name).symlink_to(DATA / name)
    shutil.copytree(DATA / "visa", tmp_path / "visa")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("unilateral", "[BN]", "[QQ]", "'QQ' is no country"),
        ("unilateral", "since: 2025-11-10, until", "since: 2027-11-10, until", "until: lies before since"),
        ("unilateral", "facts: [vf-other]}", "facts: [vf-nothing]}", "'vf-nothing' is no fact"),
        ("unilateral", "[BN]", "[SE]", "'SE' stands there twice"),
        ("unilateral", "stay: {days: 30}", "stay: {days: 30, hours: 2}", "either days or hours"),
        ("unilateral", "rank: 10", "rank: ten", "rank"),
        ("unilateral", "as_of", "as_off", "as_off"),
        ("unilateral", "tourism, business", "tourism, spying", "purposes"),
        ("hainan", '["460000"]', '["990000"]', "'990000' is no division"),
        ("groups", "[air-kwl]", "[air-xxx]", "'air-xxx' is no port"),
        ("hainan", "id: hainan", "id: unilateral", "is used twice"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_line(data: Path, file: str, old: str, new: str, says: str) -> None:
    path = data / "visa" / f"{file}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path.write_text(changed, "utf-8")
    with pytest.raises(TableError) as caught:
        Policies.load(data)
    (first, *_) = caught.value.problems
    assert says in str(caught.value) and first.file in (f"{file}.yaml", "unilateral.yaml")
    line = text[: text.index(old)].count("\n") + 1
    assert any(abs(problem.line - line) <= 2 for problem in caught.value.problems), str(caught.value)


def test_the_projects_own_tables_are_sound() -> None:
    assert len(Policies.load(DATA).policies) == 12

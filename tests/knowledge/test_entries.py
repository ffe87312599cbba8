"""Entry files: what is read, and how each fault is shown."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.entries import EntryError, Review, effective, from_dict, load_folder, to_dict
from knowledge.entry_rules import load_divisions, load_facts, validate
from knowledge.paths import DATA

from .conftest import make_entry

GOOD = """\
- id: passport-fee
  topic: passport
  area: documents
  questions:
    zh: [护照多少钱, 护照多少钱, 护照费用]
  answer: {zh: 120元。}
  authority: exit_entry
  sources: [{title: {zh: 收费标准}, url: null, date: 2024-07}]
  valid_from: 2025-01
  valid_to: "2026-12-31"
  facts: [pp-fee]
"""


def write(folder: Path, text: str, name: str = "a.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_file_is_read(tmp_path: Path) -> None:
    (entry,) = load_folder(write(tmp_path, GOOD))
    assert entry.questions["zh"] == ("护照多少钱", "护照费用")
    assert (entry.valid_from, entry.valid_to) == (date(2025, 1, 1), date(2026, 12, 31))
    assert (entry.status, entry.version, entry.audience, entry.place) == ("published", 1, "everyone", ("a.yaml", 1))
    assert entry.sources[0].date == "2024-07"


@pytest.mark.parametrize("key", ["on", '"on"'])
def test_the_day_of_a_review_is_read_with_and_without_quotes(tmp_path: Path, key: str) -> None:
    """YAML 1.1 would read a bare `on` as true."""
    (entry,) = load_folder(write(tmp_path, GOOD + f"  review: {{{key}: 2026-11-25, role: second reader}}\n"))
    assert entry.review == Review(date(2026, 11, 25), "second reader")


def test_json_shape_survives_a_round_trip(tmp_path: Path) -> None:
    (entry,) = load_folder(write(tmp_path, GOOD))
    assert from_dict(to_dict(entry)) == entry
    assert to_dict(entry)["valid_to"] == "2026-12-31"


@pytest.mark.parametrize(
    ("old", "new", "field", "line"),
    [
        ("area: documents", "area: papers", "area", 3),
        ("id: passport-fee", "id: Passport_Fee", "id", 1),
        ("topic: passport", "topic: ''", "topic", 2),
        ("topic: passport", "colour: red", "colour", 2),
        ("answer: {zh: 120元。}", "answer: {fr: 120}", "answer", 6),
        ("answer: {zh: 120元。}", "answer: 120元", "answer", 6),
        ("zh: [护照多少钱, 护照多少钱, 护照费用]", "zh: []", "questions", 4),
        ("zh: [护照多少钱, 护照多少钱, 护照费用]", "zh: 护照", "questions", 4),
        ("url: null", "url: nia.gov.cn", "sources", 8),
        ("date: 2024-07", "date: July", "sources", 8),
        ("valid_from: 2025-01", "valid_from: soon", "valid_from", 9),
        ("valid_from: 2025-01", "valid_from: 2027-01-01", "valid_to", 10),
        ("facts: [pp-fee]", "facts: pp-fee", "facts", 11),
        ("facts: [pp-fee]", "needs: [age]", "needs", 11),
        ("facts: [pp-fee]", "audience: all", "audience", 11),
        ("facts: [pp-fee]", "general: maybe", "general", 11),
        ("facts: [pp-fee]", "version: 0", "version", 11),
        ("facts: [pp-fee]", "status: ready", "status", 11),
    ],
)
def test_a_fault_names_file_line_entry_and_field(tmp_path: Path, old: str, new: str, field: str, line: int) -> None:
    with pytest.raises(EntryError) as caught:
        load_folder(write(tmp_path, GOOD.replace(old, new)))
    faults = {(problem.file, problem.line, problem.field) for problem in caught.value.problems}
    assert ("a.yaml", line, field) in faults
    assert "a.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["- id: [", "just text", "- [1, 2]", "- id: a\n  id: b\n"], ids=["syntax", "text", "list", "key twice"]
)
def test_what_is_no_entry_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(EntryError, match=r"a\.yaml"):
        load_folder(write(tmp_path, text))


def test_all_faults_of_all_files_are_listed(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("documents", "x"))
    write(tmp_path, GOOD.replace("passport-fee", "other").replace("documents", "y"), "b.yaml")
    with pytest.raises(EntryError) as caught:
        load_folder(tmp_path)
    assert [problem.file for problem in caught.value.problems] == ["a.yaml", "b.yaml"]


def test_an_id_is_used_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(EntryError, match=r"already used in a\.yaml:1"):
        load_folder(write(tmp_path, GOOD, "b.yaml"))


def test_a_wrong_folder_is_no_empty_knowledge_base(tmp_path: Path) -> None:
    assert load_folder(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        load_folder(tmp_path / "missing")


@pytest.mark.parametrize(
    ("status", "day", "answerable"),
    [
        ("published", date(2026, 1, 1), True),
        ("published", date(2026, 12, 31), True),
        ("published", date(2025, 12, 31), False),
        ("published", date(2027, 1, 1), False),
        ("draft", date(2026, 6, 1), False),
        ("reviewed", date(2026, 6, 1), False),
        ("retired", date(2026, 6, 1), False),
    ],
)
def test_only_published_entries_inside_their_dates_are_effective(status: str, day: date, answerable: bool) -> None:
    entry = make_entry("a", "问", status=status, valid_from="2026-01-01", valid_to="2026-12-31")
    assert effective(entry, day) is answerable


FACTS: dict[str, dict[str, Any]] = {
    "sure": {"confidence": "verified", "volatile": False},
    "guess": {"confidence": "general", "volatile": True},
}


READ = {"on": "2026-11-25", "role": "second reader"}


def complete(**fields: Any) -> Any:
    """An entry without any fault, but for the given fields."""
    values = {
        "questions": {
            "zh": [f"问{n}" for n in range(12)],
            "yue": [f"問咩{n}" for n in range(12)],
            "en": [f"ask {n}" for n in range(12)],
        },
        "review_by": "2027-05-31",
        "review": READ,
        "facts": ["sure"],
    }
    return make_entry(fields.pop("id", "a"), "问", **{**values, **fields})


def test_a_complete_entry_has_no_fault() -> None:
    assert validate([complete()], FACTS, {"440300"}) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"questions": {"zh": ["问"]}}, "questions"),
        ({"answer": {"zh": "答案。", "en": "An answer."}}, "answer"),
        ({"answer": {"zh": "簽證。", "yue": "簽證。", "en": "x"}}, "answer"),
        ({"answer": {"zh": "签证。", "yue": "签证。", "en": "x"}}, "answer"),
        ({"region": "999999"}, "region"),
        ({"related": ["nobody"]}, "related"),
        ({"related": ["a"]}, "related"),
        ({"review_by": None}, "review_by"),
        ({"facts": []}, "facts"),
        ({"facts": ["unknown"]}, "facts"),
        ({"general": True}, "general"),
        ({"facts": ["guess"], "general": True}, "review_by"),
        ({"questions": {"zh": ["问"], "yue": ["問"], "en": ["ask"]}}, "questions"),
        ({"answer": {"zh": "答" * 251, "yue": "答案。", "en": "An answer."}}, "answer"),
        ({"answer": {"zh": "答案。", "yue": "答" * 251, "en": "An answer."}}, "answer"),
        ({"answer": {"zh": "答案。", "yue": "答案。", "en": "word " * 121}}, "answer"),
        ({"more": {"zh": "还有。", "en": "And."}}, "more"),
        ({"more": {"zh": "還有簽證。", "yue": "仲有簽證。", "en": "And."}}, "more"),
        ({"review": None}, "review"),
        ({"review_by": "2026-11-24"}, "review_by"),
        ({"valid_to": "2027-05-30"}, "review_by"),
        ({"supersedes": "nobody"}, "supersedes"),
        ({"supersedes": "a"}, "supersedes"),
    ],
)
def test_rules_between_entries_facts_and_divisions(fields: dict[str, Any], field: str) -> None:
    assert field in {problem.field for problem in validate([complete(**fields)], FACTS, {"440300"})}


def test_what_fits_the_limits_has_no_fault() -> None:
    answer = {"zh": "答" * 250, "yue": "答" * 250, "en": "word " * 120}
    more = {"zh": "还有。", "yue": "仲有。", "en": "And " * 200}
    assert validate([complete(answer=answer, more=more, valid_to="2027-05-31")], FACTS, ()) == []


def test_a_draft_may_be_short_of_wordings_and_unread() -> None:
    draft = complete(status="draft", review=None, questions={"zh": ["问"], "yue": ["問"], "en": ["ask"]})
    assert validate([draft], FACTS, ()) == []


def test_supersedes_ends_somewhere() -> None:
    def chain(id: str, before: str | None) -> Any:
        questions = {language: [f"{id} {language} {n}" for n in range(12)] for language in ("zh", "yue", "en")}
        return complete(id=id, supersedes=before, questions=questions)

    assert validate([chain("c", "b"), chain("b", "a"), chain("a", None)], FACTS, ()) == []
    circle = validate([chain("c", "b"), chain("b", "a"), chain("a", "c")], FACTS, ())
    assert [(problem.entry, problem.field) for problem in circle] == [(id, "supersedes") for id in "cba"]


def test_a_wording_belongs_to_one_entry_of_a_region() -> None:
    twins = [complete(), complete(id="b")]
    assert any("also stands under a" in problem.message for problem in validate(twins, FACTS, ()))
    local = complete(id="b", region="440300")
    assert validate([complete(), local], FACTS, {"440300"}) == []


def test_the_projects_own_entries_are_sound() -> None:
    entries = load_folder(DATA / "knowledge" / "entries")
    facts = load_facts(DATA / "facts" / "facts.jsonl")
    divisions = load_divisions(DATA / "places" / "divisions.json")
    assert [str(problem) for problem in validate(entries, facts, divisions)] == []

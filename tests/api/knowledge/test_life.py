"""The life of an entry through the editors' calls."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import httpx
import pytest

from tests.api.knowledge.conftest import Editor, entry

_numbers = itertools.count()


@pytest.fixture
def name() -> str:
    return f"entry-{next(_numbers)}"


def public(house: str, name: str, version: int | None = None) -> httpx.Response:
    query = {"version": version} if version else {}
    return httpx.get(f"{house}/v1/knowledge/entries/{name}", params=query, trust_env=False)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what another task does; the pytest timeout ends a wait in vain."""
    while not holds():
        time.sleep(0.05)


def publish(name: str, version: int, reader: Editor) -> None:
    reader.move(name, version, "reviewed")
    reader.move(name, version, "published")


def test_an_entry_lives_from_draft_to_retired(house: str, anna: Editor, ben: Editor, name: str) -> None:
    made = anna.create(entry(name))
    assert (made["entry"]["version"], made["entry"]["status"], made["in_force"]) == (1, "draft", None)
    assert public(house, name).status_code == 404

    refused = anna.move(name, 1, "reviewed", 403)
    assert refused["type"] == "/problems/four-eyes" and "anna wrote version 1" in refused["detail"]
    assert anna.move(name, 1, "published", 409)["type"] == "/problems/no-such-move"

    read = ben.move(name, 1, "reviewed", note="looks right")
    assert read["entry"]["review"]["role"] == "second reader"
    anna.move(name, 1, "published")
    assert public(house, name).json()["version"] == 1
    finds = anna.ask("GET", "/find", 200, q=f"passport {name} lost, way 3 of asking", language="en")
    eventually(lambda: anna.ask("GET", "/find", 200, q=entry(name)["questions"]["en"][0])["found"][0]["entry"]["id"]
               == name)  # fmt: skip
    assert finds["language"] == "en"

    ben.move(name, 1, "retired", note="no longer so")
    assert public(house, name).status_code == 404
    assert public(house, name, 1).json()["status"] == "retired"
    history = anna.ask("GET", f"/entries/{name}/versions", 200)[0]["history"]
    assert [(step["after"], step["actor"]) for step in history] == [
        ("draft", "anna"), ("reviewed", "ben"), ("published", "anna"), ("retired", "ben"),
    ]  # fmt: skip


def test_the_old_version_stays_until_the_new_one_is_published(
    house: str, anna: Editor, ben: Editor, name: str
) -> None:
    anna.create(entry(name))
    publish(name, 1, ben)
    changed = entry(name, answer={"zh": "160元。", "yue": "160蚊。", "en": "160 yuan."})
    assert anna.edit(changed, 1)["in_force"] == 1
    ben.move(name, 2, "reviewed")
    assert public(house, name).json()["answer"]["zh"].endswith("120元。")
    after = ben.move(name, 2, "published")
    assert [(v["version"], v["status"], v["in_force"]) for v in after["versions"]] == [
        (2, "published", True), (1, "retired", False),
    ]  # fmt: skip
    assert public(house, name).json()["answer"]["zh"] == "160元。"
    diff = anna.ask("GET", f"/entries/{name}/diff", 200, **{"from": 1, "to": 2})
    zh = next(change for change in diff["changes"] if change["field"] == "answer.zh")
    assert "".join(text for kind, text in zh["parts"] if kind != "gone") == "160元。"
    assert "".join(text for kind, text in zh["parts"] if kind != "new") == f"{name}：120元。"


def test_two_editors_saving_at_once_the_second_is_told_who_and_what(anna: Editor, ben: Editor, name: str) -> None:
    anna.create(entry(name))
    anna.edit(entry(name, topic="visa"), 1)
    problem = ben.edit(entry(name, topic="permit"), 1, 409)
    assert problem["type"] == "/problems/edited-meanwhile"
    assert problem["current"]["writer"] == "anna" and problem["current"]["version"] == 2
    assert [change["field"] for change in problem["changes"]] == ["topic"]
    assert ben.edit(entry(name, topic="permit"), 2)["entry"]["version"] == 3


def test_what_was_written_over_is_not_published(anna: Editor, ben: Editor, name: str) -> None:
    """Version 2 rests on nothing that is out of date; version 3 was written before 2 was published."""
    anna.create(entry(name))
    publish(name, 1, ben)
    anna.edit(entry(name, topic="visa"), 1)
    anna.edit(entry(name, topic="permit"), 2)
    publish(name, 2, ben)
    assert ben.move(name, 3, "reviewed")["versions"][0]["status"] == "reviewed", "3 was written on top of 2"
    anna.ask("POST", f"/entries/{name}/rollback", 200, {"to": 1, "base": 3})
    publish(name, 4, ben)
    assert ben.move(name, 3, "published", 409)["type"] == "/problems/overtaken"


def test_a_rollback_is_reviewed_unless_an_administrator_publishes_it(
    house: str, anna: Editor, ben: Editor, carol: Editor, name: str
) -> None:
    anna.create(entry(name))
    publish(name, 1, ben)
    anna.edit(entry(name, topic="visa"), 1)
    publish(name, 2, ben)
    back = anna.ask("POST", f"/entries/{name}/rollback", 200, {"to": 1, "base": 2})
    assert (back["entry"]["version"], back["entry"]["status"], back["entry"]["topic"]) == (3, "draft", "passport")
    wish = {"to": 1, "base": 3, "publish": True, "note": "wrong at night"}
    assert ben.ask("POST", f"/entries/{name}/rollback", 403, wish)["type"] == "/problems/role-needed"
    assert (
        carol.ask("POST", f"/entries/{name}/rollback", 409, {**wish, "to": 3})["type"] == "/problems/never-published"
    )
    assert carol.ask("POST", f"/entries/{name}/rollback", 200, wish)["in_force"] == 4
    assert public(house, name).json()["topic"] == "passport"
    log = carol.http.get("/v1/audit", params={"subject": name}).json()
    assert log["broken_at"] is None
    assert ("carol", "entry.write", "published") in [
        (record["actor"], record["action"], record["details"]["to"]) for record in log["records"]
    ]


def test_publishing_a_successor_retires_what_it_supersedes(house: str, anna: Editor, ben: Editor, name: str) -> None:
    anna.create(entry(f"{name}-old"))
    publish(f"{name}-old", 1, ben)
    anna.create(entry(name, supersedes=f"{name}-old"))
    publish(name, 1, ben)
    assert public(house, f"{name}-old").status_code == 404 and public(house, name).status_code == 200
    for wrong in (f"{name}-old", "nobody", name):
        body = entry(f"{name}-old", supersedes=wrong if wrong != f"{name}-old" else name)
        assert anna.edit(body, 1, 422)["errors"][0]["field"] == "supersedes"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"area": "papers"}, "area"),
        ({"region": "999999"}, "region"),
        ({"authority": "nobody"}, "authority"),
        ({"valid_from": "2027-01-01", "valid_to": "2026-01-01"}, "valid_to"),
        ({"answer": {"en": "x"}}, "answer"),
        ({"supersedes": "nobody"}, "supersedes"),
        ({"id": "Not An Id"}, "id"),
    ],
)
def test_what_cannot_be_stored_names_its_field(
    anna: Editor, name: str, fields: dict[str, object], field: str
) -> None:
    problem = anna.create(entry(name) | fields, 422)
    assert field in {error["field"] for error in problem["errors"]}
    anna.ask("GET", f"/entries/{name}", 404)


def test_what_is_incomplete_is_a_draft_and_no_more(anna: Editor, ben: Editor, name: str) -> None:
    body = entry(name, facts=["unknown-fact"], questions={"zh": [f"{name}问"]})
    assert anna.create(body)["entry"]["status"] == "draft"
    problem = ben.move(name, 1, "reviewed", 422)
    assert {"questions", "facts"} <= {error["field"] for error in problem["errors"]}
    checked = anna.ask("POST", "/check", 200, {"entry": body})
    assert checked["storable"] and not checked["publishable"]
    assert {"questions", "facts"} <= {fault["field"] for fault in checked["faults"]}
    assert anna.ask("POST", "/check", 200, {"entry": entry(f"{name}-free")}) == {
        "storable": True, "publishable": True, "faults": [],
    }  # fmt: skip
    assert not anna.ask("POST", "/check", 200, {"entry": body | {"area": "x"}})["storable"]


def test_lists_find_by_state_language_dates_and_words(anna: Editor, name: str) -> None:
    anna.create(entry(name, topic=f"topic-{name}", answer={"zh": f"独特{name}"}, valid_to="2026-12-31"))
    for query in (
        {"status": "draft"}, {"topic": f"topic-{name}"}, {"missing": "yue"}, {"expires_before": "2027-01-01"},
        {"q": f"独特{name}"}, {"review_before": "2027-02-01", "area": "documents", "owner": "12367"},
    ):  # fmt: skip
        page = anna.ask("GET", "/entries", 200, size=200, **query)
        assert name in [row["id"] for row in page["entries"]], query
    for query in (
        {"status": "published"},
        {"status": "retired"},
        {"missing": "zh"},
        {"owner": "12345"},
        {"q": "100%"},
    ):
        assert name not in [row["id"] for row in anna.ask("GET", "/entries", 200, size=200, **query)["entries"]]
    first = anna.ask("GET", "/entries", 200, size=1)
    assert len(first["entries"]) == 1 and first["total"] > 1
    assert anna.ask("GET", "/entries", 200, size=1, page=2)["entries"] != first["entries"]


def test_reminders_show_what_waits(anna: Editor, name: str) -> None:
    anna.create(entry(name))
    found = anna.ask("GET", "/reminders", 200, days=366)
    assert name in [row["id"] for row in found["to_review"]]
    assert "alpha" in [row["id"] for row in found["review_due"]]
    assert anna.ask("GET", "/reminders", 200, days=1)["review_due"] == []


def test_plans_are_made_shown_and_dropped(anna: Editor, ben: Editor, name: str) -> None:
    anna.create(entry(name))
    ben.move(name, 1, "reviewed")
    assert anna.move(name, 1, "published", 422, on="2020-01-01")["errors"][0]["field"] == "on"
    planned = anna.move(name, 1, "published", on="2999-01-01")
    assert [(plan["to"], plan["on"]) for plan in planned["plans"]] == [("published", "2999-01-01")]
    assert planned["in_force"] is None
    assert anna.move(name, 1, "draft", 422, on="2999-01-01")["errors"][0]["field"] == "on"
    assert anna.ask("DELETE", f"/entries/{name}/plans/published", 200)["plans"] == []
    anna.ask("DELETE", f"/entries/{name}/plans/published", 404)


def test_the_allowed_moves_say_why_not(anna: Editor, ben: Editor, name: str) -> None:
    moves = {move["to"]: move for move in anna.create(entry(name))["moves"]}
    assert not moves["reviewed"]["allowed"] and "anna wrote" in moves["reviewed"]["reason"]
    assert moves["retired"]["allowed"]
    theirs = {move["to"]: move for move in ben.ask("GET", f"/entries/{name}", 200)["moves"]}
    assert theirs["reviewed"]["allowed"] and theirs["reviewed"]["reason"] is None

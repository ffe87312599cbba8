"""What conversations teach: groups of questions without an answer, traffic, coverage; who may see them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import build
from api.migrations import migrate
from tests.api.conftest import PASSWORD
from tests.api.test_conversations import problem
from tests.processes import ROOT, SeatClient, Visitor, gateway, settings

VAGUE = ("港澳通行证过期", "签证过期", "外国人居留", "通行证怎么弄", "小孩证件", "过关排队", "台湾的证")
UNKNOWN = ("我想知道火星上的蘑菇怎么种", "火星上的蘑菇怎么种")


async def prepare(current: Any) -> None:
    """Accounts of every role."""
    container = build(current)
    await migrate(container.database)
    for role in ("seat", "supervisor", "editor", "administrator"):
        await container.seats.add(role, role, "masc", PASSWORD, ("zh", "yue", "en"), roles=(role,))
    await container.engine.close()
    await container.database.close()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    current = settings(tmp_path_factory.mktemp("insights"))
    asyncio.run(prepare(current))
    with gateway(current) as address:
        yield address


@pytest.fixture(scope="module")
def editor(url: str) -> SeatClient:
    return SeatClient(url, "editor", PASSWORD)


def groups(editor: SeatClient, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = editor.http.get("/v1/insights/questions", params=query).json()
    return found


def group_of(editor: SeatClient, text: str, **query: Any) -> dict[str, Any] | None:
    for group in groups(editor, limit=200, **query)["groups"]:
        if any(wording["text"] == text for wording in group["wordings"]):
            return dict(group)
    return None


@pytest.mark.parametrize("path", ["questions", "traffic", "coverage", "references"])
@pytest.mark.parametrize(
    ("role", "status"), [("seat", 403), ("supervisor", 200), ("editor", 200), ("administrator", 200)]
)
def test_who_may_see_insights(url: str, path: str, role: str, status: int) -> None:
    assert SeatClient(url, role, PASSWORD).http.get(f"/v1/insights/{path}").status_code == status


def test_declined_questions_come_together_with_what_is_near(url: str, editor: SeatClient) -> None:
    for text in UNKNOWN:
        assert Visitor(url).say(text)["replies"][0]["kind"] == "decline"
    group = group_of(editor, UNKNOWN[0])
    assert group is not None and group == group_of(editor, UNKNOWN[1])
    assert (group["count"], group["reasons"], group["languages"]) == (2, {"declined": 2}, {"zh": 2})
    assert all(0 <= near["score"] <= 1 and near["title"]["zh"] for near in group["nearest"])
    assert group["first_at"] <= group["last_at"]
    assert group_of(editor, UNKNOWN[0], language="en") is None
    assert group_of(editor, UNKNOWN[0], reason=["disliked"]) is None


def test_an_answer_that_did_not_help_is_listed_with_its_entry(url: str, editor: SeatClient) -> None:
    visitor = Visitor(url)
    answer = visitor.say("护照多少钱")["replies"][0]
    assert group_of(editor, "护照多少钱") is None
    feedback = f"messages/{answer['id']}/feedback"
    visitor.post(feedback, {"helpful": False})
    group = group_of(editor, "护照多少钱")
    assert group and group["reasons"] == {"disliked": 1} and group["entries"] == [answer["entry"]["id"]]
    visitor.post(feedback, {"helpful": True})
    assert group_of(editor, "护照多少钱") is None


def test_a_badly_rated_conversation_counts_its_last_question(url: str, editor: SeatClient) -> None:
    visitor = Visitor(url)
    visitor.say("港澳通行证丢了怎么补办")
    visitor.say("补办台胞证要多久")
    assert visitor.post("rating", {"score": 2}).status_code == 200
    assert group_of(editor, "补办台胞证要多久", reason=["disliked"])
    assert group_of(editor, "港澳通行证丢了怎么补办") is None


def test_what_ended_with_a_human_counts_the_question_before(url: str, editor: SeatClient) -> None:
    visitor = Visitor(url, origin="overseas")
    visitor.say("居留许可丢了怎么办")
    visitor.post("handoff", {})
    group = group_of(editor, "居留许可丢了怎么办")
    assert group and group["reasons"] == {"handed_over": 1}


def test_a_button_that_was_pressed_clears_the_doubt(url: str, editor: SeatClient) -> None:
    """ "Did you mean …" is a failure only when none of it was meant."""
    for asked in VAGUE:
        decided, undecided = Visitor(url), Visitor(url)
        reply = decided.say(asked)["replies"][0]
        guesses = [choice["payload"] for choice in reply["choices"] if choice["payload"].startswith("/answer")]
        if reply["kind"] == "clarify" and guesses:
            break
    else:
        raise AssertionError("none of these questions is asked back any more: name others")
    decided.say(guesses[0])
    assert group_of(editor, asked) is None
    undecided.say(asked)
    group = group_of(editor, asked)
    assert group and (group["count"], group["reasons"]) == (1, {"unclear": 1})


def test_traffic_counts_answers_by_entry_day_and_language(url: str, editor: SeatClient) -> None:
    visitor = Visitor(url)
    answers = [visitor.say(text)["replies"][0] for text in ("办护照要多少钱", "How much is a passport?")]
    entry = answers[0]["entry"]["id"]
    before = editor.http.get("/v1/insights/traffic", params={"entry": entry}).json()["entries"][0]
    visitor.say("办护照要多少钱")
    visitor.post(f"messages/{answers[0]['id']}/feedback", {"helpful": True})
    found = editor.http.get("/v1/insights/traffic", params={"entry": entry, "days": 7}).json()
    (after,) = found["entries"]
    assert (after["id"], after["answers"]) == (entry, before["answers"] + 1)
    assert after["helpful"] == before["helpful"] + 1
    assert sum(after["languages"].values()) == after["answers"] == found["answers"]
    (today,) = after["days"]
    assert today["day"] == found["until"] and today["answers"] == after["languages"]
    everything = editor.http.get("/v1/insights/traffic").json()
    assert everything["entries"][0]["answers"] >= after["answers"]
    assert everything["total"] == len(everything["entries"])


def test_coverage_adds_up(editor: SeatClient) -> None:
    found = editor.http.get("/v1/insights/coverage").json()
    assert sum(topic["entries"] for topic in found["topics"]) == found["entries"] > 300
    assert found["missing"] == [], "every fact of the sheet is stated"
    assert sum(topic["thin"] for topic in found["topics"]) == len({one["id"] for one in found["thin"]})


def test_references_name_every_fact_and_who_states_it(editor: SeatClient) -> None:
    found = editor.http.get("/v1/insights/references").json()
    sheet = [json.loads(line) for line in (ROOT / "data/facts/facts.jsonl").read_text("utf-8").splitlines()]
    assert [fact["id"] for fact in found["facts"]] == [fact["id"] for fact in sheet]
    assert all(fact["stated_by"] for fact in found["facts"])
    assert {"nia", "everyone"} <= {one["code"] for one in found["authorities"]} | set(found["audiences"])


def test_references_call_topics_as_the_pages_do(editor: SeatClient) -> None:
    """`data/portal/topics.yaml` is where every name comes from."""
    topics = {one["code"]: one for one in editor.http.get("/v1/insights/references").json()["topics"]}
    assert topics["passport"] == {"code": "passport", "zh": "护照", "en": "Passports"}
    assert all(one["zh"] != code for code, one in topics.items()), "a topic of an entry or a fact has a name"


def test_a_preview_is_what_a_visitor_gets(url: str, editor: SeatClient) -> None:
    reply = Visitor(url).say("护照多少钱")["replies"][0]
    entry = editor.http.get(f"/v1/knowledge/entries/{reply['entry']['id']}").json()
    wish = {
        name: entry[name]
        for name in ("answer", "more", "sources", "authority", "general", "valid_to", "region")
    }  # fmt: skip
    found = editor.http.post("/v1/insights/preview", json=wish).json()["messages"]
    seen = ("kind", "text", "language", "sources", "more", "valid_to", "region")
    assert {name: found["zh"][name] for name in seen} == {name: reply[name] for name in seen}
    assert found["yue"]["text"].startswith(entry["answer"]["yue"]) and found["en"]["language"] == "en"


def test_half_a_draft_has_a_preview_too(editor: SeatClient) -> None:
    half = {"answer": {"zh": "说明。"}, "authority": "?", "sources": [{"title": {"zh": ""}}], "general": True}
    found = editor.http.post("/v1/insights/preview", json=half).json()["messages"]
    assert found["yue"]["text"].startswith("說明。") and found["zh"]["sources"] == []
    begun = editor.http.post("/v1/insights/preview", json={**half, "more": {"en": "More."}}).json()["messages"]
    assert (begun["zh"]["more"], begun["en"]["more"]) == (None, "More.")
    assert editor.http.post("/v1/insights/preview", json={"answer": {"en": "Only."}}).json() == {"messages": {}}


@pytest.mark.parametrize(
    ("path", "field"), [("questions?days=0", "days"), ("questions?reason=x", "reason"), ("traffic?days=400", "days")]
)
def test_bad_questions_name_the_field(editor: SeatClient, path: str, field: str) -> None:
    answer = editor.http.get(f"/v1/insights/{path}")
    problem(answer, 422)
    assert answer.json()["errors"][0]["field"].startswith(field)

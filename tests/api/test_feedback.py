"""Thumbs on single answers: the visitor's own, changeable, masked, and only on what the bot answered."""

from __future__ import annotations

import pytest

from tests.api.test_conversations import problem
from tests.processes import Visitor


def test_a_thumb_is_stored_shown_and_may_change(visitor: Visitor) -> None:
    answer = visitor.say("护照多少钱")["replies"][0]
    assert answer["helpful"] is None
    for helpful, comment in ((True, None), (True, None), (False, "没有说去哪里办")):
        response = visitor.post(f"messages/{answer['id']}/feedback", {"helpful": helpful, "comment": comment})
        assert response.json() == {"message_id": answer["id"], "helpful": helpful, "comment": comment}
        shown = {message["id"]: message for message in visitor.read()["messages"]}[answer["id"]]
        assert shown == {**answer, "helpful": helpful}


def test_a_remark_is_masked(visitor: Visitor) -> None:
    answer = visitor.say("护照多少钱")["replies"][0]
    body = {"helpful": False, "comment": "我的手机 13800138000"}
    assert "13800138000" not in visitor.post(f"messages/{answer['id']}/feedback", body).text


def test_only_answers_of_the_bot_can_be_judged(visitor: Visitor) -> None:
    exchange = visitor.say("护照多少钱")
    for message in (exchange["message"], visitor.begun["messages"][0]):
        response = visitor.post(f"messages/{message['id']}/feedback", {"helpful": True})
        problem(response, 422, "message_id")


@pytest.mark.parametrize("body", [{}, {"helpful": "perhaps"}, {"helpful": True, "colour": 1}])
def test_bad_feedback_names_the_field(visitor: Visitor, body: dict[str, object]) -> None:
    answer = visitor.say("护照多少钱")["replies"][0]
    problem(visitor.post(f"messages/{answer['id']}/feedback", body), 422)


def test_nobody_judges_in_another_conversation(url: str, visitor: Visitor) -> None:
    answer = visitor.say("护照多少钱")["replies"][0]
    other = Visitor(url)
    problem(other.post(f"messages/{answer['id']}/feedback", {"helpful": True}), 404)
    stolen = visitor.http.post(
        f"/v1/conversations/{visitor.id}/messages/{answer['id']}/feedback",
        json={"helpful": True}, headers=other.headers,
    )  # fmt: skip
    problem(stolen, 403)

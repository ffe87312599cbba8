"""A policy that is over: the day after, nothing is answered from it, and the reply says when it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.services import Services
from actions.turn import Memory
from knowledge.language import Language
from knowledge.search import Searcher
from tests.actions.test_decisions import Base, decided, services, turn

__all__ = ["services"]  # the fixture

LAST, AFTER = date(2026, 12, 31), date(2027, 1, 1)
DAY: dict[Language, str] = {"zh": "2026年12月31日", "yue": "2026年12月31日", "en": "31 December 2026"}
ASKED: dict[Language, str] = {
    "zh": "德国人来旅游两周要签证吗",
    "yue": "日本人嚟旅行使唔使簽證",
    "en": "do French people need a visa for two weeks",
}


def on(services: Services, day: date) -> Services:
    """The same service on another day."""
    base = services.knowledge
    assert isinstance(base, Base)
    return replace(services, knowledge=replace(base, day=day))


@pytest.mark.parametrize("language", ["zh", "yue", "en"])
def test_an_answer_stops_the_day_after_and_says_so(services: Services, language: Language) -> None:
    said = turn(ASKED[language], "ask_clearance", language)
    assert decided(on(services, LAST), "action_answer", said)[0]["kind"] == "answer"
    said = turn(ASKED[language], "ask_clearance", language)
    reply = decided(on(services, AFTER), "action_answer", said)[0]
    assert reply["kind"] == "decline" and reply["entry"] is None
    assert DAY[language] in str(reply["text"]) and "12367" in str(reply["text"])
    assert [choice["payload"] for choice in reply["choices"]] == ["/handoff"]  # type: ignore[attr-defined]


def test_an_old_button_and_what_was_waited_for_say_it_too(services: Services) -> None:
    later = on(services, AFTER)
    pressed = turn("x", "answer", entities={"entry": ["vf-japan-korea"]})
    memory = Memory(awaiting="nationality", pending="vf-country-overview")
    brought = turn("德国", "inform", memory=memory, entities={"nationality": ["DE"]})
    again = turn("再说一遍", "repeat", memory=Memory(entry="vf-japan-korea"))
    for action, said in (("action_open_entry", pressed), ("action_answer", brought), ("action_talk", again)):
        reply = decided(later, action, said)[0]
        assert reply["kind"] == "decline" and DAY["zh"] in str(reply["text"])


def test_a_choice_says_that_its_policy_is_over(services: Services) -> None:
    entry = services.knowledge.entry("vf-japan-korea")
    assert entry is not None
    assert "已于" not in on(services, LAST).label(entry, "zh", "hans")
    assert DAY["zh"] in on(services, AFTER).label(entry, "zh", "hans")
    assert DAY["en"] in on(services, AFTER).label(entry, "en", "hans")


def test_what_has_no_end_is_answered_on(services: Services) -> None:
    said = turn("", "answer", entities={"entry": ["vf-us"]})
    assert decided(on(services, AFTER), "action_open_entry", said)[0]["kind"] == "answer"


def test_an_ended_entry_that_was_replaced_stays_out(services: Services) -> None:
    base = services.knowledge
    assert isinstance(base, Base)
    old = base.entries["vf-japan-korea"]
    new = replace(old, id="vf-japan-korea-2027", valid_from=AFTER, valid_to=None, supersedes=old.id)
    index = base.searcher.index
    built = type(index).build([old, new], base.searcher._encoder, previous=index)
    searcher = Searcher(built, base.searcher._encoder, base.searcher._calibration)
    question = old.questions["zh"][0]
    for day, found in ((LAST, old.id), (AFTER, new.id)):
        hits = searcher.search(question, language="zh", region=None, on=day, with_ended=True)
        assert [hit.entry.id for hit in hits] == [found]

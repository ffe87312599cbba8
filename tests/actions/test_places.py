"""Ports and offices in a conversation: from the table where it knows more than an entry, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from actions.readings import look_up
from actions.services import Services
from actions.turn import Memory
from knowledge.entries import is_template
from knowledge.language import Language
from knowledge.tools.ports import SHANGHAI
from tests.actions.test_decisions import Base, decided, services, turn

__all__ = ["services"]  # the fixture


@dataclass
class Timed(Base):
    """The knowledge base at a given hour."""

    hour: int = 12

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, self.hour, 5, tzinfo=SHANGHAI)


def at(services: Services, hour: int) -> Services:
    """At an hour, and with every template published: what is in draft waits for its second reader."""
    base = services.knowledge
    assert isinstance(base, Base)
    entries = {e.id: replace(e, status="published") if is_template(e) else e for e in base.entries.values()}
    return replace(services, knowledge=Timed(entries, base.searcher, base.day, hour))


def told(services: Services, text: str, language: Language = "zh") -> dict[str, object]:
    reply = decided(services, "action_answer", turn(text, "ask_clearance", language))[0]
    assert "{" not in str(reply["text"])
    return reply


@pytest.mark.parametrize(
    ("language", "text"), [("zh", "罗湖现在开吗"), ("yue", "羅湖而家開唔開"), ("en", "is Lo Wu open now?")]
)
def test_whether_a_port_is_open_now(services: Services, language: Language, text: str) -> None:
    for hour, entry in ((12, "computed-port-open"), (3, "computed-port-closed")):
        reply = told(at(services, hour), text, language)
        assert reply["kind"] == "answer" and reply["entry"]["id"] == entry  # type: ignore[index]
        assert f"{hour:02}:05" in str(reply["text"]) and "06:30–24:00" in str(reply["text"])
        assert "2023" in str(reply["text"])  # how old the hours are


@pytest.mark.parametrize("text", ["东兴口岸现在开着吗", "东兴口岸几点关门", "is Dongxing Port open now"])
def test_hours_that_are_not_on_record_are_not_guessed(services: Services, text: str) -> None:
    reply = told(services, text, "en" if text.isascii() else "zh")
    assert reply["kind"] == "decline" and reply["entry"] is None and "12367" in str(reply["text"])


def test_an_airport_goes_by_its_flights(services: Services) -> None:
    reply = told(services, "浦东机场边检现在开着吗")
    assert reply["kind"] == "decline" and "航班" in str(reply["text"])


def test_hours_that_an_entry_states_are_left_to_it(services: Services) -> None:
    reply = told(services, "罗湖口岸几点关门")
    assert reply["kind"] == "answer" and not str(reply["entry"]["id"]).startswith("computed")  # type: ignore[index]


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh", "离中山最近的口岸是哪个"), ("yue", "中山邊個口岸最近"), ("en", "nearest port to Zhongshan")],
)
def test_the_nearest_ports_to_a_place(services: Services, language: Language, text: str) -> None:
    reply = told(at(services, 12), text, language)
    assert reply["entry"]["id"] == "computed-port-nearest"  # type: ignore[index]
    assert ("Zhongshan Port" if language == "en" else "中山港") in str(reply["text"])


@pytest.mark.parametrize(
    ("language", "text", "port"),
    [
        ("zh", "口岸几点开门", "罗湖"),
        ("zh", "请问过关一般到几点关门呀？", "拱北"),
        ("yue", "關口幾點閂門", "皇崗"),
        ("en", "What time does the border close?", "Shenzhen Bay"),
    ],
)
def test_hours_of_no_port_are_asked_back_and_the_port_completes_them(
    services: Services, language: Language, text: str, port: str
) -> None:
    memory = Memory()
    asked = decided(services, "action_answer", turn(text, "ask", language, memory=memory))[0]
    assert asked["kind"] == "clarify" and asked["text"] == services.texts.get("ask_port", language)
    told = decided(services, "action_answer", turn(port, "inform", language, memory=memory))[0]
    assert told["kind"] == "answer" and port in str(told["text"])


@pytest.mark.parametrize("text", ["地铁四号线末站那个关几点开", "什么时候开始", "过关要多久", "香港那边口岸几点关"])
def test_hours_told_in_other_words_are_left_to_search(services: Services, text: str) -> None:
    reply = decided(services, "action_answer", turn(text, "ask"))[0]
    assert reply["text"] != services.texts.get("ask_port", "zh")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "户口黑龙江，人在杭州，要去台北看我姑妈，得回老家办吗"),
        ("yue", "戶口喺湖南，人喺深圳，去高雄探外母使唔使返鄉下辦"),
        ("en", "living in Hangzhou, household in Harbin, visiting my aunt in Taipei, must I go home to apply"),
    ],
)
def test_a_permit_for_one_side_is_no_answer_about_the_other(
    services: Services, language: Language, text: str
) -> None:
    memory = Memory()
    reply = decided(services, "action_answer", turn(text, "ask", language, memory=memory))[0]
    named = [reply["entry"]["id"]] if reply["entry"] else memory.options  # type: ignore[index]
    assert named and not any(one.startswith("hk-macao") for one in named)


def test_hours_of_no_port_put_aside_what_was_waited_for(services: Services) -> None:
    memory = Memory(awaiting="place", wish={"why": "asked"})
    decided(services, "action_answer", turn("口岸几点关门", "ask", memory=memory))
    told = decided(
        services, "action_answer", turn("罗湖", "inform", memory=memory, entities={"port": ["port-luohu"]})
    )
    assert told[0]["kind"] == "answer" and "罗湖" in str(told[0]["text"])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "大通证丢在香港了怎么补"), ("yue", "喺香港唔見咗張大通證點補"),
        ("en", "lost my Taiwan permit in Hong Kong, how do I replace it"),
    ],
)  # fmt: skip
def test_a_permit_names_its_side_wherever_it_was_lost(services: Services, language: Language, text: str) -> None:
    memory = Memory()
    reply = decided(services, "action_answer", turn(text, "ask", language, memory=memory))[0]
    named = [reply["entry"]["id"]] if reply["entry"] else memory.options  # type: ignore[index]
    assert any(one.startswith("taiwan-permit") for one in named)


def test_a_citys_office_is_named_or_found_by_search(services: Services) -> None:
    reply = told(at(services, 12), "佛山出入境在哪")
    assert reply["kind"] in ("answer", "clarify") and ("佛山" in str(reply["text"]) or reply["kind"] == "answer")


def test_a_template_in_draft_leaves_the_question_to_search(services: Services) -> None:
    base = services.knowledge
    assert isinstance(base, Base)
    entries = {e.id: replace(e, status="draft") if is_template(e) else e for e in base.entries.values()}
    drafts = replace(services, knowledge=Timed(entries, base.searcher, base.day, 12))
    for text in ("罗湖现在开吗", "离中山最近的口岸是哪个"):
        assert not str((told(drafts, text)["entry"] or {"id": ""})["id"]).startswith("computed")  # type: ignore[index]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "address of the entry exit bureau in Xi'an please"),
        ("en", "which office in Guangzhou handles residence permits for foreigners"),
        ("zh", "西安出入境大厅在哪里"),
    ],
)
def test_where_a_city_s_office_is_was_asked_and_not_where_to_register(
    services: Services, language: Language, text: str
) -> None:
    assert told(at(services, 12), text, language)["entry"]["id"] == "computed-office"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "about_the_delta"),
    [
        ("厦门码头口岸几点关", False),
        ("ferry terminal in Xiamen, when does the port shut", False),
        ("蛇口码头几点关", True),
        ("is Huanggang open 24 hours", True),  # a city in Hubei as well
        ("我是厦门人，罗湖几点关", True),
    ],
)
def test_ports_of_the_delta_are_no_answer_about_other_cities(
    services: Services, text: str, about_the_delta: bool
) -> None:
    hits = look_up(services, turn(text, "ask_clearance", "en" if text.isascii() else "zh"), text)
    topics = {hit.entry.topic for hit in hits}
    assert bool(topics & {"sz_hk_ports", "zh_mo_ports"}) is about_the_delta

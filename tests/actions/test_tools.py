"""The visa-free check in a conversation: asked for, taken over, corrected, never in a better answer's way."""

from __future__ import annotations

from datetime import date

import pytest

from actions.services import Services
from actions.turn import Memory
from knowledge.language import Language
from tests.actions.test_decisions import decided, services, turn
from tests.actions.test_ended import on

__all__ = ["services"]  # the fixture


def told(
    services: Services,
    text: str,
    memory: Memory,
    language: Language = "zh",
    intent: str = "inform",
    **found: list[str],
) -> dict[str, object]:
    """One more message of a conversation."""
    return decided(services, "action_answer", turn(text, intent, language, memory, entities=found))[0]


def entry_of(reply: dict[str, object]) -> str:
    assert reply["kind"] == "answer", reply
    assert "{" not in str(reply["text"])
    return str(reply["entry"]["id"])  # type: ignore[index]


STORIES: list[tuple[Language, list[tuple[str, dict[str, list[str]]]], list[str]]] = [
    (
        "zh",
        [("帮我查免签", {}), ("德国", {}), ("二十天", {"duration": ["P20D"]})],
        ["trip:nationality", "trip:hours", "computed-unilateral"],
    ),
    (
        "yue",
        [("查下免簽", {}), ("留五日", {"duration": ["P5D"]}), ("美國人", {}), ("去日本", {}), ("由香港嚟", {})],
        ["trip:nationality", "trip:nationality", "trip:onward", "trip:origin", "computed-transit-240-region"],
    ),
    (
        "en",
        [
            ("can you check if I need a visa", {}), ("Mexican, 4 days", {"duration": ["P4D"]}),
            ("on to Japan", {}), ("from the United States", {}),
        ],
        ["trip:nationality", "trip:onward", "trip:origin", "computed-transit-240"],
    ),
    (
        "en",
        [("visa check: Indian passport, two weeks", {"duration": ["P2W"]})],
        ["computed-visa-not-listed"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("language", "said", "wanted"), STORIES, ids=["zh", "yue", "en", "one message"])
def test_what_is_missing_is_asked_one_thing_at_a_time(
    services: Services, language: Language, said: list[tuple[str, dict[str, list[str]]]], wanted: list[str]
) -> None:
    memory = Memory()
    for (text, found), expected in zip(said, wanted, strict=True):
        reply = told(services, text, memory, language, **found)
        if expected.startswith("trip:"):
            assert (reply["kind"], memory.awaiting) == ("clarify", expected)
            assert reply["choices"][-1]["payload"] == "/handoff"  # type: ignore[index]
        else:
            assert entry_of(reply) == expected and memory.awaiting is None


def test_buttons_answer_as_well_as_words(services: Services) -> None:
    memory = Memory()
    pressed = turn('/answer{"entry": "visa-check"}', "answer", memory=memory, entities={"entry": ["visa-check"]})
    assert decided(services, "action_open_entry", pressed)[0]["kind"] == "clarify"
    for name, value in (("nationality", "US"), ("duration", "P3D"), ("onward", "same")):
        reply = told(services, f'/inform{{"{name}": "{value}"}}', memory, **{name: [value]})
    assert entry_of(reply) == "computed-transit-same-place"


@pytest.mark.parametrize(
    ("text", "country"), [("印度人在广州转机7小时能出机场吗", "印度"), ("巴基斯坦人转机", "巴基斯坦")]
)
def test_nobody_is_told_of_240_hours_whose_country_has_them_not(services: Services, text: str, country: str) -> None:
    reply = told(services, text, Memory(), intent="ask_clearance", duration=["PT7H"])
    assert entry_of(reply) == "computed-transit-24" and country in str(reply["text"])


def test_a_correction_changes_the_answer(services: Services) -> None:
    memory = Memory()
    first = told(services, "韩国朋友来玩二十天要不要签证", memory, intent="ask_clearance", duration=["P20D"])
    assert entry_of(first) == "computed-unilateral" and "20天" in str(first["text"])
    assert first["valid_to"] == "2026-12-31" and "2026年12月31日" in str(first["text"])
    longer = told(services, "其实是40天", memory, intent="ask_clearance", duration=["P40D"])
    assert entry_of(longer) == "computed-visa-longer" and "40天" in str(longer["text"])
    other = told(services, "那美国人呢", memory, intent="followup")
    assert entry_of(other) == "computed-visa-transit-only" and "美国" in str(other["text"])
    again = decided(services, "action_talk", turn("再说一遍", "repeat", memory=memory))[0]
    assert again["text"] == other["text"]


def test_another_question_ends_the_check(services: Services) -> None:
    memory = Memory()
    told(services, "帮我查免签", memory)
    reply = told(services, "办护照多少钱", memory, intent="ask_documents")
    assert entry_of(reply) == "passport-fee"
    assert memory.awaiting is None and not memory.trip


@pytest.mark.parametrize(
    ("language", "text", "durations", "entry"),
    [
        ("en", "american, tokyo then a week in chengdu then bangkok", ["P7D"], "computed-transit-240"),
        ("en", "Polish passport, 2 weeks in Shanghai, need a visa??", ["P2W"], "computed-unilateral"),
        ("en", "syrian passport connecting in Beijing 5 hr to kuala lumpur", ["PT5H"], "computed-transit-24"),
        ("en", "Indian passport, 5 day stopover in Beijing on way to toronto", ["P5D"], "computed-visa-not-listed"),
        ("en", "what visa for a Nepali citizen visiting Chengdu 10 days", ["P10D"], "computed-visa-not-listed"),
        ("zh", "我是法国人，在上海转机想出去玩两天", ["P2D"], "computed-unilateral"),
    ],
)
def test_a_journey_is_computed(
    services: Services, language: Language, text: str, durations: list[str], entry: str
) -> None:
    assert entry_of(told(services, text, Memory(), language, "ask_clearance", duration=durations)) == entry


@pytest.mark.parametrize(
    ("language", "text", "durations"),
    [
        ("en", "2 months left on my US passport, want the transit without visa", ["P2M"]),
        ("en", "HK permanent resident with US passport, heard there's a card now so no more visas for shenzhen", []),
        ("en", "French with an onward tkt to Japan. transit or the 30 day one, which is better for me", []),
        ("yue", "美國visa貼咗喺舊嗰本，出關要唔要帶埋", []),
        ("zh", "德国女婿免签来的 出车祸住院 三十天马上到 走不了", ["P30D"]),
        ("en", "how to get uk skilled worker visa", []),
        ("zh", "我去日本要签证吗", []),
    ],
)
def test_what_an_entry_answers_better_is_left_to_it(
    services: Services, language: Language, text: str, durations: list[str]
) -> None:
    reply = told(services, text, Memory(), language, "ask_clearance", duration=durations)
    assert not str((reply["entry"] or {"id": ""})["id"]).startswith("computed")  # type: ignore[index]


@pytest.mark.parametrize(
    ("language", "text", "entry"),
    [
        ("en", "French, 3 days in Shanghai then Seoul", "computed-unilateral"),
        ("zh", "美国护照 北京待三天 然后去日本 从美国来", "computed-transit-240"),
        ("yue", "美國護照 喺北京三日 跟住去日本 由美國嚟", "computed-transit-240"),
    ],
)
def test_names_alone_that_tell_a_whole_journey_ask_for_the_check(
    services: Services, language: Language, text: str, entry: str
) -> None:
    days = ["P3D"]
    assert entry_of(told(services, text, Memory(), language, duration=days)) == entry
    asked = told(services, text.replace("3 days", "hotel for 3 days"), Memory(), language, "ask", duration=days)
    assert language != "en" or asked["entry"] is None


def test_what_waited_for_a_nationality_is_computed_for_it(services: Services) -> None:
    memory = Memory(awaiting="nationality", pending="vf-country-overview", question="外国人来中国要签证吗")
    assert entry_of(told(services, "尼泊尔", memory, nationality=["NP"])) == "computed-visa-not-listed"


@pytest.mark.parametrize("language", ["zh", "yue", "en"])
def test_the_day_after_its_end_the_table_declines_and_says_so(services: Services, language: Language) -> None:
    later = on(services, date(2027, 1, 1))
    text = {"zh": "查免签，法国人两周", "yue": "查免簽，法國人兩個禮拜", "en": "visa check, French, two weeks"}[
        language
    ]
    reply = told(later, text, Memory(), language, duration=["P2W"])
    assert reply["kind"] == "decline" and reply["entry"] is None and "2026" in str(reply["text"])
    assert [choice["payload"] for choice in reply["choices"]] == ["/handoff"]  # type: ignore[attr-defined]
    russian = {"zh": "查免签，俄罗斯人两周", "yue": "查免簽，俄羅斯人兩個禮拜", "en": "visa check, Russian, 2 weeks"}
    assert entry_of(told(later, russian[language], Memory(), language, duration=["P2W"])) == "computed-unilateral"


def test_a_day_beyond_what_is_announced_is_not_promised(services: Services) -> None:
    reply = told(services, "查免签，法国人，2027年2月1日入境，10天", Memory(), duration=["P10D"], date=["2027-02-01"])
    assert entry_of(reply) == "computed-visa-not-announced"


WHOEVER: list[tuple[Language, str, dict[str, list[str]]]] = [
    ("zh", "我想去中国旅游要签证吗", {"document": ["visa"]}),
    ("zh", "去中国工作要签证吗", {"document": ["visa"]}),
    ("yue", "我想去中國旅行要唔要簽證", {"document": ["visa"]}),
    ("en", "do I need a visa to visit China?", {"document": ["visa"]}),
    ("en", "i'm going to shanghai for a week, do i need a visa", {"document": ["visa"], "place": ["310000"]}),
]


@pytest.mark.parametrize(("language", "text", "found"), WHOEVER)
def test_whether_a_visa_is_needed_asks_who_travels(
    services: Services, language: Language, text: str, found: dict[str, list[str]]
) -> None:
    memory = Memory()
    reply = told(services, text, memory, language, "ask", **found)
    assert (reply["kind"], memory.awaiting) == ("clarify", "trip:nationality")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("中国人去泰国要签证吗", {"nationality": ["CN", "TH"], "document": ["visa"]}),
        ("香港人去内地要签证吗", {"place": ["810000"], "document": ["visa"]}),
        ("去中国台湾要签证吗", {"place": ["710000"], "document": ["visa"]}),
        ("我的签证过期了还能进中国吗，需要签证吗", {"document": ["visa"]}),
        ("去中国要签证吗，我有永久居留身份证", {"document": ["visa", "foreign_permanent_residence"]}),
    ],
)
def test_other_questions_about_visas_do_not_start_the_check(
    services: Services, text: str, found: dict[str, list[str]]
) -> None:
    memory = Memory()
    told(services, text, memory, "zh", "ask", **found)
    assert memory.awaiting != "trip:nationality"

"""What a scrap is read as: within the topic of the last answer, with the last question, or by itself."""

from __future__ import annotations

import pytest

from actions.services import Services
from actions.turn import Memory
from knowledge.language import Language
from tests.actions.test_decisions import decided, services, turn

__all__ = ["services"]  # the fixture


def after(entry: str, topic: str, question: str) -> Memory:
    """What is remembered once that question got that answer."""
    return Memory(question=question, entry=entry, topic=topic)


def told(
    services: Services, memory: Memory, text: str, language: Language = "zh", intent: str = "followup", **more: object
) -> dict[str, object]:
    return decided(services, "action_answer", turn(text, intent, language, memory=memory, asked=0.05, **more))[0]


def entry_of(reply: dict[str, object]) -> str | None:
    return reply["entry"] and reply["entry"]["id"]  # type: ignore[index,return-value]


PERMIT = ("taiwan-permit-first", "taiwan_permit")
ADDRESS = ("accommodation-reg-deadline", "accommodation_reg")


@pytest.mark.parametrize(
    ("language", "answered", "question", "scrap", "wanted"),
    [
        ("zh", PERMIT, "台湾通行证怎么办", "要多少钱", "taiwan-permit-fee"),
        ("yue", PERMIT, "大陸人往來台灣通行證點樣申請", "要幾錢", "taiwan-permit-fee"),
        ("en", PERMIT, "how do mainlanders apply for the taiwan permit", "and how much", "taiwan-permit-fee"),
        ("zh", ADDRESS, "外国朋友住我家几小时内要登记", "要带啥去", "accommodation-reg-documents"),
        ("en", ADDRESS, "how soon must my guest register", "is there a fine", "accommodation-reg-fine"),
    ],
)
def test_another_side_of_the_subject_need_not_name_it(
    services: Services, language: Language, answered: tuple[str, str], question: str, scrap: str, wanted: str
) -> None:
    memory = after(*answered, question)
    assert entry_of(told(services, memory, scrap, language)) == wanted
    assert memory.question != question  # what leans on this answer leans on its subject


@pytest.mark.parametrize(("language", "scrap"), [("zh", "拱北呢"), ("yue", "咁拱北呢"), ("en", "and Gongbei?")])
def test_another_name_is_put_into_the_last_question(services: Services, language: Language, scrap: str) -> None:
    asked = {"zh": "罗湖几点关门", "yue": "羅湖幾點閂門", "en": "when does Luohu close"}[language]
    memory = after("sz-luohu", "sz_hk_ports", asked)
    assert entry_of(told(services, memory, scrap, language)) == "zh-gongbei"


def test_a_question_by_itself_is_not_drawn_into_the_last_topic(services: Services) -> None:
    memory = after("passport-fee", "passport", "护照多少钱")
    said = turn("带猫入境归谁管", "ask", memory=memory, asked=0.97)
    assert entry_of(decided(services, "action_answer", said)[0]) == "customs-pets"


def test_what_looks_like_a_question_is_still_read_in_its_context(services: Services) -> None:
    memory = after("apec-entry", "apec_card", "外国人拿apec卡能直接入境不")
    said = turn("一次能待几天", "ask", memory=memory, asked=0.44)
    assert entry_of(decided(services, "action_answer", said)[0]) == "apec-stay"


def test_the_last_answer_is_not_said_again_for_the_old_words_alone(services: Services) -> None:
    memory = after("vehicle-hk-north", "vehicles", "can i drive my hk private car to guangdong")
    reply = told(services, memory, "and the other way round, guangzhou plates?", "en")
    assert reply["kind"] == "clarify" and "vehicle-gd-south" in memory.options


def test_once_another_subject_found_no_answer_nothing_leans_on_the_one_before(services: Services) -> None:
    memory = after(*PERMIT, "台湾通行证怎么办")
    missed = decided(services, "action_answer", turn("钓鱼许可证哪里领", "ask", memory=memory, asked=0.9))[0]
    assert missed["kind"] in ("clarify", "decline") and memory.topic is None
    assert entry_of(told(services, memory, "要多少钱")) != "taiwan-permit-fee"


def test_a_wide_topic_is_not_one_subject(services: Services) -> None:
    """How long a permit takes is no answer on how long settlement takes, though both are about such permits."""
    memory = after("hk-macao-settlement", "hk_macao_permit", "我老公係香港人，我想去香港住")
    assert told(services, memory, "要等幾耐", "yue")["kind"] == "clarify"
    assert "hk-macao-settlement" in memory.options


@pytest.mark.parametrize(
    ("language", "question", "scrap"),
    [
        ("en", "how do i renew my passport in guangzhou", "i am from the US"),
        ("zh", "广州能网上换护照吗", "我是美国人"),
        ("yue", "廣州可唔可以上網換護照", "我係美國人"),
    ],
)
def test_a_foreigner_is_not_given_what_holds_for_chinese_citizens(
    services: Services, language: Language, question: str, scrap: str
) -> None:
    memory = after("online-renewal-guangzhou", "online_full", question)
    reply = told(services, memory, scrap, language, "inform", entities={"nationality": ["US"]})
    given = [found] if (found := entry_of(reply)) else memory.options
    entries = [services.knowledge.entry(one) for one in given]
    assert all(entry and entry.audience != "chinese_citizens" for entry in entries)
    then = {"zh": "要多少钱", "yue": "要幾錢", "en": "and how much?"}[language]
    assert entry_of(told(services, memory, then, language)) not in ("passport-fee", "hk-macao-permit-fee")


@pytest.mark.parametrize(
    ("language", "answered", "scrap"),
    [
        ("zh", ("home-return-permit-renew", "hk_macao_resident_permit", "回乡证过期了"), "在广州能换吗"),
        ("en", ("t240-what", "transit_240h", "what is 240 hour transit"), "which cities can i visit"),
    ],
)
def test_what_holds_for_other_people_is_asked_back(
    services: Services, language: Language, answered: tuple[str, str, str], scrap: str
) -> None:
    said = turn(scrap, "ask", language, memory=after(*answered), asked=0.6)
    reply = decided(services, "action_answer", said)[0]
    entry = services.knowledge.entry(entry_of(reply) or "")
    assert reply["kind"] == "clarify" or (entry and entry.audience != "chinese_citizens")


def test_a_chosen_entry_can_be_leant_on_like_one_asked_for(services: Services) -> None:
    memory = Memory(question="办证要带什么", options=["passport-first-documents", "taiwan-permit-first"])
    assert entry_of(told(services, memory, "第二个")) == "taiwan-permit-first"
    assert entry_of(told(services, memory, "要多少钱")) == "taiwan-permit-fee"


@pytest.mark.parametrize(
    ("language", "text", "intent"),
    [
        ("zh", "我朋友在缅甸被人关起来了", "distress"),
        ("yue", "我喺緬甸俾人困住咗", "distress"),
        ("en", "they keep me locked up in Myanmar", "distress"),
    ],
)
def test_danger_is_never_read_as_a_scrap_of_the_last_question(
    services: Services, language: Language, text: str, intent: str
) -> None:
    asked = {"zh": "泰国人免签多久", "yue": "泰國人免簽幾耐", "en": "how long are Thais visa free"}[language]
    memory = after("mut-singapore-thailand", "visa_free_mutual", asked)
    said = turn(text, intent, language, memory=memory, asked=0.1, confidence=0.5)
    assert decided(services, "action_handoff", said)[0]["kind"] == "handoff"

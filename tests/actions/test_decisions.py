"""What the actions decide, over the real entries and the real search; only the engine's reading is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from actions.executor import ACTIONS, respond
from actions.menu import business_named
from actions.readings import Reading, verdict_on
from actions.services import Services
from actions.turn import Memory, Turn
from knowledge.calibration import default_calibration
from knowledge.encoder import StaticEncoder
from knowledge.entries import Entry, effective, ended, load_folder
from knowledge.index import KnowledgeIndex
from knowledge.language import Language
from knowledge.paths import DATA
from knowledge.search import Hit, Searcher
from knowledge.text.gazetteer import Gazetteer
from knowledge.texts import Referrals, Texts, spoken_day
from tests.processes import project_index

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Base:
    """The knowledge base on a given day."""

    entries: dict[str, Entry]
    searcher: Searcher
    day: date

    def search(
        self,
        query: str,
        *,
        language: Language,
        region: str | None,
        k: int = 5,
        with_ended: bool = False,
        topic: str | None = None,
    ) -> list[Hit]:
        return self.searcher.search(
            query, language=language, region=region, on=self.day, k=k, with_ended=with_ended, topic=topic
        )

    def entry(self, entry_id: str) -> Entry | None:
        entry = self.entries.get(entry_id)
        return entry if entry and effective(entry, self.day) else None

    def ended(self, entry_id: str) -> Entry | None:
        entry = self.entries.get(entry_id)
        return entry if entry and ended(entry, self.day) else None

    def now(self) -> datetime:
        return datetime.combine(self.day, time(12), SHANGHAI)

    def today(self) -> date:
        return self.day


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    entries = load_folder(DATA / "knowledge" / "entries")
    encoder = StaticEncoder(DATA / "encoder")
    index = KnowledgeIndex.load(project_index(), encoder)
    base = Base({e.id: e for e in entries}, Searcher(index, encoder, default_calibration()), date(2026, 11, 23))
    authorities = yaml.safe_load((DATA / "knowledge" / "authorities.yaml").read_text("utf-8"))
    return Services(
        base, Texts(DATA / "texts"), Referrals(DATA / "referrals.yaml"), authorities, Gazetteer.load(DATA)
    )


def turn(text: str, intent: str, language: Language = "zh", memory: Memory | None = None, **more: object) -> Turn:
    known: dict[str, object] = {"confidence": 1.0, "entities": {}, "script": "hans", "region": None, "other": None}
    return Turn(text=text, intent=intent, language=language, memory=memory or Memory(), **{**known, **more})  # type: ignore[arg-type]


def decided(services: Services, action: str, said: Turn) -> list[dict[str, object]]:
    return respond(services, said, ACTIONS[action])["replies"]  # type: ignore[no-any-return]


def test_an_answer_is_the_approved_text_with_its_source(services: Services) -> None:
    for language in ("zh", "yue", "en"):
        entry = services.knowledge.entry("passport-fee")
        assert entry is not None
        said = turn('/answer{"entry": "passport-fee"}', "answer", language, entities={"entry": ["passport-fee"]})
        reply = decided(services, "action_open_entry", said)[0]
        assert str(reply["text"]).startswith(entry.answer[language])
        assert reply["entry"] == {"id": "passport-fee", "version": entry.version}
        assert reply["sources"]


def test_traditional_mandarin_is_answered_in_kind(services: Services) -> None:
    said = turn("x", "answer", entities={"entry": ["passport-fee"]}, script="hant")
    text = str(decided(services, "action_open_entry", said)[0]["text"])
    assert "護照" in text and "护照" not in text and "嘅" not in text


def test_general_guidance_and_expiring_policy_say_so(services: Services) -> None:
    base = services.knowledge
    assert isinstance(base, Base)
    general = next(entry for entry in base.entries.values() if entry.general and not entry.needs)
    expiring = next(entry for entry in base.entries.values() if entry.valid_to and not entry.needs)
    assert expiring.valid_to is not None
    for entry, word in ((general, "一般性指引"), (expiring, spoken_day(expiring.valid_to, "zh"))):
        reply = decided(services, "action_open_entry", turn("x", "answer", entities={"entry": [entry.id]}))[0]
        assert word in str(reply["text"])
        assert reply["valid_to"] == (str(entry.valid_to) if entry.valid_to else None)


def test_what_would_be_wrong_unasked_is_asked_and_then_answered(services: Services) -> None:
    said = turn("x", "answer", entities={"entry": ["vf-country-overview"]})
    asked = decided(services, "action_open_entry", said)[0]
    assert asked["kind"] == "clarify" and said.memory.awaiting == "nationality"
    memory = Memory(
        awaiting="nationality", pending="vf-country-overview", question="去中国要签证吗", nationality="DE"
    )
    reply = decided(
        services, "action_answer", turn("德国", "inform", memory=memory, entities={"nationality": ["DE"]})
    )
    assert reply[0]["kind"] == "answer" and memory.awaiting is None


def test_a_follow_up_changes_what_was_asked_about(services: Services) -> None:
    assert services.joined("罗湖口岸几点关门", "拱北呢") == "拱北口岸几点关门"
    assert services.joined("办护照要带什么", "那孩子呢") == "办护照要带什么 那孩子呢"


def test_a_first_word_that_leans_on_nothing_is_asked_back(services: Services) -> None:
    for text, language in (("多少钱", "zh"), ("幾多錢", "yue"), ("how much", "en")):
        said = turn(text, "followup", language, asked=0.05)  # type: ignore[arg-type]
        assert decided(services, "action_answer", said)[0]["kind"] == "clarify"


def test_two_questions_get_two_answers(services: Services) -> None:
    said = turn("办护照要多少钱？港澳通行证要多少钱？", "ask")
    replies = decided(services, "action_answer", said)
    assert [reply["kind"] for reply in replies] == ["answer", "answer"]
    assert {reply["entry"]["id"] for reply in replies} == {"passport-fee", "hk-macao-permit-fee"}  # type: ignore[index]


def test_a_place_that_was_waited_for_completes_the_handoff(services: Services) -> None:
    memory = Memory(awaiting="place", wish={"business": "documents", "why": "asked"})
    reply = decided(services, "action_answer", turn("佛山", "inform", memory=memory, entities={"place": ["440600"]}))[
        0
    ]
    assert reply["kind"] == "handoff"
    assert reply["handoff"]["business"] == "documents" and reply["handoff"]["place"] == "佛山"  # type: ignore[index]


def test_who_cannot_tell_where_they_are_is_handed_over_and_nowhere_is_remembered(services: Services) -> None:
    memory = Memory(awaiting="place", wish={"business": "documents", "why": "asked"})
    said = turn("/handoff", "handoff", memory=memory, entities={"place": ["unknown"], "business": ["documents"]})
    reply = decided(services, "action_handoff", said)[0]
    assert reply["kind"] == "handoff" and reply["handoff"]["place"] == "unknown"  # type: ignore[index]
    said._remember()
    assert memory.place is None and said.area is None


def test_another_question_while_a_place_is_waited_for_is_answered(services: Services) -> None:
    memory = Memory(awaiting="place", wish={"business": "documents", "why": "asked"})
    reply = decided(services, "action_answer", turn("办护照要多少钱", "ask", memory=memory))[0]
    assert reply["kind"] == "answer" and memory.awaiting is None


@pytest.mark.parametrize(
    ("text", "number"), [("社保断缴了怎么补", "12333"), ("点样申请港铁优惠", None), ("weather tomorrow", "12121")]
)
def test_out_of_scope_names_who_is_responsible(services: Services, text: str, number: str | None) -> None:
    reply = decided(services, "action_decline", turn(text, "out_of_scope"))[0]
    assert reply["kind"] == "decline" and reply["entry"] is None
    assert number is None or number in str(reply["text"])


def test_personal_cases_are_never_looked_up(services: Services) -> None:
    for text, word in (("我的护照办到哪一步了 进度", "移民局"), ("我是不是被限制出境了", "出入境管理")):
        reply = decided(services, "action_decline", turn(text, "personal_case"))[0]
        assert reply["kind"] == "decline" and word in str(reply["text"])
        assert "/handoff" in {choice["payload"] for choice in reply["choices"]}  # type: ignore[attr-defined]


def test_another_language_is_named_and_still_searched(services: Services) -> None:
    replies = decided(
        services, "action_answer", turn("visa transit 240 heures Chine", "nlu_fallback", "en", other="fr")
    )
    assert replies[0]["kind"] == "notice" and "French" in str(replies[0]["text"])
    assert len(replies) == 2


def test_memory_forgets_nothing_over_json_and_ignores_what_it_does_not_know() -> None:
    memory = Memory(question="q", place="440300", misses=1, wish={"why": "asked"})
    assert Memory.from_dict({**memory.to_dict(), "from a later version": 1}) == memory


def test_texts_have_the_same_keys_or_the_service_does_not_start(tmp_path: Path) -> None:
    for language in ("zh", "yue", "en"):
        (tmp_path / f"{language}.yaml").write_text("greeting: x\n" if language == "zh" else "thanks: x\n", "utf-8")
    with pytest.raises(ValueError, match=r"zh\.yaml lacks: thanks"):
        Texts(tmp_path)


def asked(services: Services, text: str, intent: str, memory: Memory, **entities: list[str]) -> dict[str, Any]:
    action = "action_answer" if intent in ("ask", "inform", "followup", "correct", "resume") else "action_talk"
    return decided(services, action, turn(text, intent, memory=memory, entities=entities))[0]


def test_a_question_left_open_is_answered_when_what_it_waited_for_comes(services: Services) -> None:
    memory = Memory(awaiting="nationality", pending="vf-country-overview", question="去中国要签证吗")
    assert asked(services, "办护照要多少钱", "ask", memory)["entry"]["id"] == "passport-fee"
    assert memory.awaiting is None and memory.suspended
    assert (
        asked(services, "德国", "inform", Memory.from_dict(memory.to_dict()), nationality=["DE"])["kind"] == "answer"
    )


def test_back_to_a_question_left_open_asks_again_what_was_missing(services: Services) -> None:
    memory = Memory(suspended={"awaiting": "nationality", "pending": "vf-country-overview", "question": "q"})
    reply = asked(services, "回到刚才的问题", "resume", memory)
    assert reply["kind"] == "clarify" and memory.awaiting == "nationality"


def test_a_correction_changes_what_was_asked_about(services: Services) -> None:
    memory = Memory(question="罗湖口岸几点关门")
    assert services.joined("罗湖口岸几点关门", "不是罗湖，是拱北") == "拱北口岸几点关门"
    assert asked(services, "不是罗湖，是拱北", "correct", memory, port=["port-gongbei"])["kind"] in (
        "answer",
        "clarify",
    )
    assert "拱北" in (memory.question or "")


def test_an_offered_entry_is_taken_by_its_number(services: Services) -> None:
    memory = Memory(options=["passport-fee", "hk-macao-permit-fee"])
    assert asked(services, "第二个", "affirm", memory)["entry"]["id"] == "hk-macao-permit-fee"
    assert not memory.options


def test_what_leans_on_a_question_answered_with_a_choice_gains_nothing_from_it(services: Services) -> None:
    entry = services.knowledge.entry("passport-fee")
    assert entry is not None
    nearly = Hit(entry=entry, score=default_calibration().answer_from - 0.02, dense=0.0, lexical=0.0, matched="")
    known = Memory(question="护照", topic=entry.topic)
    reading = Reading([nearly], "护照 那孩子呢")
    assert verdict_on(turn("那孩子呢", "followup", confidence=0.9, memory=known), reading) == "answer"
    undecided = Memory(question="护照", topic=entry.topic, options=[entry.id, "hk-macao-permit-fee"])
    assert verdict_on(turn("那孩子呢", "followup", confidence=0.9, memory=undecided), reading) == "clarify"


def test_that_it_is_a_question_makes_no_entry_surer(services: Services) -> None:
    entry = services.knowledge.entry("passport-fee")
    assert entry is not None
    least = default_calibration().answer_from
    for score, ranking, expected in (
        (least - 0.02, 0.99, "clarify"),
        (least + 0.02, 0.99, "answer"),
        (least + 0.02, 0.1, "clarify"),
    ):
        said = replace(turn("护照要多少钱", "ask_documents"), asked=ranking)
        hit = Hit(entry=entry, score=score, dense=0.0, lexical=0.0, matched="")
        assert verdict_on(said, Reading([hit], said.text)) == expected


def test_yes_to_a_human_hands_over_and_no_drops_it(services: Services) -> None:
    assert asked(services, "不用", "deny", Memory(offered=True))["kind"] == "chitchat"
    memory = Memory(offered=True)
    assert asked(services, "好的", "affirm", memory)["kind"] == "handoff"
    assert asked(services, "好的", "affirm", memory)["kind"] == "clarify"


def test_a_change_of_mind_drops_what_was_awaited(services: Services) -> None:
    memory = Memory(awaiting="place", wish={"why": "asked"})
    assert asked(services, "算了", "cancel", memory)["kind"] == "chitchat"
    assert memory.awaiting is None and not memory.wish


def test_a_language_asked_for_in_words_is_the_reply_s_and_the_conversation_s(services: Services) -> None:
    memory = Memory()
    reply = decided(services, "action_choose", turn("请讲英语", "choose_language", memory=memory))[0]
    assert reply["language"] == "en" and memory.language == "en"


def test_who_did_not_understand_is_offered_an_explanation(services: Services) -> None:
    reply = asked(services, "看不懂", "not_understood", Memory(entry="passport-fee"))
    assert reply["kind"] == "answer" and reply["choices"]


@pytest.mark.parametrize(
    ("intent", "action", "kind"),
    [
        ("out_of_scope", "action_decline", "decline"),
        ("personal_case", "action_decline", "decline"),
        ("distress", "action_handoff", "handoff"),
        ("complain", "action_handoff", "handoff"),
    ],
)
def test_who_would_be_turned_away_in_doubt_is_answered_where_search_is_sure(
    services: Services, intent: str, action: str, kind: str
) -> None:
    question = services.knowledge.entry("passport-fee").questions["zh"][0]  # type: ignore[union-attr]
    unsure = decided(services, action, turn(question, intent, confidence=0.55, asked=0.4))
    assert [reply["kind"] for reply in unsure] == ["answer"]
    certain = decided(services, action, turn(question, intent, confidence=0.9, asked=0.05))
    assert [reply["kind"] for reply in certain] == [kind]


@pytest.mark.parametrize(
    ("text", "business"),
    [
        ("press 2", "documents"), ("按1", "clearance"), ("3號啦", "suggestions"), ("number two", "documents"),
        ("the border clearance one", "clearance"), ("12367", None),
    ],
)  # fmt: skip
def test_a_business_is_named_by_its_words_or_its_place_on_the_menu(text: str, business: str | None) -> None:
    assert business_named(text) == business


@pytest.mark.parametrize("text", ["menu", "show me the menu", "返去主選單", "菜单"])
def test_the_menu_shows_all_businesses_whatever_was_asked_before(services: Services, text: str) -> None:
    reply = decided(services, "action_choose", turn(text, "choose_business", memory=Memory(business="documents")))[0]
    assert reply["kind"] == "clarify"
    assert [choice["payload"] for choice in reply["choices"]] == [
        '/choose_business{"business": "clearance"}',
        '/choose_business{"business": "documents"}',
        '/choose_business{"business": "suggestions"}',
        "/handoff",
    ]


def test_a_number_where_nothing_was_offered_chooses_nothing(services: Services) -> None:
    memory = Memory(question="护照多少钱")
    decided(services, "action_talk", turn("2", "affirm", memory=memory))
    assert memory.business is None


@pytest.mark.parametrize(
    ("text", "intent", "action"),
    [
        ("2", "affirm", "action_talk"),
        ("第二", "inform", "action_answer"),
        ("option 2", "choose_business", "action_choose"),
    ],
)
def test_a_number_is_a_place_on_the_menu_then_on_what_was_offered(
    services: Services, text: str, intent: str, action: str
) -> None:
    memory = Memory()
    decided(services, "action_choose", turn("menu", "choose_business", memory=memory))
    first = decided(services, action, turn(text, intent, memory=memory))[0]
    assert first["kind"] == "clarify" and memory.business == "documents"
    offered = memory.options[1]
    second = decided(services, action, turn(text, intent, memory=memory))[0]
    assert second["entry"] is not None and second["entry"]["id"] == offered  # type: ignore[index]

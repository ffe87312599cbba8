"""Which language is found, and how a conversation's language follows."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language import Detection, LanguageState, decide, detect, language_named, script_of
from tests.knowledge import language_sets

ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "language.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


def found(text: str) -> str:
    detection = detect(text)
    return detection.language or detection.other or "none"


@pytest.mark.parametrize("language", sorted({language for language, _ in ROWS}))
def test_language_of_listed_messages(language: str) -> None:
    texts = [text for wanted, text in ROWS if wanted == language]
    misses = {text: found(text) for text in texts if found(text) != language}
    assert len(misses) <= 0.02 * len(texts), misses


def test_the_list_is_large_enough() -> None:
    counts = {language: sum(wanted == language for wanted, _ in ROWS) for language in ("zh", "yue", "en")}
    assert min(counts.values()) >= 100, counts


@pytest.mark.parametrize(("short", "least"), [(False, 0.99), (True, 0.97)])
def test_language_of_messages_written_for_other_tests(short: bool, least: float) -> None:
    rows = [row for row in language_sets.held_back() if language_sets.short(row[1]) == short]
    misses = [(language, text) for language, text in rows if language_sets.ours(text) != language]
    assert len(rows) - len(misses) >= least * len(rows), misses


def test_the_held_back_sets_are_large_enough() -> None:
    languages = [language for language, _ in language_sets.held_back()]
    assert min(languages.count(language) for language in ("zh", "yue", "en")) >= 300


def test_messages_easily_taken_for_another_language() -> None:
    rows = language_sets.confusable()
    misses = [(language, text) for _, language, text in rows if language_sets.shown(text) != language]
    assert len(rows) >= 200
    assert len(misses) <= 0.015 * len(rows), misses


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("说英语行吗", ("en", None)),
        ("同我講廣東話得唔得", ("yue", None)),
        ("别用粤语，说普通话", ("zh", None)),
        ("请用繁体字回复", ("zh", "hant")),
        ("no more english, chinese please", ("zh", None)),
        ("换一种语言", None),
    ],
)
def test_the_language_that_a_request_names(text: str, wanted: tuple[str, str | None] | None) -> None:
    assert language_named(text) == wanted


def test_mandarin_in_either_script_is_never_taken_for_cantonese() -> None:
    assert not [text for wanted, text in ROWS if wanted == "zh" and found(text) == "yue"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("点算", "yue"),
        ("系咪", "yue"),
        ("边度", "yue"),
        ("唔该", "yue"),
        ("有冇", "yue"),
        ("关系证明怎么办", "zh"),
        ("几点开门啊请问", "zh"),
        ("那邊個人通道可以走嗎", "zh"),
        ("我個passport expire咗", "yue"),
        ("我的visa过期了", "zh"),
        ("e-channel 喺邊", "yue"),
        ("How do I get from 罗湖口岸 to the airport", "en"),
        ("wo de huzhao guoqi le", "zh"),
    ],
)
def test_confusable_messages(text: str, language: str) -> None:
    assert found(text) == language


@pytest.mark.parametrize(
    ("text", "script"), [("签证过期了", "hans"), ("簽證過期了", "hant"), ("visa expired", "latin")]
)
def test_script(text: str, script: str) -> None:
    assert detect(text).script == script


def test_a_placeholder_is_no_evidence() -> None:
    assert found("passport [证件号]") == "none"
    assert script_of("口岸") is None


@given(st.text())
def test_any_text_gets_a_sound_detection(text: str) -> None:
    detection = detect(text)
    assert 0 <= detection.confidence <= 1
    assert detection.language is None or detection.other is None
    assert (detection.language is not None or detection.other is not None) == (detection.confidence > 0)


@given(st.lists(st.characters(), max_size=20))
def test_broken_text_does_no_harm(chars: list[str]) -> None:
    detect("".join(chars) + "\ud83d")


def turns(*texts: str, state: LanguageState | None = None) -> tuple[list[str], LanguageState]:
    """Languages of the replies to some messages, and the state after them."""
    state = state or LanguageState()
    replies = []
    for text in texts:
        reply, state = decide(state, detect(text))
        replies.append(reply)
    return replies, state


def test_the_first_message_sets_the_conversation() -> None:
    replies, state = turns("how long can I stay", "签证")
    assert replies == ["en", "en"]
    assert state.current == "en"


def test_one_message_is_answered_in_its_language_without_moving_the_conversation() -> None:
    replies, state = turns("护照丢了怎么办", "where is the office", "12367")
    assert replies == ["zh", "en", "zh"]
    assert state.current == "zh"


def test_two_messages_wholly_in_another_language_move_it() -> None:
    _, state = turns("护照丢了怎么办", "where is the office", "what do I need to bring")
    assert state.current == "en"


def test_no_evidence_between_two_messages_does_not_break_the_run() -> None:
    _, state = turns("护照丢了怎么办", "where is the office", "visa", "what do I need to bring")
    assert state.current == "en"


def test_a_loan_word_never_flips() -> None:
    assert turns("我本護照過咗期點算", "visa", "passport", "CA981")[0] == ["yue"] * 4


def test_a_bound_language_stays_for_one_message_and_yields_to_two() -> None:
    bound = LanguageState(current="en", bound=True)
    replies, state = turns("护照丢了怎么办", "要带什么材料", state=bound)
    assert replies == ["en", "zh"]
    assert state.current == "zh"
    assert not state.bound


def test_chinese_without_marks_continues_cantonese() -> None:
    assert turns("口岸幾點閂呀", "深圳的")[0] == ["yue", "yue"]


def test_a_language_not_served_keeps_the_conversation() -> None:
    assert turns("how long can I stay", "ビザは必要ですか")[0] == ["en", "en"]


def test_script_follows_the_user() -> None:
    _, state = turns("請問這個簽證可以延期嗎")
    assert (state.current, state.script) == ("zh", "hant")
    _, state = turns("要带什么", state=state)
    assert state.script == "hans"


@given(
    st.builds(
        LanguageState,
        current=st.sampled_from(["zh", "yue", "en"]),
        bound=st.booleans(),
        streak_language=st.sampled_from([None, "zh", "yue", "en"]),
        streak=st.integers(0, 3),
        script=st.sampled_from(["hans", "hant"]),
    )
)
def test_state_survives_storage_and_silence(state: LanguageState) -> None:
    assert LanguageState.from_dict(state.to_dict()) == state
    assert decide(state, Detection(None, None, 0.0, None, False)) == (state.current, state)

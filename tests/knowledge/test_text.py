"""Normal form, terms and tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.paths import DATA
from knowledge.text.normalise import in_hongkong, normalise, to_hongkong, to_traditional
from knowledge.text.terms import MARK, TermGroup, TermList, canonicalise, default_terms, expand
from knowledge.text.tokens import nlu_tokens, search_tokens

broken_text = st.text(st.characters(codec=None, categories=None))


@given(broken_text)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(broken_text)
def test_normal_form_can_be_stored(text: str) -> None:
    normal = normalise(text)
    normal.encode("utf-8")
    assert normal == " ".join(normal.split())


def test_full_width_traditional_and_hidden_characters_fold() -> None:
    assert normalise("我個ＰＡＳＳＰＯＲＴ\u200b　喺衞生署") == "我个passport 喺卫生署"


def test_scripts_are_converted_but_words_are_not() -> None:
    assert to_hongkong("软件在里面") == "軟件在裏面"
    assert to_traditional("软件") == "軟件"


@pytest.mark.parametrize(
    ("simplified", "printed"),
    [
        ("免签和签注", "免簽和簽注"),
        ("抽签，备注", "抽籤，備註"),
        ("台胞证一周一行，据“公安局”公布", "台胞證一周一行，據「公安局」公布"),
        ("户口、税款、温州的说明", "戶口、稅款、溫州的說明"),
        ("深圳出入境边防检查总站", "深圳出入境邊防檢查總站"),
    ],
)
def test_hong_kong_reads_what_it_prints_itself(simplified: str, printed: str) -> None:
    assert in_hongkong(simplified) == printed
    assert "免籤" not in to_traditional(simplified) and "簽註" not in to_traditional(simplified)


@given(broken_text)
def test_tokens_for_the_engine_lie_in_order_inside_the_text(text: str) -> None:
    end = 0
    for token, start, stop in nlu_tokens(text):
        assert token
        assert end <= start < stop <= len(text)
        end = stop


@given(broken_text)
def test_any_text_gives_search_tokens(text: str) -> None:
    assert all(search_tokens(text)) or search_tokens(text) == []


@pytest.mark.parametrize(
    ("one", "other", "group"),
    [
        ("我的回乡卡丢了", "lost my home return permit", "home_return_permit"),
        ("刷脸过关", "go through with face scan", "face_clearance"),
        ("護照過咗期", "passport runs out next week", "expire"),
        ("娃能办吗", "BB可唔可以", "child"),
        ("转机十小时", "10 hour layover", "layover"),
        ("港澳通怎么办", "two-way permit renewal", "hk_macao_permit"),
        ("本本到期", "passport expired", "passport"),
        ("护照上的贴纸", "the sticker in my passport", "visa_sticker"),
    ],
)
def test_everyday_words_meet_across_languages(one: str, other: str, group: str) -> None:
    assert MARK + group in search_tokens(one)
    assert MARK + group in search_tokens(other)


def test_cantonese_function_words_read_as_mandarin() -> None:
    assert {"在哪", "哪里"} <= set(search_tokens("喺邊度換"))


def test_longest_term_wins_and_pieces_of_words_do_not_count() -> None:
    terms = TermList([TermGroup("a", ("visa",), (), ()), TermGroup("b", (), (), ("visa extension",))], {})
    assert terms.find("visa extensions") == [("b", 0, 14)]
    assert terms.find("revisal") == []


def test_every_group_has_words_in_all_languages() -> None:
    groups = default_terms().groups
    assert len(groups) >= 120
    assert all(group.zh and group.yue and group.en for group in groups)
    assert len({group.id for group in groups}) == len(groups)


def test_canonical_text_and_expanded_tokens() -> None:
    assert canonicalise("回乡卡过期") == "@home_return_permit @expire"
    assert expand(["visa", "expired"]) == ["visa", "expired", "@visa", "@expire"]


def test_a_wrong_terms_file_is_named() -> None:
    with pytest.raises(ValueError, match=r"authorities\.yaml"):
        TermList.load(DATA / "knowledge" / "authorities.yaml")

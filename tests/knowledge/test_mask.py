"""Personal numbers and names go; what a question needs stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text.mask import mask, strip_placeholders

WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


@pytest.mark.parametrize(
    "number",
    [
        "110101199001011234",
        "11010119900101123X",
        "１１０１０１１９９００１０１１２３４",
        "1 1 0 1 0 1 1 9 9 0 0 1 0 1 1 2 3 4",
        "110101-19900101-1234",
        "110101900101123",
        "E12345678",
        "EA1234567",
        "e1234 5678",
        "G 1234 5678",
        "E\u200b12345678",
        "H0123456789",
        "M12345678",
        "C12345678",
        "T12345678",
        "A123456(7)",
        "12AB34567",
        "13800138000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+852 9123 4567",
        "9123 4567",
        "一三八零零一三八零零零",
        "6222021234567890123",
        "6222 0212 3456 7890 123",
        "123456789",
    ],
)
def test_numbers_are_hidden(number: str) -> None:
    for text in (number, f"我的号码是{number}，谢谢", f"it is {number}."):
        masked = mask(text)
        assert len(masked.found) == 1
        assert not re.search(r"\d{3}", masked.text), masked


@pytest.mark.parametrize(
    "text",
    [
        "打12367还是12345",
        "110 119 120 12345",
        "010-12367",
        "+86-10-12367",
        "国外打 0086-10-12308",
        "罚款10000元",
        "保证金 300000元",
        "120元加20元",
        "240小时过境，144小时取消了吗",
        "2026-11-23 到 2027-11-22",
        "2026年11月23日",
        "20261123",
        "flight CA981 on 2026-11-23",
        "MU 5101 and CZ3102",
        "G1234次高铁",
        "10:30-22:30",
        "TWOV 24/72/144/240",
        "X1 visa, Q2 visa, S1",
        "5000 10000",
        "我的名字写错了",
        "My name is misspelled on the visa",
        "我叫了车",
        "人名对不上",
    ],
)
def test_what_a_question_needs_stays(text: str) -> None:
    assert mask(text).text == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫张伟想问护照", "我叫[姓名]想问护照"),
        ("我叫陳大文，想換證", "我叫[姓名]，想換證"),
        ("姓名：欧阳小红", "姓名：[姓名]"),
        ("我叫David Miller", "我叫[姓名]"),
        ("my name is john smith and i lost it", "my name is [name] and i lost it"),
        ("Name: Maria da Silva", "Name: [name]"),
        ("身份证110101199001011234手机13812345678", "身份证[证件号]手机[手机号]"),
        ("110101199001011234 13812345678", "[document number] [phone number]"),
    ],
)
def test_placeholders(text: str, masked: str) -> None:
    assert mask(text).text == masked


identity = st.builds(
    lambda region, year, month, day, order, check: f"{region}{year}{month:02}{day:02}{order:03}{check}",
    st.integers(110000, 659999),
    st.integers(1930, 2025),
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 999),
    st.sampled_from("0123456789X"),
)
passport = st.builds(
    lambda head, digits: f"{head}{digits:08}", st.sampled_from("EGHMCTW"), st.integers(0, 99_999_999)
)
mobile = st.builds(lambda head, rest: f"{head}{rest:08}", st.integers(130, 199), st.integers(0, 99_999_999))


@given(st.one_of(identity, mobile), st.sampled_from(["", " ", "-"]), st.booleans())
def test_numbers_are_hidden_however_they_are_split(number: str, separator: str, wide: bool) -> None:
    typed = separator.join(number)
    masked = mask(f"号码{typed.translate(WIDE) if wide else typed}，请查")
    assert len(masked.found) == 1
    assert not any(char.isdigit() for char in masked.text)


@given(passport, st.integers(1, 8))
def test_document_numbers_are_hidden_with_a_gap_anywhere(number: str, gap: int) -> None:
    masked = mask(f"证件{number[:gap]} {number[gap:]}好")
    assert not re.search(r"\d{4}", masked.text), masked


@given(st.text())
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@given(st.text(st.characters(codec=None, categories=None)))
def test_any_text_can_be_masked(text: str) -> None:
    mask(text).text.encode("utf-8")


@given(
    st.sampled_from(["12367", "12345", "110", "119", "120", "12308", "12306"]), st.text("请打电话 abc", max_size=6)
)
def test_public_numbers_stay(number: str, around: str) -> None:
    assert number in mask(f"{around} {number} {around}").text


def test_placeholders_can_be_taken_out() -> None:
    assert strip_placeholders("护照[证件号]过期").split() == ["护照", "过期"]

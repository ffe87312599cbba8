"""Matters that are not ours: who is named, and that no question of ours is sent away."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.entries import LANGUAGES, load_folder
from knowledge.language import script_of
from knowledge.paths import DATA
from knowledge.text.normalise import normalise
from knowledge.texts import Referrals

ROWS: list[dict[str, Any]] = yaml.safe_load((DATA / "referrals.yaml").read_text("utf-8"))
LARGEST_SHARE_OF_OURS = 0.025
"""Share of the entries' own wordings that carry a cue. A referral is looked at only where no entry answers, and most
of these lie on the border (海关, 法院), so a few are right; a cue that lets many through is too wide."""
SMALLEST_SHARE_OF_OTHERS = 0.7
"""Share of out-of-scope messages with an address; the rest are mostly matters of no authority (jokes, homework)."""


@pytest.fixture(scope="module")
def referrals() -> Referrals:
    return Referrals(DATA / "referrals.yaml")


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_referral_is_whole(row: dict[str, Any]) -> None:
    for name in ("cues", "who", "text"):
        assert set(row[name]) == set(LANGUAGES) and all(row[name].values())
    assert script_of(row["text"]["zh"]) != "hant" and script_of(row["text"]["yue"]) != "hans"
    if row["number"]:
        assert all(row["number"] in row["text"][language] for language in LANGUAGES)


def test_a_cue_names_one_referral() -> None:
    owners: dict[str, set[str]] = {}
    for row in ROWS:
        for cue in (cue for cues in row["cues"].values() for cue in cues):
            owners.setdefault(normalise(cue), set()).add(row["id"])
    assert {cue: ids for cue, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("社保断缴了怎么补", "social-security"),
        ("香港身份證過期去邊度換", "hong-kong-immigration"),
        ("身份证快到期了能就近换吗", "resident-identity-card"),
        ("MPF轉去另一間公司點搞呀", "hong-kong-government"),
        ("銀行戶口俾人凍結", "bank"),
        ("how to renew my british passport in beijing", "foreign-embassy"),
        ("us green card lottery", "emigration"),
        ("海关电话是多少", "customs"),
        ("在国外被抢了怎么办", "consular-protection"),
        ("澳門現金分享幾時有", "macao-government"),
        ("国航退票要扣我80%", "airline"),
        ("边检招警考试怎么报名", "nia-recruitment"),
    ],
)
def test_who_is_responsible(referrals: Referrals, text: str, id: str) -> None:
    found = referrals.find(text)
    assert found is not None and found.id == id


@pytest.mark.parametrize(
    "text",
    [
        "我户口在县里可以自由行去香港吗",
        "有深圳居住证能办一签多行吗",
        "how do I get a Chinese green card",
        "机票名字和护照不一样怎么办",
        "台风飞机取消了，240小时会不会超",
        "不用带健身包过关吗",
        "estate agent asks for my passport",
    ],
)
def test_our_own_matters_have_no_cue(referrals: Referrals, text: str) -> None:
    assert referrals.find(text) is None


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ("renew…british passport", "can I renew my british passport here", True),
        ("renew…british passport", "my british passport, how do I renew it", False),
        ("esta", "estate", False),
        ("esta", "do I need an ESTA?", True),
        ("mpf", "我個MPF點算", True),
        ("b1/b2", "b1/b22", False),
        ("户口…迁", "戶口點樣遷走", True),
        ("户口…迁", "迁走，户口没了", False),
    ],
)
def test_how_a_cue_is_heard(tmp_path: Path, cue: str, text: str, found: bool) -> None:
    row = {"id": "a", "cues": {"zh": [cue]}, "who": {}, "number": None, "text": {}}
    file = tmp_path / "referrals.yaml"
    file.write_text(yaml.safe_dump([row], allow_unicode=True), encoding="utf-8")
    assert (Referrals(file).find(text) is not None) is found


def test_the_longest_cue_wins(referrals: Referrals) -> None:
    found = referrals.find("我想投诉银行信用卡逾期乱收费")
    assert found is not None and found.id == "bank"


def test_few_of_our_questions_carry_a_cue(referrals: Referrals) -> None:
    entries = load_folder(DATA / "knowledge" / "entries")
    wordings = [wording for entry in entries for said in entry.questions.values() for wording in said]
    sent_away = sum(referrals.find(wording) is not None for wording in wordings)
    assert sent_away / len(wordings) < LARGEST_SHARE_OF_OURS


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_of_what_is_not_ours_gets_an_address(referrals: Referrals, language: str) -> None:
    said = yaml.safe_load((DATA / "knowledge" / "negatives.yaml").read_text("utf-8"))["out_of_scope"][language]
    assert sum(referrals.find(text) is not None for text in said) / len(said) > SMALLEST_SHARE_OF_OTHERS

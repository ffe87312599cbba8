"""Names in messages: what routing and the visa-free check rely on."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.paths import DATA
from knowledge.text.gazetteer import Gazetteer, fold

GAZETTEER = Gazetteer.load(DATA)


def found(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(mention.kind, mention.candidates) for mention in GAZETTEER.find(text)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("海南", ("460000", "632500")),
        ("吉林", ("220000", "220200")),
        ("朝阳", ("211300", "110000", "220100")),
        ("朝阳区", ("110000", "220100")),
        ("朝阳市", ("211300",)),
        ("北京朝阳区", ("110000",)),
        ("长春市朝阳区", ("220100",)),
        ("吉林省", ("220000",)),
        ("吉林市", ("220200",)),
        ("吉林省吉林市", ("220200",)),
        ("海南省", ("460000",)),
        ("江苏苏州", ("320500",)),
        ("Suzhou", ("320500", "341300")),
        ("suzhou, jiangsu", ("320500",)),
        ("Fuzhou", ("350100", "361000")),
        ("Taizhou", ("321200", "331000")),
        ("Yichun", ("230700", "360900")),
        ("Yulin", ("450900", "610800")),
        ("Jilin", ("220000", "220200")),
        ("浦东", ("310000",)),
        ("海淀区", ("110000",)),
        ("義烏", ("330700",)),
        ("佛山市顺德区", ("440600",)),
        ("中山", ("442000",)),
        ("Xi'an", ("610100",)),
        ("xian", ("610100",)),
        ("Tibet", ("540000",)),
        ("香港", ("810000",)),
        ("Hong Kong", ("810000",)),
        ("Macau", ("820000",)),
        ("臺灣", ("710000",)),
        ("内蒙古", ("150000",)),
    ],
)
def test_place(text: str, codes: tuple[str, ...]) -> None:
    assert found(text) == [("place", codes)]


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("羅湖", ("port-luohu",)),
        ("Lo Wu", ("port-luohu",)),
        ("落馬洲", ("port-huanggang",)),
        ("落馬洲支線", ("port-futian",)),
        ("大橋", ("port-hzmb",)),
        ("PVG", ("air-pvg",)),
        ("pvg", ("air-pvg",)),
        ("白云机场", ("air-can",)),
        ("从CAN出境", ("air-can",)),
        ("上海机场", ("air-pvg", "air-sha")),
        ("满洲里口岸", ("port-manzhouli-road", "port-manzhouli-rail")),
    ],
)
def test_port(text: str, ports: tuple[str, ...]) -> None:
    assert found(text) == [("port", ports)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("韩国", "KR"),
        ("南韓", "KR"),
        ("Korean", "KR"),
        ("紐西蘭", "NZ"),
        ("澳洲", "AU"),
        ("印度尼西亚", "ID"),
        ("印度", "IN"),
        ("蒙古国", "MN"),
        ("a US citizen", "US"),
        ("Brazilians", "BR"),
        ("挪威", "NO"),
        ("我是中国人", "CN"),
    ],
)
def test_nationality(text: str, code: str) -> None:
    assert found(text) == [("nationality", (code,))]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("回鄉證", "home_return_permit"),
        ("外籍回乡证", "non_chinese_hkm_permit"),
        ("往来港澳通行证", "hk_macao_permit"),
        ("五星卡", "permanent_residence_card"),
        ("passports", "passport"),
        ("落地签", "port_visa"),
        ("边防证", "border_area_pass"),
    ],
)
def test_document(text: str, document: str) -> None:
    assert found(text) == [("document", (document,))]


@pytest.mark.parametrize(
    "text",
    [
        "快捷通道",
        "通道在哪",
        "可以讲广东话吗",
        "北京时间几点",
        "近日本来想去",
        "tell us more",
        "can I go",
        "she is here",
        "在郊区",
        "中国",
        "China",
        "最大关系",
        "比如说",
        "合作单位",
        "朝鲜族",
        "公安局",
        "互助",
        "printing",
        "Indianapolis",
        "",
        "a",
        "？",
        "😀😀",
    ],
)
def test_no_name(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "person"),
    [("香港人", True), ("台湾居民", True), ("Hong Kong resident", True), ("在香港", False), ("香港人才", False)],
)
def test_a_name_that_describes_a_person_is_marked(text: str, person: bool) -> None:
    assert [mention.person for mention in GAZETTEER.find(text)] == [person]


@pytest.mark.parametrize("text", ["我是韩国人", "i'm from Germany", "American", "德國護照", "来自法国"])
def test_a_nationality_said_of_someone_is_marked(text: str) -> None:
    first = GAZETTEER.find(text)[0]
    assert (first.kind, first.person) == ("nationality", True)


def test_mentions_carry_the_text_and_its_offsets() -> None:
    text = "我喺羅湖，攞ＰＡＳＳＰＯＲＴ去Suzhou"
    mentions = GAZETTEER.find(text)
    assert [mention.text for mention in mentions] == ["羅湖", "ＰＡＳＳＰＯＲＴ", "Suzhou"]
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)


def test_districts_are_given_beside_their_cities() -> None:
    assert GAZETTEER.find("鼓楼区在哪办")[0].areas == ("320106", "320302", "350102", "410204")


def test_every_division_is_found_by_its_full_name_and_named_again() -> None:
    divisions = json.loads((DATA / "places" / "divisions.json").read_text(encoding="utf-8"))["divisions"]
    named = [one for one in divisions if one["level"] in ("province", "prefecture")]
    assert len(named) == 367
    for one in named:
        assert found(one["name_zh"]) == [("place", (one["code"],))], one
        assert GAZETTEER.name("place", one["code"], "zh") == one["name_zh"]


def test_every_port_is_found_by_its_names() -> None:
    lines = (DATA / "places" / "ports.jsonl").read_text(encoding="utf-8").splitlines()
    for port in map(json.loads, lines):
        for name in (port["name_zh"], port["name_en"]):
            assert [port["id"] in mention.candidates for mention in GAZETTEER.find(name)] == [True], port


def test_names_and_regions() -> None:
    assert GAZETTEER.name("nationality", "NZ", "yue") == "紐西蘭"
    assert GAZETTEER.name("place", "110105", "zh") == "北京市朝阳区"
    assert GAZETTEER.name("place", "440300", "en") == "Shenzhen"
    assert GAZETTEER.region_of("port", "air-pvg") == "310000"
    assert GAZETTEER.region_of("place", "110105") == "110000"
    assert GAZETTEER.region_of("nationality", "FR") is None
    with pytest.raises(KeyError):
        GAZETTEER.name("place", "999999", "zh")


def test_missing_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Gazetteer.load(tmp_path)


@given(st.text(max_size=80))
def test_mentions_never_overlap_and_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)
    end = 0
    for mention in GAZETTEER.find(text):
        assert end <= mention.start < mention.end <= len(text)
        assert mention.candidates
        end = mention.end

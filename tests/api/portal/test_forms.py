"""What a visitor fills in: search, the visa-free check, ports, offices, fees."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from api.portal.site import PREFIX
from tests.api.portal.page import opened


def test_markup_in_a_question_stays_text(http: httpx.Client) -> None:
    page = opened(http, '/search?q="><script>alert(1)</script><img src=x onerror=alert(2)>护照')
    assert "<script>alert" not in page.text and "<img" not in page.text
    assert page.faults == [] and "<script>alert(1)</script>" in page.said


def test_personal_numbers_are_not_repeated(http: httpx.Client) -> None:
    page = opened(http, "/search?q=我的护照E12345678丢了")
    assert "E12345678" not in page.text and "[证件号]" in page.said and "已隐去" in page.said


def test_search_is_the_conversations_search(http: httpx.Client) -> None:
    found = http.get("/v1/knowledge/search", params={"q": "护照丢了", "language": "zh"}).json()["results"]
    best = found[0]["entry"]
    page = opened(http, "/search?q=护照丢了")
    assert "最符合的答案" in page.said and best["answer"]["zh"][:20] in page.said


@pytest.mark.parametrize(("path", "said"), [("", "没有找到可靠的答案"), ("/en", "No reliable answer found")])
def test_search_says_when_it_has_nothing(http: httpx.Client, path: str, said: str) -> None:
    page = opened(http, f"{path}/search?q=红烧肉怎么做")
    assert said in page.said and "12367" in page.said
    assert any(link.get("data-ask") == "红烧肉怎么做" for link in page.links)


def test_search_finds_ports_and_offices_too(http: httpx.Client) -> None:
    assert any(link["href"] == "/ports/port-luohu" for link in opened(http, "/search?q=罗湖口岸几点关").links)
    assert any(link["href"] == "/offices?place=440600" for link in opened(http, "/search?q=佛山办护照").links)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/ports?q=不存在的地方", "没有认出"),
        ("/ports?type=space", "口岸类型"),
        ("/en/ports?q=Suzhou", "add the province"),
        ("/offices?place=xyzzy", "没有认出“xyzzy”"),
        ("/visa-free?nationality=XX&stay=5", "请从列表中选择国籍"),
        ("/visa-free?nationality=CN&stay=5", "中国公民不需要"),
        ("/en/visa-free?nationality=FR&stay=many", "whole number"),
        ("/en/visa-free?nationality=FR&stay=0", "whole number"),
        ("/yue/visa-free?nationality=FR&stay=5&date=2020-01-01", "唔可以早過今日"),
        ("/en/visa-free?nationality=FR&stay=5&purpose=fun", "choose the purpose"),
        ("/visa-free?nationality=US&stay=5&origin=CN", "请从列表中选择从哪里来中国"),
        ("/yue/visa-free?nationality=US&stay=5&onward=mars", "請喺列表入面揀離開中國之後去邊度"),
        ("/en/visa-free?nationality=US&stay=5&port=air-xxx", "choose the port"),
        ("/visa-free?nationality=US&stay=5&passport_valid_until=soon", "护照有效期请按"),
        ("/yue/visa-free?nationality=US&stay=5&onward_ticket=maybe", "請喺列表入面揀係咪已經有聯程客票"),
    ],
)
def test_a_form_filled_in_wrongly_says_what_is_wrong(http: httpx.Client, path: str, said: str) -> None:
    page = opened(http, path, 422)
    assert said in page.said and 'role="alert"' in page.text
    assert page.faults == []


def test_the_check_answers_as_the_tool_does(http: httpx.Client) -> None:
    trip = {"nationality": "FR", "days": 20, "purpose": "tourism", "language": "en"}
    told = http.post("/v1/tools/visa-free", json=trip).json()
    page = opened(http, "/en/visa-free?nationality=FR&stay=20&unit=days&purpose=tourism")
    assert told["status"] == "visa_free" and "No visa needed" in page.said
    assert " ".join(told["text"].split())[:60] in page.said


@pytest.mark.parametrize("language", PREFIX)
@pytest.mark.parametrize(
    ("onward", "port", "policy"),
    [("TH", "air-pvg", "transit_240h"), ("JP", "air-pvg", None), ("TH", "port-luohu", None)],
)
def test_transit_is_answered_as_the_tool_does(
    http: httpx.Client, language: str, onward: str, port: str, policy: str | None
) -> None:
    """By the route and the port; what was filled in stays filled in."""
    trip = {"nationality": "US", "purpose": "transit", "origin": "JP", "onward": onward, "port": port}
    told = http.post("/v1/tools/visa-free", json=trip | {"days": 5, "language": language}).json()
    assert (told["policy"]["id"] if told["status"] == "visa_free" else None) == policy
    query = "&".join(f"{field}={value}" for field, value in trip.items())
    page = opened(http, f"{PREFIX[language]}/visa-free?{query}&stay=5")  # type: ignore[index]
    assert " ".join(told["text"].split()) in page.said
    for value in trip.values():
        assert f'<option value="{value}" selected>' in page.text


@pytest.mark.parametrize(
    ("query", "given", "reason"),
    [
        ("passport_valid_until=2100-01-31", {"passport_valid_until": "2100-01-31"}, "passport_expiry"),
        ("onward_ticket=no", {"onward_ticket": False}, "ticket"),
        ("onward_ticket=yes&passport_valid_until=2104-01-31",
         {"onward_ticket": True, "passport_valid_until": "2104-01-31"}, None),
    ],
)  # fmt: skip
def test_passport_and_ticket_count_for_a_transit(
    http: httpx.Client, query: str, given: dict[str, Any], reason: str | None
) -> None:
    trip = {"nationality": "US", "purpose": "transit", "origin": "JP", "onward": "TH", "date": "2099-12-20"}
    told = http.post("/v1/tools/visa-free", json=trip | given | {"days": 5, "language": "en"}).json()
    assert told["reason"] == reason
    page = opened(
        http, f"/en/visa-free?{'&'.join(f'{field}={value}' for field, value in trip.items())}&stay=5&{query}"
    )
    assert " ".join(told["text"].split()) in page.said
    assert ("A visa is needed" if reason else "No visa needed") in page.said


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("", "onward", "go after China"),
        ("&onward=TH", "origin", "From which country or region"),
        ("&port=x", "port", "port"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(
    http: httpx.Client, query: str, field: str, said: str
) -> None:
    response = http.get(f"/en/visa-free?nationality=US&stay=5{query}")
    note = re.search(r'<strong id="(\w+)-note" class="fault">(.*?)</strong>', response.text)
    assert note and note[1] == field and said in note[2]
    select = re.search(rf'<select id="{field}".*?>', response.text)
    assert select and f"{field}-hint {field}-note" in select[0] and 'aria-invalid="true"' in select[0]


def test_the_check_asks_for_what_decides(http: httpx.Client) -> None:
    page = opened(http, "/en/visa-free?nationality=US&stay=5&unit=days")
    assert "One more thing is needed" in page.said and "go after China" in page.said


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("q=深圳", "port-luohu", "port-gongbei"),
        ("q=Hong+Kong", "port-luohu", "air-pek"),
        ("face=1", "port-luohu", "air-pek"),
        ("t240=1", "air-pek", "port-luohu"),
        ("h24=1", "port-huanggang", "port-luohu"),
        ("type=rail", "rail-xijiulong", "port-luohu"),
        ("q=PVG", "air-pvg", "air-pek"),
    ],
)
def test_ports_are_found_by_place_and_by_what_they_offer(
    http: httpx.Client, query: str, inside: str, outside: str
) -> None:
    links = {link["href"] for link in opened(http, f"/ports?{query}").links}
    assert f"/ports/{inside}" in links and f"/ports/{outside}" not in links


def test_a_city_without_a_port_gets_the_nearest(http: httpx.Client) -> None:
    page = opened(http, "/ports?q=佛山")
    assert "公里" in page.said and any((link["href"] or "").startswith("/ports/") for link in page.links)


def test_fees_are_those_of_the_table(http: httpx.Client) -> None:
    fees = http.get("/v1/tools/fees").json()["fees"]
    page = opened(http, "/fees")
    assert page.text.count("<tr>") - page.text.count("<thead>") == len(fees)
    assert "120元" in page.said and "7个工作日" in page.said

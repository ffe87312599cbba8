"""The clock on the day after: a gateway with CONSULT_NOW on 2027-01-01, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest

from api.clock import SHANGHAI
from knowledge.paths import DATA
from tests.processes import Visitor, gateway, prepare, settings, small_data


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("later")
    entries = small_data(folder) / "knowledge" / "entries"
    for name in ("visa_free_unilateral.yaml", "computed.yaml"):
        (entries / name).symlink_to(DATA / "knowledge" / "entries" / name)
    current = settings(folder, data_dir=folder / "data", now=datetime(2027, 1, 1, 0, 1, tzinfo=SHANGHAI))
    asyncio.run(prepare(current, {}))
    with gateway(current) as address:
        yield address


def test_the_day_after_nothing_is_answered_from_what_is_over(url: str) -> None:
    visitor = Visitor(url, language="zh")
    said = ("日本护照免签吗，来旅游两周", "查免签，法国人")
    for text in said:
        (reply,) = [one for one in visitor.say(text)["replies"] if one["kind"] != "notice"]
        assert (reply["kind"], reply["entry"]) == ("decline", None), reply
        assert "2026年12月31日" in reply["text"] and "12367" in reply["text"]
        assert [choice["payload"] for choice in reply["choices"]] == ["/handoff"]
    found = visitor.http.get("/v1/knowledge/search", params={"q": "日本护照免签吗"}).json()["results"]
    assert "vf-japan-korea" not in {result["entry"]["id"] for result in found}


def test_the_tables_know_the_day_too(url: str) -> None:
    http = Visitor(url).http
    for nationality, status in (("FR", "ended"), ("RU", "visa_free"), ("BN", "visa_free"), ("SG", "visa_free")):
        answer = http.post("/v1/tools/visa-free", json={"nationality": nationality, "days": 14})
        assert answer.json()["status"] == status
    port = http.get("/v1/tools/ports/port-luohu").json()
    assert port["opening"] == "closed"  # one minute past midnight


def test_the_check_is_asked_through_buttons(url: str) -> None:
    visitor = Visitor(url, language="en")
    (asked,) = visitor.say("visa check please")["replies"]
    assert asked["kind"] == "clarify"
    pressed = '/inform{"nationality": "US"}', '/inform{"duration": "P3D"}', '/inform{"onward": "same"}'
    for payload in pressed:
        (reply,) = visitor.say(payload)["replies"]
    assert (reply["kind"], reply["entry"]["id"]) == ("answer", "computed-transit-same-place")

"""The tools over HTTP: the same tables, typed shapes, and problems that name the field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from actions.services import Services
from api import problems
from api.clock import SHANGHAI
from api.routing.geography import Geography
from api.tools.endpoints import router
from api.tools.schemas import VisaQuestion
from api.tools.service import ToolService
from knowledge.entries import Entry, effective, load_folder
from knowledge.language import Language
from knowledge.paths import DATA
from knowledge.search import Hit
from knowledge.text.gazetteer import Gazetteer
from knowledge.texts import Referrals, Texts

ENTRIES = {entry.id: entry for entry in load_folder(DATA / "knowledge" / "entries")}


@dataclass
class Base:
    """The entries on a day; nothing here is searched for."""

    day: date = date(2026, 11, 25)

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
        raise AssertionError("a computed answer needs no search")

    def entry(self, entry_id: str) -> Entry | None:
        entry = ENTRIES.get(entry_id)
        return entry if entry and effective(entry, self.day) else None

    def ended(self, entry_id: str) -> Entry | None:
        return None

    def now(self) -> datetime:
        return datetime.combine(self.day, time(23, 30), SHANGHAI)

    def today(self) -> date:
        return self.day


def service(day: date = date(2026, 11, 25)) -> ToolService:
    authorities = yaml.safe_load((DATA / "knowledge" / "authorities.yaml").read_text("utf-8"))
    texts, referrals = Texts(DATA / "texts"), Referrals(DATA / "referrals.yaml")
    services = Services(Base(day), texts, referrals, authorities, Gazetteer.load(DATA))
    return ToolService(services, Geography(DATA / "places"))


def calls(tools: ToolService) -> httpx.AsyncClient:
    app = FastAPI()
    problems.install(app)
    app.include_router(router)
    app.state.container = SimpleNamespace(tools=tools)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tools")


TOOLS = service()


async def get(path: str, **query: Any) -> httpx.Response:
    async with calls(TOOLS) as http:
        return await http.get(f"/v1/tools/{path}", params=query)


async def ask(tools: ToolService = TOOLS, **known: Any) -> httpx.Response:
    async with calls(tools) as http:
        return await http.post("/v1/tools/visa-free", json=known)


@pytest.mark.parametrize("language", ["zh", "yue", "en"])
async def test_a_journey_is_answered_from_a_reviewed_template(language: str) -> None:
    answer = (await ask(nationality="FR", days=14, date="2026-12-01", language=language)).json()
    assert (answer["status"], answer["visa_needed"]) == ("visa_free", False)
    assert answer["entry"] == {"id": "computed-unilateral", "version": 1}
    assert (answer["until"], answer["leave_by"]) == ("2026-12-31", "2026-12-31")
    assert "vf-eu" in answer["facts"] and answer["sources"]
    assert "{" not in answer["text"] and "2026" in answer["text"]
    assert answer["policy"]["id"] == "unilateral" and "purpose" in answer["policy"]["open"]


async def test_what_is_missing_is_said() -> None:
    for known, missing in (
        ({}, "nationality"), ({"nationality": "DE"}, "days"), ({"nationality": "US", "days": 5}, "onward"),
        ({"nationality": "US", "days": 5, "onward": "TH"}, "origin"),
    ):  # fmt: skip
        answer = (await ask(**known)).json()
        assert (answer["status"], answer["missing"]) == ("ask", missing) and answer["question"]


async def test_the_triangle_counts() -> None:
    trip: dict[str, Any] = {"nationality": "US", "days": 5, "origin": "JP", "port": "air-pvg"}
    there = (await ask(**trip, onward="TH")).json()
    assert (there["status"], there["policy"]["id"]) == ("visa_free", "transit_240h")
    back = (await ask(**trip, onward="JP")).json()
    assert (back["status"], back["reason"], back["visa_needed"]) == ("visa_needed", "route", True)
    by_hong_kong = (await ask(**trip, onward="HK")).json()
    assert by_hong_kong["entry"]["id"] == "computed-transit-240-region" and "12367" in by_hong_kong["text"]


async def test_a_policy_that_is_over_says_so() -> None:
    answer = (await ask(service(date(2027, 1, 1)), nationality="FR", days=14)).json()
    assert (answer["status"], answer["visa_needed"], answer["entry"]) == ("ended", None, None)
    assert "31 December 2026" in answer["text"]


@pytest.mark.parametrize(
    ("known", "field"),
    [
        ({"nationality": "France"}, "nationality"), ({"nationality": "QQ"}, "nationality"),
        ({"nationality": "CN"}, "nationality"), ({"nationality": "FR", "days": 0}, "days"),
        ({"nationality": "FR", "days": 3651}, "days"), ({"nationality": "FR", "days": 1, "hours": 2}, "body"),
        ({"nationality": "FR", "date": "2026-11-24"}, "date"), ({"nationality": "FR", "date": "soon"}, "date"),
        ({"nationality": "FR", "port": "port-nowhere"}, "port"), ({"nationality": "FR", "onward": "CN"}, "onward"),
        ({"nationality": "FR", "origin": "QQ"}, "origin"), ({"nationality": "FR", "places": ["1"]}, "places.0"),
        ({"nationality": "FR", "colour": "red"}, "colour"),
    ],
)  # fmt: skip
async def test_nonsense_is_refused_with_its_field(known: dict[str, Any], field: str) -> None:
    answer = await ask(**known)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert field in {error["field"] for error in answer.json()["errors"]}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "nationality": st.sampled_from(["FR", "US", "IN", "TH", "RU"]),
            "days": st.integers(1, 400),
            "purpose": st.sampled_from(["tourism", "work", "transit"]),
            "onward": st.sampled_from(["same", "third", "HK", "JP"]),
            "origin": st.sampled_from(["JP", "HK"]),
            "language": st.sampled_from(["zh", "yue", "en"]),
        },
    )
)
def test_every_question_gets_an_answer_or_a_question(known: dict[str, Any]) -> None:
    found = TOOLS.visa_free(VisaQuestion.model_validate(known))
    assert found.status == "ask" or (found.text and "{" not in found.text)


async def test_ports_by_what_they_offer() -> None:
    every = (await get("ports", limit=200)).json()
    assert every["total"] == len(every["ports"]) == 187
    assert sum(port["opening"] == "unknown" for port in every["ports"]) == 97  # one is known to be open all day
    assert (await get("ports", transit_240h=True)).json()["total"] == 65
    assert (await get("ports", face_clearance=True)).json()["total"] == 14
    assert len((await get("ports", type="road", limit=3)).json()["ports"]) == 3
    named = (await get("ports", q="羅湖")).json()["ports"]
    assert [port["id"] for port in named] == ["port-luohu"]
    assert named[0]["station"]["id"] == "gs-8220" and named[0]["hours"]["as_of"]


@pytest.mark.parametrize(
    ("at", "opening"),
    [("2026-11-25T12:00", "open"), ("2026-11-25T23:30:00Z", "open"), ("2026-11-25T03:00", "closed")],
)
async def test_open_at_a_time(at: str, opening: str) -> None:
    assert (await get("ports/port-luohu", at=at)).json()["opening"] == opening


async def test_open_now_is_the_default() -> None:
    assert (await get("ports/port-luohu")).json()["opening"] == "open"  # 23:30
    assert (await get("ports/port-futian")).json()["opening"] == "closed"
    assert (await get("ports/port-nowhere")).status_code == 404


async def test_the_nearest_port() -> None:
    for near in ("中山", "Zhongshan", "442000"):
        answer = (await get("ports", near=near, limit=2)).json()
        assert answer["ports"][0]["id"] == "port-zhongshan" and answer["ports"][0]["distance_km"] < 20
    by_point = (await get("ports", lat=22.52, lon=113.39, limit=1)).json()
    assert by_point["ports"][0]["id"] == "port-zhongshan"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"near": "火星"}, "near"),
        ({"near": "Suzhou"}, "near"),
        ({"near": "中山", "lat": 1, "lon": 1}, "near"),
        ({"lat": 22.5}, "lon"),
        ({"lat": 91, "lon": 0}, "lat"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"type": "space"}, "type"),
        ({"at": "noon"}, "at"),
    ],
)
async def test_wrong_port_questions_name_the_field(query: dict[str, Any], field: str) -> None:
    answer = await get("ports", **query)
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == field


async def test_an_office_is_named_by_the_pattern_and_says_so() -> None:
    for place in ("佛山", "顺德", "440600"):
        office = (await get("offices", place=place)).json()
        assert (office["id"], office["name"]) == ("psb-440600", "佛山市公安局出入境管理部门")
        assert office["by_pattern"] and office["address"] is None and "12367" in office["note"]
    assert (await get("offices", place="Beijing", language="en")).json()["id"] == "psb-11"
    asked = (await get("offices", place="广东")).json()
    assert asked["ask"] == "place" and "440300" in {city["code"] for city in asked["candidates"]}
    assert len((await get("offices", place="Suzhou", language="en")).json()["candidates"]) == 2
    for place in ("香港", "火星", "999999"):
        assert (await get("offices", place=place)).status_code == 422


async def test_fees_by_document_and_procedure() -> None:
    (fee,) = (await get("fees", document="passport", procedure="first")).json()["fees"]
    assert (fee["amount"], fee["currency"], fee["days"], fee["working"]) == (120, "CNY", 7, True)
    assert fee["facts"] == ["pp-fee", "pp-time"] and fee["as_of"]
    assert len((await get("fees")).json()["fees"]) == len(TOOLS.fees(None, None))
    refused = await get("fees", document="driving_licence")
    assert refused.status_code == 422 and "passport" in refused.json()["detail"]

"""Routing: every row of the table, what must be asked first, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from api.problems import Problem
from api.routing import table
from api.routing.resolve import Ask, Decision, Inquiry
from api.routing.rules import RuleError, every_call, load
from api.routing.service import RoutingService
from knowledge.text.gazetteer import Gazetteer

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def routing() -> RoutingService:
    return RoutingService(DATA, Gazetteer.load(DATA))


def ask(routing: RoutingService, **known: object) -> Decision | Ask:
    return routing.resolve(Inquiry(**{"line": "phone", "language": "zh", **known}))  # type: ignore[arg-type]


ROWS = [
    # mainland, Chinese: port clearance -> the station nearest to the caller
    (dict(business="clearance", place="深圳"), "clearance", "gs-8220"),
    (dict(business="clearance", place="佛山"), "clearance", "gs-8219"),
    (dict(business="clearance", place="珠海横琴"), "clearance", "gs-8221"),
    (dict(business="clearance", region="110105"), "clearance", "gs-8201"),
    (dict(business="clearance", port="port-luohu"), "clearance", "gs-8220"),
    (dict(business="clearance", place="我在浦东机场"), "clearance", "gs-8209"),
    (dict(business="clearance", place="云南"), "clearance", "gs-8227"),
    # mainland, Chinese: documents -> the exit-entry administration where the caller is
    (dict(business="documents", place="佛山顺德"), "documents", "psb-440600"),
    (dict(business="documents", region="440305"), "documents", "psb-440300"),
    (dict(business="documents", place="北京朝阳区"), "documents", "psb-11"),
    (dict(business="documents", place="东莞"), "documents", "psb-441900"),
    (dict(business="documents", place="仙桃"), "documents", "psb-429004"),
    (dict(business="documents", caller_number="13902912345"), "documents", "psb-440300"),
    (dict(business="documents", caller_number="0757-22221111"), "documents", "psb-440600"),
    (dict(business="documents", language="yue", place="广州"), "documents", "psb-440100"),
    # suggestions, English, overseas -> the service centre
    (dict(business="suggestions"), "suggestions", "masc"),
    (dict(language="en", business="documents"), "english", "masc"),
    (dict(language="en"), "english", "masc"),
    (dict(origin="overseas"), "overseas", "masc"),
    (dict(origin="overseas", business="documents", place="深圳"), "overseas", "masc"),
    (dict(business="documents", place="香港"), "overseas", "masc"),
    (dict(business="documents", region="820000"), "overseas", "masc"),
    (dict(business="documents", caller_number="+85223456789"), "overseas", "masc"),
    (dict(business="clearance", caller_number="+886223456789"), "overseas", "masc"),
    (dict(language="yue", caller_number="+16502530000"), "overseas", "masc"),
    (dict(business="documents", place="我在加拿大"), "overseas", "masc"),
    (dict(urgent=True), "urgent", "masc"),
]


@pytest.mark.parametrize(("known", "rule", "unit"), ROWS, ids=[str(row[0]) for row in ROWS])
def test_every_row_of_the_table(routing: RoutingService, known: dict[str, object], rule: str, unit: str) -> None:
    decision = ask(routing, **known)
    assert isinstance(decision, Decision)
    assert (decision.rule, decision.unit.id) == (rule, unit)
    assert decision.reason and "{" not in decision.reason


def test_a_citys_unit_is_named_by_the_pattern(routing: RoutingService) -> None:
    decision = ask(routing, business="documents", place="佛山")
    assert isinstance(decision, Decision)
    assert decision.unit.name("zh") == "佛山市公安局出入境管理部门"
    assert decision.queue_id == "exit_entry:psb-440600"


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        ("海南", {"460000", "632500"}),
        ("吉林", {"220000", "220200"}),
        ("Suzhou", {"320500", "341300"}),
        ("朝阳", {"211300", "110000"}),
    ],
)
def test_ambiguous_places_are_asked_back(routing: RoutingService, place: str, codes: set[str]) -> None:
    found = ask(routing, business="documents", place=place)
    assert isinstance(found, Ask) and found.ask == "place"
    assert codes <= {candidate.code for candidate in found.candidates}
    assert len({candidate.name for candidate in found.candidates}) == len(found.candidates)


def test_a_province_with_units_in_every_city_is_asked_back(routing: RoutingService) -> None:
    for business in ("documents", "clearance"):
        found = ask(routing, business=business, place="广东")
        assert isinstance(found, Ask)
        assert "440300" in {candidate.code for candidate in found.candidates}


def test_unknown_place_and_business_are_asked_for(routing: RoutingService) -> None:
    assert ask(routing) == Ask("business", ask(routing).candidates)  # type: ignore[union-attr]
    assert ask(routing, business="clearance") == Ask("place", ())
    assert ask(routing, business="clearance", place="火星") == Ask("place", ())


def test_who_cannot_say_where_they_are_reaches_the_service_centre(routing: RoutingService) -> None:
    decision = ask(routing, business="documents", place="unknown")
    assert isinstance(decision, Decision) and decision.unit.id == "masc"
    assert "地点不明" in decision.reason


@pytest.mark.parametrize(
    ("known", "field"),
    [
        (dict(port="port-nowhere"), "port"),
        (dict(region="999999"), "region"),
        (dict(caller_number="12"), "caller_number"),
        (dict(caller_number="not a number"), "caller_number"),
    ],
)
def test_unknown_codes_name_the_field(routing: RoutingService, known: dict[str, object], field: str) -> None:
    with pytest.raises(Problem) as caught:
        ask(routing, business="documents", **known)
    assert caught.value.status == 422 and caught.value.errors[0]["field"] == field


PLACES = [None, "unknown", "深圳", "佛山", "海南", "香港", "广东", "罗湖口岸", "火星", "Paris"]
REGIONS = [None, "440300", "440000", "110000", "810000"]
NUMBERS = [None, "13902912345", "+85291234567"]
NETWORKS = [None, "440300", "overseas"]


@given(
    st.sampled_from([call for call in every_call() if call["line"] == "phone"]),
    st.sampled_from(PLACES),
    st.sampled_from(REGIONS),
    st.sampled_from(NUMBERS),
    st.sampled_from(NETWORKS),
)
@settings(max_examples=400)
def test_phone_and_chat_get_the_same_answer(
    routing: RoutingService,
    call: dict[str, object],
    place: str | None,
    region: str | None,
    number: str | None,
    network: str | None,
) -> None:
    same = dict(call, place=place, region=region, caller_number=number, network=network)
    phone, chat = (routing.resolve(Inquiry(**{**same, "line": line})) for line in ("phone", "chat"))  # type: ignore[arg-type]
    assert phone == chat
    if isinstance(phone, Decision) and phone.located and phone.unit.id != "masc":
        assert phone.located.place.mainland


def test_phone_and_chat_agree_on_every_combination_of_the_table(routing: RoutingService) -> None:
    calls = [call for call in every_call() if call["line"] == "phone"]
    for call, place, region in product(calls, PLACES, REGIONS):
        same = dict(call, place=place, region=region)
        phone, chat = (routing.resolve(Inquiry(**{**same, "line": line})) for line in ("phone", "chat"))  # type: ignore[arg-type]
        assert phone == chat, same


def test_the_table_in_the_docs_is_the_files(routing: RoutingService) -> None:
    kept = (DATA.parent / "api/routing/table.md").read_text("utf-8")
    assert kept == table.markdown(routing), "run: consult routing table --markdown > api/routing/table.md"


def test_every_mainland_place_has_one_station_and_one_exit_entry_unit(routing: RoutingService) -> None:
    """So no distance has to decide: the data say who covers each place."""
    geography = routing.geography
    places = {place for code in range(110000, 660000, 100) if (place := geography.place(str(code)))}
    shared = {place.code for place in places if len(geography.stations(place)) != 1}
    assert shared == {"440000"}, "Guangdong alone is shared by three stations and is asked back"
    cities = [place for place in places if place.level != "province"]
    assert len(cities) > 300 and all(geography.exit_entry(place) for place in cities)


def test_units_are_found_by_words_of_their_names(routing: RoutingService) -> None:
    def ids(words: str) -> list[str]:
        return [unit.id for unit in routing.geography.find_units(words)]

    assert ids("佛山") == ids("psb-440600") == ["psb-440600"]
    assert ids("深圳") == ids("shenzhen") == ["gs-8220", "psb-440300"]
    assert ids("") and ids("")[0] == "masc" and ids("没有这个单位") == []
    assert len(set(ids(""))) == len(ids("")), "each unit once"
    assert all(routing.geography.unit(unit_id) for unit_id in ids(""))


def test_the_network_address_is_proposed_and_never_decides(routing: RoutingService) -> None:
    found = ask(routing, business="documents", network="440300")
    assert isinstance(found, Ask) and [candidate.code for candidate in found.candidates] == ["440300"]
    decision = ask(routing, business="documents", network="440300", place="佛山")
    assert isinstance(decision, Decision) and decision.unit.id == "psb-440600"
    abroad = ask(routing, business="documents", network="overseas")
    assert isinstance(abroad, Decision) and abroad.rule == "overseas"


Change = Callable[[dict[str, Any]], object]


def edited(tmp_path: Path, change: Change) -> Path:
    rules = yaml.safe_load((DATA / "routing.yaml").read_text("utf-8"))
    change(rules)
    path = tmp_path / "routing.yaml"
    path.write_text(yaml.safe_dump(rules, allow_unicode=True, sort_keys=False), "utf-8")
    return path


NIGHTLESS = {"days": "working", "open": ["09:00-17:00"]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda r: r["rules"][1].update(to="nobody"), "there is no unit 'nobody'"),
        (lambda r: r["rules"].pop(), "no rule takes"),
        (lambda r: r["rules"].append({**r["rules"][-1], "id": "late"}), "'late' is never reached"),
        (lambda r: r["rules"][4].pop("needs"), "needs the place"),
        (lambda r: r["rules"].append(r["rules"][0]), "ids must differ"),
        (lambda r: r["rules"][0]["when"].update(weather="fine"), "weather"),
        (lambda r: r["overflow"][0].update(to="nobody"), "there is no unit 'nobody'"),
        (lambda r: r["overflow"][0].update({"from": ["psb-000000"]}), "there is no unit 'psb-000000'"),
        (lambda r: r["overflow"][0].update(when=["tired"]), "overflow.0.when.0"),
        (lambda r: r["overflow"].append({**r["overflow"][0], "id": "again"}), "'again' is never reached"),
        (lambda r: r["hours"].update(service_centre=NIGHTLESS), "does not answer day and night"),
        (lambda r: r["hours"].pop("exit_entry"), "no hours for exit_entry"),
        (lambda r: r["hours"]["exit_entry"].update(open=["13:00-12:00"]), "must stand in order"),
        (lambda r: r["hours"]["exit_entry"].update(open=["nine to five"]), "not a span of hours"),
    ],
)
def test_wrong_rules_are_refused_with_the_line_and_the_reason(
    routing: RoutingService, tmp_path: Path, change: Change, says: str
) -> None:
    with pytest.raises(RuleError, match=r"routing\.yaml:\d+: .*(" + says + ")"):
        load(edited(tmp_path, change), routing.geography)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("    to: nearest_station", "    to: nearest_shop", "    to: nearest_shop"),
        ("  - id: suggestions", "  - id: english", "  - id: english\n    when: {origin: domestic, language: [zh"),
        ("queue_limit: 10", "queue_limit: 0", "queue_limit: 0"),
        ("unknown_place: masc", "unknown_place: moon", "unknown_place: moon"),
        ("unknown_place: masc", "queue_limit: 3\nunknown_place: masc", "queue_limit: 3"),
        ("    to: nearest_station", "    to: [", "    reason"),
        ("when: {origin: domestic, language: en}", "when: {origin: domestic, language: fr}", "language: fr"),
    ],
)
def test_the_line_named_is_the_one_that_is_wrong(
    routing: RoutingService, tmp_path: Path, old: str, new: str, line: str
) -> None:
    text = (DATA / "routing.yaml").read_text("utf-8")
    assert old in text
    at = text.index(old)
    text = text.replace(old, new, 1)
    wrong = text[: text.index(line, at)].count("\n") + 1
    path = tmp_path / "routing.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(RuleError) as caught:
        load(path, routing.geography)
    named = int(str(caught.value).split(":")[1])
    assert abs(named - wrong) <= ("[" in new), str(caught.value)


def test_a_circle_of_overflow_is_refused(routing: RoutingService, tmp_path: Path) -> None:
    def circle(rules: dict[str, Any]) -> None:
        rules["hours"]["exit_entry"] = rules["hours"]["service_centre"]
        rules["overflow"] = [
            {"id": "there", "from": ["masc"], "when": ["nobody"], "to": "psb-440300"},
            {"id": "back", "from": ["psb-440300"], "when": ["nobody"], "to": "masc"},
        ]

    with pytest.raises(RuleError, match="'there' goes in a circle: psb-440300 -> masc -> psb-440300"):
        load(edited(tmp_path, circle), routing.geography)


def test_a_changed_file_takes_effect_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "places").symlink_to(DATA / "places")
    path = edited(data, lambda rules: None)
    service = RoutingService(data, Gazetteer.load(DATA))
    text = path.read_text("utf-8")
    path.write_text(text.replace("2026-11-25", "2026-12-01"), "utf-8")
    assert service.rules.version == "2026-12-01"
    path.write_text("rules: [", "utf-8")
    assert service.rules.version == "2026-12-01"

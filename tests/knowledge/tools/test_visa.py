"""The visa-free check: every policy of the fact sheet, its limits, and the laws that hold for any journey."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import load_folder
from knowledge.entry_rules import load_facts
from knowledge.paths import DATA
from knowledge.text.gazetteer import Gazetteer
from knowledge.texts import Texts
from knowledge.tools.policies import REGIONS, Policies
from knowledge.tools.visa import SAME, THIRD, Outcome, Trip, TripError, changed, check
from knowledge.tools.wording import Wording, fill, template

TODAY = date(2026, 11, 25)
POLICIES = Policies.load(DATA)
FACTS = load_facts(DATA / "facts" / "facts.jsonl")
ENTRIES = {entry.id: entry for entry in load_folder(DATA / "knowledge" / "entries")}
WORDING = Wording(Texts(DATA / "texts"), Gazetteer.load(DATA))
BY_ID = {policy.id: policy for policy in POLICIES.policies}
RANK = {"visa_free": 0, "ask": 1, "visa_needed": 2, "ended": 2, "not_announced": 2}


def trip(nationality: str, days: float | None = None, **known: Any) -> Trip:
    return Trip(nationality, None if days is None else int(days * 24), **known)


def checked(nationality: str, days: float | None = None, on: date = TODAY, **known: Any) -> Outcome:
    return check(trip(nationality, days, **known), POLICIES, on)


def found(outcome: Outcome) -> tuple[str, str | None]:
    return outcome.status, outcome.finding and outcome.finding.policy.id


def listed(policy: str) -> set[str]:
    return {code for row in BY_ID[policy].countries for code in row.codes}


def test_the_lists_are_as_long_as_the_facts_say() -> None:
    assert (len(listed("unilateral")), len(listed("mutual"))) == (50, 29)
    assert (len(listed("transit_240h")), len(listed("hainan"))) == (57, 61)
    ends = [(row.until, len(row.codes)) for row in BY_ID["unilateral"].countries]
    assert sum(count for until, count in ends if until == date(2026, 12, 31)) == 48
    assert sum(port.transit_240h for port in POLICIES.ports.values()) == 65
    areas = BY_ID["transit_240h"].areas
    assert len({area[:2] for area in areas}) == 24
    for province, cities in (("51", 11), ("45", 12), ("53", 9), ("14", 2), ("36", 2), ("23", 1)):
        assert len([area for area in areas if area[:2] == province]) == cities
    assert len(BY_ID["cruise"].port_cities) == 13


NAMES = {
    "vf-eu": "法国 德国 意大利 荷兰 西班牙 瑞士 爱尔兰 匈牙利 奥地利 比利时 卢森堡 波兰 葡萄牙 希腊 塞浦路斯 "
    "斯洛文尼亚 斯洛伐克 挪威 芬兰 丹麦 冰岛 安道尔 摩纳哥 列支敦士登 保加利亚 罗马尼亚 克罗地亚 "
    "黑山 北马其顿 马耳他 爱沙尼亚 拉脱维亚 瑞典 英国 俄罗斯",
    "vf-other": "日本 韩国 文莱 沙特 阿曼 科威特 巴林 澳大利亚 新西兰 加拿大 巴西 阿根廷 智利 秘鲁 乌拉圭",
}


@pytest.mark.parametrize("fact", NAMES)
def test_every_country_named_in_a_fact_rests_on_it(fact: str) -> None:
    gazetteer = Gazetteer.load(DATA)
    codes = {gazetteer.find(name)[0].candidates[0] for name in NAMES[fact].split()}
    assert codes == {code for row in BY_ID["unilateral"].countries if fact in row.facts for code in row.codes}


CASES: list[tuple[Trip, str, str | None, str]] = [
    # unilateral
    (trip("FR", 14), "visa_free", "unilateral", "vf-eu"),
    (trip("KR", 20), "visa_free", "unilateral", "vf-other"),
    (trip("GB", 30, purpose="business"), "visa_free", "unilateral", "vf-ukca"),
    (trip("CA", 30), "visa_free", "unilateral", "vf-ukca"),
    (trip("SE", 10), "visa_free", "unilateral", "vf-sweden"),
    (trip("RU", 30, entry=date(2027, 12, 31)), "visa_free", "unilateral", "vf-russia"),
    (trip("BN", 30, entry=date(2029, 1, 1)), "visa_free", "unilateral", "vf-other"),
    (trip("DE", 31), "visa_needed", "unilateral", "vf-extend"),
    (trip("DE", 10, purpose="work"), "visa_needed", "unilateral", "vf-purpose"),
    (trip("DE", 10, purpose="study"), "visa_needed", "unilateral", "vf-purpose"),
    (trip("DE", 10, purpose="journalism"), "visa_needed", "unilateral", "vf-purpose"),
    (trip("DE", 10, passport="other"), "visa_needed", "unilateral", "vf-passport"),
    (trip("IT", 5, port="port-dongxing"), "visa_free", "unilateral", "vf-anyport"),
    (trip("ES", 10, entry=date(2027, 2, 1)), "not_announced", "unilateral", "vf-expiry-warn"),
    # mutual
    (trip("MY", 30), "visa_free", "mutual", "mut-my"),
    (trip("SG", 30), "visa_free", "mutual", "mut-sg-th"),
    (trip("TH", 30, spent=60), "visa_free", "mutual", "mut-sg-th"),
    (trip("TH", 30, spent=61), "visa_needed", "mutual", "mut-days"),
    (trip("MU", 60), "visa_free", "mutual", "mut-days"),
    (trip("SM", 90), "visa_free", "mutual", "mut-days"),
    (trip("KZ", 30), "visa_free", "mutual", "mut-list"),
    (trip("KZ", 31), "visa_needed", "mutual", "mut-days"),
    (trip("EC", 10), "visa_free", "mutual", "mut-list"),
    # 240 hours
    (trip("US", 10, origin="JP", onward="TH"), "visa_free", "transit_240h", "t240-only"),
    (trip("US", 11, origin="JP", onward="TH"), "visa_needed", "transit_240h", "vf-us"),
    (trip("US", 4, origin="US", onward="US"), "visa_needed", "transit_240h", "t240-abc"),
    (trip("US", 4, origin="JP", onward=SAME), "visa_needed", "transit_240h", "t240-abc"),
    (trip("US", 4, origin="US", onward="HK"), "visa_free", "transit_240h", "t240-hk"),
    (trip("US", 4, origin="HK", onward="TH"), "visa_free", "transit_240h", "t240-hk"),
    (trip("VN", 5, origin="VN", onward="KR"), "visa_free", "transit_240h", "t240-countries"),
    (trip("MX", 5, onward=THIRD), "visa_free", "transit_240h", "t240-what"),
    (trip("CZ", 5, onward=THIRD, places=("540100",)), "visa_needed", "transit_240h", "t240-noarea"),
    (trip("CZ", 5, onward=THIRD, places=("650000",)), "visa_needed", "transit_240h", "t240-noarea"),
    (trip("CZ", 5, onward=THIRD, places=("310000", "610100")), "visa_free", "transit_240h", "t240-area"),
    (trip("CZ", 5, onward=THIRD, places=("140300",)), "visa_needed", "transit_240h", "t240-area"),
    (trip("UA", 5, onward=THIRD, port="port-dongxing"), "visa_needed", "transit_240h", "t240-ports"),
    (trip("UA", 5, onward=THIRD, port="rail-xijiulong"), "visa_free", "transit_240h", "t240-ports"),
    (trip("LT", 5, onward=THIRD, ticket=False), "visa_needed", "transit_240h", "t240-ticket"),
    (trip("US", 5, onward=THIRD, purpose="work"), "visa_needed", "transit_240h", "t240-purpose"),
    (
        trip("US", 5, onward=THIRD, entry=TODAY, passport_until=date(2027, 2, 24)),
        "visa_needed", "transit_240h", "t240-passport",
    ),
    (
        trip("US", 5, onward=THIRD, entry=TODAY, passport_until=date(2027, 2, 25)),
        "visa_free", "transit_240h", "t240-passport",
    ),
    (trip("FR", 5, origin="FR", onward="JP"), "visa_free", "unilateral", "vf-eu"),  # t240-choose: the easier one
    (trip("IN", 5, origin="IN", onward="CA"), "visa_needed", None, "t240-not"),
    (trip("PH", 15), "visa_needed", None, "t240-not"),
    # 24 hours
    (trip("SY", 5 / 24, origin="SY", onward="MY"), "visa_free", "transit_24h", "t24-rule"),
    (trip("IN", 1, origin="IN", onward="CA", airside=True), "visa_free", "transit_24h", "t24-nocheck"),
    (trip("NG", 15 / 24, origin="NG", onward="JP", airside=False), "visa_needed", None, "t24-rule"),
    (trip("DE", 6 / 24, origin="TH", onward="DE", airside=True), "visa_free", "transit_24h", "t24-cn"),
    # Hainan, groups, cards, the port
    (trip("PH", 10, places=("460200",)), "visa_free", "hainan", "reg-hainan"),
    (trip("US", 30, places=("460000",)), "visa_free", "hainan", "reg-hainan"),
    (trip("US", 10, places=("460200", "440100")), "ask", "transit_240h", ""),
    (trip("MX", 3, group="hk_macao", places=("440100",)), "visa_free", "group_guangdong", "reg-gd144"),
    (trip("IN", 6, group="hk_macao", places=("440500",)), "visa_free", "group_guangdong", "reg-gd144"),
    (trip("IN", 7, group="hk_macao", places=("440100",)), "visa_needed", None, "t240-not"),
    (trip("IN", 6, group="hk_macao", places=("440800",)), "visa_needed", None, "t240-not"),
    (trip("IN", 5, group="hk_macao", places=("460100",)), "visa_free", "group_hainan", "reg-hainan-tour144"),
    (trip("PH", 5, group="tour", places=("450300",), group_size=10), "visa_free", "group_guilin", "reg-asean-gl"),
    (trip("PH", 5, group="tour", places=("450300",), group_size=1), "visa_needed", None, "t240-not"),
    (trip("LA", 5, group="tour", places=("532800",)), "visa_free", "group_xishuangbanna", "reg-asean-bn"),
    (
        trip("LA", 6, group="tour", places=("532800",), group_size=2, port="port-mohan-rail"),
        "visa_free", "group_xishuangbanna", "reg-asean-bn",
    ),
    (trip("LA", 7, group="tour", places=("532800",), port="port-mohan-road"), "visa_needed", None, "t240-not"),
    (trip("LA", 5, group="tour", places=("532800",), group_size=1), "visa_needed", None, "t240-not"),
    (trip("LA", 5, group="tour", places=("532800",), port="air-kmg"), "visa_needed", None, "t240-not"),
    (trip("LA", 5, group="tour", places=("532800", "530100")), "visa_needed", None, "t240-not"),
    (trip("IN", 15, group="cruise", port="port-tianjin-port"), "visa_free", "cruise", "reg-cruise"),
    (trip("IN", 16, group="cruise", port="port-tianjin-port"), "visa_needed", None, "t240-not"),
    (trip("IN", 5, group="cruise", port="port-yantai-port"), "visa_needed", None, "t240-not"),
    (trip("CL", 60, card=True), "visa_free", "apec_card", "apec-stay"),
    (trip("VN", 61, card=True), "visa_needed", "transit_240h", "t240-only"),
    (trip("TR", 10, urgent=True), "visa_needed", "port_visa", "pv-who"),
]  # fmt: skip


@pytest.mark.parametrize(("journey", "status", "policy", "fact"), CASES, ids=[str(i) for i in range(len(CASES))])
def test_what_the_facts_say(journey: Trip, status: str, policy: str | None, fact: str) -> None:
    outcome = check(journey, POLICIES, TODAY)
    assert found(outcome) == (status, policy)
    entry = template(outcome)
    assert (entry is None) == (status == "ask")
    if entry:
        assert fact in ENTRIES[entry].facts


def test_every_policys_facts_are_those_of_its_entry() -> None:
    for policy in POLICIES.policies:
        rests = {*policy.facts, *(fact for row in policy.countries for fact in row.facts)}
        stated = set(ENTRIES[policy.entry].facts)
        known = {"t240-purpose"}  # said by the template for other purposes
        assert rests - known <= stated, (policy.id, rests - stated)


def test_what_is_missing_is_asked_one_thing_at_a_time() -> None:
    journey = Trip()
    told = {"nationality": "US", "hours": 96, "onward": "TH", "origin": "JP"}
    asked = []
    while (outcome := check(journey, POLICIES, TODAY)).status == "ask":
        assert outcome.missing is not None
        asked.append(outcome.missing)
        journey = replace(journey, **{outcome.missing: told[outcome.missing]})
    assert asked == ["nationality", "hours", "onward", "origin"]
    assert found(outcome) == ("visa_free", "transit_240h")


def test_a_correction_changes_the_answer() -> None:
    journey = trip("JP", 20)
    assert check(journey, POLICIES, TODAY).status == "visa_free"
    longer = changed(journey, Trip(hours=40 * 24))
    assert (longer.nationality, check(longer, POLICIES, TODAY).reason) == ("JP", "stay")
    other = changed(longer, Trip(nationality="MU"))
    assert found(check(other, POLICIES, TODAY)) == ("visa_free", "mutual")


def test_the_day_after_its_end_a_policy_is_over() -> None:
    last = date(2026, 12, 31)
    assert checked("FR", 14, on=last).status == "visa_free"
    over = checked("FR", 14, on=last + timedelta(days=1))
    assert (over.status, over.until, template(over)) == ("ended", last, None)
    assert checked("RU", 14, on=date(2027, 12, 31)).status == "visa_free"
    assert checked("RU", 14, on=date(2028, 1, 1)).status == "ended"
    assert checked("BN", 14, on=date(2030, 1, 1)).status == "visa_free"
    assert found(checked("FR", 5, on=date(2027, 1, 5), origin="FR", onward="JP")) == ("visa_free", "transit_240h")


def test_the_last_day_is_counted_from_the_day_after_arrival() -> None:
    outcome = checked("FR", 30, entry=date(2026, 12, 1))
    assert outcome.leave_by == date(2026, 12, 31)
    outcome = checked("US", 10, entry=date(2026, 12, 1), onward=THIRD)
    assert outcome.leave_by == date(2026, 12, 11)


@pytest.mark.parametrize(
    ("journey", "field"),
    [
        (Trip("CN"), "nationality"), (Trip("XX"), "nationality"), (Trip("FR", origin="CN"), "origin"),
        (Trip("FR", onward="nowhere"), "onward"), (Trip("FR", port="port-nowhere"), "port"), (Trip("FR", 0), "stay"),
        (Trip("FR", entry=date(2026, 11, 24)), "entry"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_field(journey: Trip, field: str) -> None:
    with pytest.raises(TripError) as caught:
        check(journey, POLICIES, TODAY)
    assert caught.value.field == field


COUNTRIES = sorted(POLICIES.countries)
PLACES = st.sampled_from([(), ("310000",), ("460200",), ("540100",), ("440100",), ("450300", "440300")])
TRIPS = st.builds(
    Trip,
    nationality=st.one_of(st.sampled_from(COUNTRIES), st.sampled_from(sorted(listed("transit_240h")))),
    hours=st.integers(1, 100 * 24),
    purpose=st.sampled_from([None, "tourism", "business", "transit", "work"]),
    passport=st.sampled_from([None, "ordinary", "other"]),
    origin=st.sampled_from([None, "JP", "US", *REGIONS]),
    onward=st.sampled_from([None, "JP", "US", "TH", *REGIONS, SAME, THIRD]),
    ticket=st.sampled_from([None, True, False]),
    port=st.sampled_from([None, "air-pvg", "port-dongxing", "port-tianjin-port"]),
    places=PLACES,
    group=st.sampled_from([None, "hk_macao", "tour", "cruise"]),
    card=st.sampled_from([None, True]),
    airside=st.sampled_from([None, True, False]),
    urgent=st.sampled_from([None, True]),
    spent=st.sampled_from([None, 0, 60, 90]),
)
DAYS = st.dates(date(2026, 11, 25), date(2028, 6, 1))


@given(TRIPS, st.integers(0, 100 * 24), DAYS)
def test_a_shorter_stay_never_needs_more(journey: Trip, less: int, on: date) -> None:
    shorter = replace(journey, hours=max(1, (journey.hours or 1) - less))
    assert RANK[check(shorter, POLICIES, on).status] <= RANK[check(journey, POLICIES, on).status]


@given(TRIPS, DAYS)
def test_whoever_returns_to_where_they_came_from_is_in_no_transit(journey: Trip, on: date) -> None:
    for triangle in (
        replace(journey, origin="JP", onward="JP"),
        replace(journey, origin="HK", onward="HK"),
        replace(journey, onward=SAME),
    ):
        outcome = check(triangle, POLICIES, on)
        if outcome.status == "visa_free":
            assert outcome.finding is not None and not outcome.finding.policy.third_place


@given(TRIPS, DAYS)
def test_an_answer_keeps_the_limits_of_its_policy(journey: Trip, on: date) -> None:
    outcome = check(journey, POLICIES, on)
    if outcome.status != "visa_free":
        return
    assert outcome.finding is not None and outcome.finding.terms is not None and outcome.limit is not None
    policy, terms = outcome.finding.policy, outcome.finding.terms
    assert (journey.hours or 0) <= outcome.limit
    assert journey.purpose is None or journey.purpose in policy.purposes or policy.airside
    assert terms.until is None or on <= terms.until
    assert terms.since is None or on >= terms.since
    assert outcome.finding.facts and set(outcome.finding.facts) <= set(FACTS)


@given(TRIPS, DAYS)
def test_asking_ends_and_assuming_asks_only_for_the_way_on(journey: Trip, on: date) -> None:
    told = {"nationality": "US", "hours": 24, "onward": "TH", "origin": "JP"}
    blank = replace(journey, hours=None, onward=None, origin=None)
    for _ in range(5):
        outcome = check(blank, POLICIES, on)
        if outcome.status != "ask":
            break
        assert outcome.missing is not None and getattr(blank, outcome.missing) is None
        blank = replace(blank, **{outcome.missing: told[outcome.missing]})
    assert outcome.status != "ask"
    assert check(journey, POLICIES, on, assume=True).missing in (None, "onward")


@given(TRIPS, DAYS, st.sampled_from(["zh", "yue", "en"]))
def test_every_outcome_can_be_said(journey: Trip, on: date, language: Any) -> None:
    outcome = check(journey, POLICIES, on)
    entry = template(outcome)
    if entry is None:
        return
    text = fill(ENTRIES[entry].answer[language], WORDING.values(outcome, language))
    assert "{" not in text and "  " not in text and "。。" not in text

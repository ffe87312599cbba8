"""Ports: opening hours as laws, and the nearest one."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.paths import DATA
from knowledge.tools.ports import SHANGHAI, Hours, distance, load_ports, nearest

PORTS = load_ports(DATA / "places")
POINTS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 25, hour, minute, tzinfo=SHANGHAI)


def test_the_counts_are_those_of_the_sheet() -> None:
    assert len(PORTS) == 187
    assert sum(port.hours is None and not port.by_flights for port in PORTS.values()) == 98
    assert sum(port.by_flights for port in PORTS.values()) == 76
    assert sum(port.face_clearance for port in PORTS.values()) == 14
    assert all(port.hours_as_of for port in PORTS.values() if port.hours)


@pytest.mark.parametrize(
    ("port", "moment", "opening"),
    [
        ("port-luohu", at(6, 29), "closed"), ("port-luohu", at(6, 30), "open"), ("port-luohu", at(23, 59), "open"),
        ("port-luohu", at(0, 0), "closed"), ("port-gongbei", at(0, 59), "open"),
        ("port-gongbei", at(1, 0), "closed"),
        ("port-gongbei", at(6, 0), "open"), ("port-huanggang", at(3, 0), "open"),
        ("port-futian", at(22, 30), "closed"),
        ("air-pvg", at(3, 0), "flights"), ("port-dongxing", at(12, 0), "unknown"),
        ("port-zhuao-industrial", at(3, 0), "open"), ("port-wanzai", at(12, 0), "unknown"),
    ],
)  # fmt: skip
def test_open_now(port: str, moment: datetime, opening: str) -> None:
    assert PORTS[port].opening(moment) == opening


def test_the_time_counts_where_the_port_is() -> None:
    london = datetime.fromisoformat("2026-11-25T15:00:00+00:00")  # 23:00 in China
    assert (PORTS["port-luohu"].opening(london), PORTS["port-futian"].opening(london)) == ("open", "closed")


@given(st.times(), st.times(), st.times())
def test_what_is_not_open_is_closed_and_opens_on_the_minute(opens: time, closes: time, moment: time) -> None:
    hours, reversed_hours = Hours(opens, closes), Hours(closes, opens)
    assert hours.at(opens)
    assert opens == closes or not hours.at(closes)
    assert opens == closes or hours.at(moment) != reversed_hours.at(moment)


@pytest.mark.parametrize("text", ["6:30-24:00", "06:30", "06:30-24:00 daily", ""])
def test_other_hours_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Hours.parse(text)


@given(POINTS, POINTS, POINTS)
def test_distance_is_a_metric(one: tuple[float, float], two: tuple[float, float], way: tuple[float, float]) -> None:
    assert distance(one, one) == 0
    assert abs(distance(one, two) - distance(two, one)) < 1e-6
    assert distance(one, two) <= distance(one, way) + distance(way, two) + 1e-6
    assert distance(one, two) <= 20016


def test_the_nearest_comes_first_and_nothing_is_lost() -> None:
    found = nearest(PORTS.values(), (113.39, 22.52))  # Zhongshan
    assert found[0][0].id == "port-zhongshan"
    assert [km for _, km in found] == sorted(km for _, km in found)
    assert len(found) == sum(port.position is not None for port in PORTS.values()) == 160

"""Working days and opening hours: the State Council's calendar, make-up workdays, and beyond its years."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from structlog.testing import capture_logs

from api.calendar import Hours, is_workday
from api.clock import SHANGHAI

OFFICE = Hours(days="working", open=["09:00-12:00", "13:30-17:30"])  # type: ignore[arg-type]
ALWAYS = Hours(days="every", open=["00:00-24:00"])  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-10-01", False),  # National Day, a Thursday
        ("2026-10-10", True),  # a Saturday worked in return
        ("2026-11-25", True),
        ("2026-11-28", False),
    ],
)
def test_holidays_and_makeup_workdays(day: str, works: bool) -> None:
    assert is_workday(date.fromisoformat(day)) is works


def test_beyond_the_published_years_it_is_monday_to_friday_and_the_log_says_so() -> None:
    is_workday.cache_clear()
    with capture_logs() as logs:
        assert is_workday(date(2091, 10, 1)) and not is_workday(date(2091, 10, 6))
    assert {line["event"] for line in logs} == {"holidays_not_published"}


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-11-25T09:00", True),
        ("2026-11-25T12:00", False),
        ("2026-11-25T17:29", True),
        ("2026-11-25T17:30", False),
        ("2026-11-28T10:00", False),
        ("2026-10-10T10:00", True),
    ],
)
def test_office_hours(moment: str, open_then: bool) -> None:
    assert OFFICE.is_open(at(moment)) is open_then


@pytest.mark.parametrize(
    ("moment", "minutes", "due"),
    [
        ("2026-11-25T09:10", 30, "2026-11-25T09:40"),
        ("2026-11-25T11:50", 30, "2026-11-25T13:50"),  # over lunch
        ("2026-11-27T17:20", 30, "2026-11-30T09:20"),  # over a weekend
        ("2026-09-30T17:20", 30, "2026-10-08T09:20"),  # over the National Day holiday
        ("2026-11-25T03:00", 30, "2026-11-25T09:30"),  # before opening
    ],
)
def test_time_is_counted_while_the_unit_is_open(moment: str, minutes: int, due: str) -> None:
    assert OFFICE.add(at(moment), timedelta(minutes=minutes)) == at(due)


@pytest.mark.parametrize(
    ("moment", "days", "due"),
    [
        ("2026-11-25T10:00", 1, "2026-11-26T17:30"),
        ("2026-11-27T10:00", 1, "2026-11-30T17:30"),
        ("2026-11-27T20:00", 1, "2026-12-01T17:30"),  # came after closing: counts as come on Monday
        ("2026-09-30T10:00", 5, "2026-10-13T17:30"),  # the make-up Saturday counts
    ],
)
def test_working_days(moment: str, days: int, due: str) -> None:
    assert OFFICE.add_days(at(moment), days) == at(due)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 10, 1)), st.integers(1, 5000), st.integers(1, 5000))
def test_a_time_counted_in_two_parts_is_the_same(moment: datetime, first: int, second: int) -> None:
    begin = moment.replace(tzinfo=SHANGHAI)
    whole = OFFICE.add(begin, timedelta(minutes=first + second))
    assert OFFICE.add(OFFICE.add(begin, timedelta(minutes=first)), timedelta(minutes=second)) == whole
    assert ALWAYS.add(begin, timedelta(minutes=first)) == begin + timedelta(minutes=first)


@pytest.mark.parametrize("spans", [[], ["09:00-09:00"], ["13:00-17:00", "09:00-12:00"], ["09:00-25:00"], ["9-5-3"]])
def test_wrong_hours_are_refused(spans: list[str]) -> None:
    with pytest.raises(ValidationError):
        Hours(days="every", open=spans)  # type: ignore[arg-type]

"""Working days and opening hours, in Shanghai's time: what every deadline and every queue is counted by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Annotated, Literal

import chinese_calendar
import structlog
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from api.clock import SHANGHAI

log = structlog.get_logger()
FAR = 400  # days looked ahead for an open hour; no holiday is longer


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Whether public offices work: the State Council's holidays and make-up workdays.

    Beyond the last published year the library knows nothing: then Monday to Friday, with a logged warning.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        log.warning("holidays_not_published", day=day.isoformat(), used="Monday to Friday")
        return day.weekday() < 5


def _span(value: object) -> object:
    """``"09:00-12:00"`` as minutes of the day; ``24:00`` is its end."""
    if not isinstance(value, str):
        return value
    try:
        begin, end = (_minutes(part) for part in value.split("-"))
    except ValueError:
        raise ValueError(f"not a span of hours: {value!r}; write 09:00-17:30") from None
    return begin, end


def _minutes(clock: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    if not (0 <= minutes < 60 and 0 <= hours * 60 + minutes <= 24 * 60):
        raise ValueError(clock)
    return hours * 60 + minutes


Span = Annotated[tuple[int, int], BeforeValidator(_span)]


class Hours(BaseModel):
    """When a unit's seats answer. Spans of one day stand in order and do not overlap.

    >>> Hours(days="every", open=["00:00-24:00"]).always
    True
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    days: Literal["every", "working"]
    open: tuple[Span, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Hours:
        flat = [minute for span in self.open for minute in span]
        if flat != sorted(flat) or any(begin == end for begin, end in self.open):
            raise ValueError("spans must stand in order, not overlap, and not be empty")
        return self

    @property
    def always(self) -> bool:
        """Day and night."""
        return self.days == "every" and self.open == ((0, 24 * 60),)

    def is_open(self, at: datetime) -> bool:
        """Whether the unit answers at this moment."""
        local = at.astimezone(SHANGHAI)
        minute = local.hour * 60 + local.minute
        return self._works(local.date()) and any(begin <= minute < end for begin, end in self.open)

    def next_open(self, at: datetime) -> datetime:
        """This moment if the unit is open, else the next one at which it opens (UTC)."""
        return next(max(begin, at) for begin, end in self._spans(at) if end > at)

    def add(self, at: datetime, lasting: timedelta) -> datetime:
        """The moment by which the unit has been open for ``lasting`` since ``at`` (UTC)."""
        for begin, end in self._spans(at):
            begin = max(begin, at)
            if end <= begin:
                continue
            if begin + lasting <= end:
                return begin + lasting
            lasting -= end - begin
        raise ValueError(f"no opening hours within {FAR} days")

    def add_days(self, at: datetime, count: int) -> datetime:
        """The end of the ``count``-th open day after the day of ``at``: how working-day limits are counted.

        What comes outside the hours counts as come at the next opening.
        """
        day = self.next_open(at).astimezone(SHANGHAI).date()
        while count:
            day += timedelta(days=1)
            count -= self._works(day)
        return _moment(day, self.open[-1][1])

    def _works(self, day: date) -> bool:
        return self.days == "every" or is_workday(day)

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans, from the first of the day of ``at`` on."""
        first = at.astimezone(SHANGHAI).date()
        for day in (first + timedelta(days=offset) for offset in range(FAR)):
            if self._works(day):
                yield from ((_moment(day, begin), _moment(day, end)) for begin, end in self.open)


def _moment(day: date, minute: int) -> datetime:
    return (datetime.combine(day, time(), SHANGHAI) + timedelta(minutes=minute)).astimezone(timezone.utc)

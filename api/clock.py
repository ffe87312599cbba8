"""The service's clock: UTC for records, Asia/Shanghai for what a visitor reads and what an entry's dates mean."""

from __future__ import annotations

from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """Tells the time; a fixed start makes dates testable while durations still run."""

    def __init__(self, fixed: datetime | None = None) -> None:
        if fixed is not None and fixed.tzinfo is None:
            fixed = fixed.replace(tzinfo=SHANGHAI)
        self._offset = fixed - datetime.now(timezone.utc) if fixed else None

    def move(self, to: datetime) -> None:
        """Set the clock, for rehearsals and tests: it runs on from there."""
        self._offset = to - datetime.now(timezone.utc)

    def now(self) -> datetime:
        """The present moment, in UTC."""
        now = datetime.now(timezone.utc)
        return (now + self._offset).astimezone(timezone.utc) if self._offset else now

    def today(self) -> date:
        """The calendar day in Shanghai: the one that an entry's ``valid_from`` and ``valid_to`` mean."""
        return self.now().astimezone(SHANGHAI).date()

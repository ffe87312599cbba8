"""What a unit's queue can do now: whether it can serve at once, and who is offered when it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.clock import Clock
from api.routing.geography import Unit
from api.routing.rules import Full
from api.routing.service import RoutingService
from api.seats import repository as seats
from api.settings import Settings
from api.tickets import repository

USUAL = timedelta(minutes=8)
"""How long a case is expected to take where none has been served yet."""


@dataclass(frozen=True)
class Standing:
    """A queue at one moment. ``why`` says why it cannot serve at once; ``offered`` is who is next in line then."""

    unit: Unit
    open: bool
    here: int
    waiting: int
    why: Full | None
    offered: Unit | None
    service_minutes: float
    """How long a case of this unit takes, by its last ones, for each case that can be served at a time."""

    def expected_minutes(self, position: int) -> int | None:
        """The expected wait of who stands at a position; None when nobody is there to serve."""
        return max(1, round(position * self.service_minutes)) if self.here else None


class Queues:
    """Reads the queues by the rule file's hours, limit and overflow rows."""

    def __init__(self, settings: Settings, routing: RoutingService, clock: Clock) -> None:
        self._settings, self._routing, self._clock = settings, routing, clock

    async def standing(self, session: AsyncSession, unit: Unit) -> Standing:
        """How a unit's queue stands. Somebody who is there counts more than the hours: then it is open."""
        now = self._clock.now()
        is_open, here, waiting, why = await self._counted(session, unit, now)
        offered = await self._offer(session, unit, why, now) if why else None
        minutes = await self._service_minutes(session, unit, now)
        return Standing(unit, is_open or here > 0, here, waiting, why, offered, minutes)

    def here_since(self, now: datetime) -> datetime:
        """A console that has called since then is there."""
        return now - timedelta(seconds=self._settings.gone_seconds)

    async def _service_minutes(self, session: AsyncSession, unit: Unit, now: datetime) -> float:
        """Mean minutes of the last cases, over how many the seats that are there serve at a time."""
        served = await repository.recent_served(session, unit.id)
        lasted = [one.resolved_at - one.claimed_at for one in served if one.resolved_at and one.claimed_at]
        mean = sum(lasted, timedelta()) / len(lasted) if lasted else USUAL
        capacity = sum(seat.capacity for seat in await seats.on_duty(session, unit.id, self.here_since(now)))
        return mean / timedelta(minutes=1) / max(capacity, 1)

    async def _counted(self, session: AsyncSession, unit: Unit, now: datetime) -> tuple[bool, int, int, Full | None]:
        rules = self._routing.rules
        here = len(await seats.on_duty(session, unit.id, self.here_since(now)))
        waiting = await repository.waiting_count(session, unit.id)
        is_open = rules.hours_of(unit).is_open(now)
        why: Full | None = None
        if not here:
            why = "nobody" if is_open else "closed"
        elif waiting > rules.queue_limit:
            why = "queue"
        return is_open, here, waiting, why

    async def _offer(self, session: AsyncSession, unit: Unit, why: Full, now: datetime) -> Unit | None:
        """The first in the overflow's line that can serve; the last of it when none can."""
        rules, offered = self._routing.rules, None
        current: Unit | None = unit
        full: Full | None = why
        while current and full and (after := rules.next_of(current, full)):
            current = offered = self._routing.geography.unit(after)
            full = (await self._counted(session, current, now))[3] if current else None
        return offered

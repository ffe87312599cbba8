"""Seats: made on the command line, logged in with a password, kept in by use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from pwdlib import PasswordHash

from api.clock import Clock
from api.database import Database
from api.problems import Problem
from api.routing.endpoints import UnitOut
from api.routing.geography import Geography
from api.seats import repository
from api.seats.models import Seat, SeatSession
from api.seats.schemas import LoggedIn, Role, SeatOut
from api.security import RateLimits, new_token, token_hash
from api.settings import Settings
from knowledge.language import Language

MIN_PASSWORD = 10
SEEN_EVERY = timedelta(seconds=15)
"""How exactly it is known when a console last called."""
_hasher = PasswordHash.recommended()
_NOBODY = _hasher.hash("nobody")  # verified for unknown names too, so that the time tells nothing


class SeatError(ValueError):
    """A seat cannot be made as asked; the message says why."""


class SeatService:
    """Seats of one gateway, or of the command line."""

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, geography: Geography, limits: RateLimits
    ) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        self._geography, self._limits = geography, limits

    async def add(
        self,
        username: str,
        name: str,
        unit_id: str,
        password: str,
        languages: Sequence[Language] = ("zh", "en"),
        capacity: int = 5,
        roles: Sequence[Role] = ("seat",),
    ) -> Seat:
        """Make a seat.

        Raises:
            SeatError: the name is taken, the unit does not exist, or the password is too short.
        """
        digest = self.checked(unit_id, password)
        assert digest is not None
        seat = Seat(
            id=str(uuid4()),
            username=username,
            name=name,
            unit_id=unit_id,
            languages=list(languages),
            roles=list(roles),
            password_hash=digest,
            capacity=capacity,
            created_at=self._clock.now(),
        )
        async with self._database.write() as session:
            if await repository.by_username(session, username):
                raise SeatError(f"there is a seat {username!r} already")
            session.add(seat)
        return seat

    def checked(self, unit_id: str | None, password: str | None) -> str | None:
        """The hash of a password that may be used, in a unit that exists; what is None is not checked.

        Raises:
            SeatError: it may not, or it does not.
        """
        if unit_id is not None and self._geography.unit(unit_id) is None:
            raise SeatError(f"there is no unit {unit_id!r}; for example gs-8220, psb-440300, masc")
        if password is not None and len(password) < MIN_PASSWORD:
            raise SeatError(f"the password needs at least {MIN_PASSWORD} characters")
        return None if password is None else _hasher.hash(password)

    async def every(self) -> Sequence[Seat]:
        """All seats."""
        async with self._database.read() as session:
            return await repository.every(session)

    async def login(self, username: str, password: str, caller: str) -> LoggedIn:
        """Open a session.

        Raises:
            Problem: 401 for a wrong name or password (not telling which), 429 after too many tries.
        """
        await self._limits.check(self._settings.limit_logins, "login", f"{caller} {username}")
        async with self._database.read() as session:
            seat = await repository.by_username(session, username)
        right = _hasher.verify(password, seat.password_hash if seat else _NOBODY)
        if seat is None or not right or seat.disabled:
            raise Problem(401, "login-failed", "the user name or the password is wrong")
        token, now = new_token(), self._clock.now()
        expires = now + timedelta(minutes=self._settings.session_minutes)
        async with self._database.write() as session:
            await repository.forget_expired(session, now)
            session.add(
                SeatSession(token_hash=token_hash(token), seat_id=seat.id, expires_at=expires, created_at=now)
            )
            await repository.seen(session, seat.id, now)
        return LoggedIn(token=token, expires_at=expires, seat=self.present(seat))

    async def logout(self, token: str) -> None:
        """End a session."""
        async with self._database.write() as session:
            login = await repository.login(session, token_hash(token))
            await repository.end_login(session, token_hash(token))
            if login:
                await repository.seen(session, login.seat_id, None)

    async def authorise(self, token: str) -> Seat:
        """The seat of a session; use prolongs it.

        Raises:
            Problem: 401 when the session does not exist or has ended.
        """
        now = self._clock.now()
        async with self._database.read() as session:
            login = await repository.login(session, token_hash(token))
            seat = await repository.get(session, login.seat_id) if login else None
        if login is None or seat is None or seat.disabled or login.expires_at <= now:
            raise Problem(401, "session-ended", "the session has ended; log in again")
        idle = timedelta(minutes=self._settings.session_minutes)
        late = login.expires_at - now < idle / 2
        if late or seat.seen_at is None or now - seat.seen_at > SEEN_EVERY:  # not at every call: reads stay reads
            async with self._database.write() as session:
                stored = await repository.login(session, login.token_hash)
                if stored:
                    stored.expires_at = now + idle
                    await repository.seen(session, seat.id, now)
        return seat

    async def set_available(self, seat_id: str, available: bool) -> SeatOut:
        """Take new cases, or not."""
        async with self._database.write() as session:
            seat = await repository.get(session, seat_id)
            assert seat is not None
            seat.available = available
        return self.present(seat)

    def present(self, seat: Seat) -> SeatOut:
        """A seat in the public shape."""
        unit = self._geography.unit(seat.unit_id)
        assert unit is not None, "a seat is only made for a unit that exists"
        return SeatOut(
            id=seat.id,
            username=seat.username,
            name=seat.name,
            kind=unit.kind,
            unit=UnitOut(id=unit.id, name=unit.zh),
            languages=seat.languages,
            roles=seat.roles,
            available=seat.available,
            capacity=seat.capacity,
        )

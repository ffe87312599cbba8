"""Accounts as an administrator keeps them: who may do what, in which unit; every change stands in the audit log."""

from __future__ import annotations

from typing import Any

from api.audit import service as audit
from api.clock import Clock
from api.database import Database
from api.problems import Problem
from api.seats import repository
from api.seats.models import Seat
from api.seats.schemas import Account, AccountChange, Colleague, NewAccount
from api.seats.service import SeatError, SeatService


class AccountService:
    """Accounts of one gateway."""

    def __init__(self, database: Database, clock: Clock, seats: SeatService) -> None:
        self._database, self._clock, self._seats = database, clock, seats

    async def every(self) -> list[Account]:
        """Every account, by user name."""
        async with self._database.read() as session:
            return [self._shown(seat) for seat in await repository.every(session)]

    async def colleagues(self, gone_seconds: int) -> list[Colleague]:
        """Who answers visitors, for an invitation or an assignment."""
        now = self._clock.now()
        async with self._database.read() as session:
            people = [seat for seat in await repository.every(session) if "seat" in seat.roles and not seat.disabled]
        return [
            Colleague(
                id=seat.id,
                name=seat.name,
                unit=self._seats.present(seat).unit,
                languages=seat.languages,
                here=seat.seen_at is not None and (now - seat.seen_at).total_seconds() < gone_seconds,
            )
            for seat in people
        ]

    async def add(self, by: Seat, new: NewAccount) -> Account:
        """A new account.

        Raises:
            Problem: 422 for a unit that does not exist or a weak password, 409 for a user name in use.
        """
        try:
            seat = await self._seats.add(
                new.username, new.name, new.unit, new.password, new.languages, new.capacity, new.roles
            )
        except SeatError as error:
            taken = "already" in str(error)
            raise Problem(409 if taken else 422, "account-refused", str(error)) from error
        await self._audit(by, "account.add", seat.username, unit=seat.unit_id, roles=list(new.roles))
        return self._shown(seat)

    async def change(self, by: Seat, seat_id: str, change: AccountChange) -> Account:
        """Change an account; who is disabled or given another password is logged out.

        Raises:
            Problem: 404, 422 for a unit that does not exist or a weak password, 409 for the last administrator.
        """
        given = change.model_dump(exclude_none=True, exclude={"password"})
        if "unit" in given:
            given["unit_id"] = given.pop("unit")
        try:
            digest = self._seats.checked(given.get("unit_id"), change.password)
        except SeatError as error:
            raise Problem(422, "account-refused", str(error)) from error
        async with self._database.write() as session:
            seat = await repository.get(session, seat_id)
            if seat is None:
                raise Problem(404, "no-such-account", "there is no such account")
            for name, value in given.items():
                setattr(seat, name, value)
            if digest:
                seat.password_hash = digest
            if not any(self._administers(one) for one in await repository.every(session)):
                raise Problem(409, "last-administrator", "nobody would be left to keep the accounts")
            if seat.disabled or digest:
                await repository.end_logins(session, seat.id)
            told: dict[str, Any] = given | ({"password": "changed"} if digest else {})
            await audit.record(session, self._clock.now(), by.username, "account.change", seat.username, **told)
        return self._shown(seat)

    async def _audit(self, by: Seat, action: str, subject: str, **details: Any) -> None:
        async with self._database.write() as session:
            await audit.record(session, self._clock.now(), by.username, action, subject, **details)

    @staticmethod
    def _administers(seat: Seat) -> bool:
        return "administrator" in seat.roles and not seat.disabled

    def _shown(self, seat: Seat) -> Account:
        return Account(**self._seats.present(seat).model_dump(), disabled=seat.disabled, seen_at=seat.seen_at)

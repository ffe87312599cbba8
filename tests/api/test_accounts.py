"""Accounts: kept by administrators, every change audited, and never without an administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from api.app import Container, build
from api.clock import SHANGHAI
from api.migrations import migrate
from api.problems import Problem
from api.seats.models import Seat
from api.seats.schemas import AccountChange, NewAccount
from tests.processes import settings

PASSWORD = "long enough for a test"


@pytest.fixture
async def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Container]:
    monkeypatch.setattr(yaml, "SafeLoader", yaml.CSafeLoader)
    made = build(settings(tmp_path))
    await migrate(made.database)
    yield made
    await made.engine.close()
    await made.database.close()


@pytest.fixture
async def admin(container: Container) -> Seat:
    return await container.seats.add("admin", "管理员", "masc", PASSWORD, ("zh",), roles=("administrator",))


async def test_an_account_is_made_changed_and_disabled(container: Container, admin: Seat) -> None:
    new = NewAccount(username="s1", name="工号1", unit="psb-440300", password=PASSWORD, roles=["seat"])
    made = await container.accounts.add(admin, new)
    session = await container.seats.login("s1", PASSWORD, "127.0.0.1")
    changed = await container.accounts.change(
        admin, made.id, AccountChange(unit="masc", roles=["seat", "supervisor"])
    )
    assert (changed.unit.id, changed.roles) == ("masc", ["seat", "supervisor"])
    await container.accounts.change(admin, made.id, AccountChange(disabled=True))
    with pytest.raises(Problem, match="session has ended"):
        await container.seats.authorise(session.token)
    with pytest.raises(Problem, match="password is wrong"):
        await container.seats.login("s1", PASSWORD, "127.0.0.1")
    async with container.database.read() as reading:
        rows = (await reading.execute(text("select action, subject, details from audit_records order by id"))).all()
    assert [(row.action, row.subject) for row in rows] == [
        ("account.add", "s1"),
        ("account.change", "s1"),
        ("account.change", "s1"),
    ]
    assert PASSWORD not in str(rows)


async def test_a_session_ends_when_it_is_left_alone_and_use_keeps_it(container: Container, admin: Seat) -> None:
    begun = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
    container.clock.move(begun)
    session = await container.seats.login("admin", PASSWORD, "127.0.0.1")
    lasts = session.expires_at - begun  # the clock goes on from where it was moved to
    assert timedelta() <= lasts - timedelta(minutes=container.settings.session_minutes) < timedelta(minutes=1)
    for minutes in (20, 40, 60):
        container.clock.move(begun + timedelta(minutes=minutes))
        assert (await container.seats.authorise(session.token)).username == "admin"
    container.clock.move(begun + timedelta(minutes=91))
    with pytest.raises(Problem, match="session has ended"):
        await container.seats.authorise(session.token)


async def test_a_new_password_ends_the_sessions(container: Container, admin: Seat) -> None:
    session = await container.seats.login("admin", PASSWORD, "127.0.0.1")
    await container.accounts.change(admin, admin.id, AccountChange(password="another long password"))
    with pytest.raises(Problem):
        await container.seats.authorise(session.token)
    assert await container.seats.login("admin", "another long password", "127.0.0.1")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (AccountChange(roles=["seat"]), 409),
        (AccountChange(disabled=True), 409),
        (AccountChange(unit="moon"), 422),
        (AccountChange(password="short"), 422),
    ],
)
async def test_what_would_break_is_refused_and_nothing_changes(
    container: Container, admin: Seat, change: AccountChange, status: int
) -> None:
    with pytest.raises(Problem) as caught:
        await container.accounts.change(admin, admin.id, change)
    assert caught.value.status == status
    assert [(one.roles, one.disabled) for one in await container.accounts.every()] == [(["administrator"], False)]


async def test_a_user_name_is_used_once(container: Container, admin: Seat) -> None:
    new = NewAccount(username="admin", name="又一个", unit="masc", password=PASSWORD)
    with pytest.raises(Problem) as caught:
        await container.accounts.add(admin, new)
    assert caught.value.status == 409

"""Signed calls: whoever has the secret gets in once; nothing that was altered, old or repeated does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from api.clock import Clock
from api.database import Database
from api.migrations import migrate
from api.partners.service import WINDOW, PartnerService
from api.partners.signature import NONCE, PARTNER, SIGNATURE, TIMESTAMP, signature, signed
from api.problems import Problem
from api.settings import Settings

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=timezone.utc)
SECRET = "a secret of the test, thirty-two characters"
CALL = ("PUT", "/v1/knowledge/entries/a?x=1", b'{"a": 1}')


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[PartnerService]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'partners.sqlite3'}")
    await migrate(database)
    yield PartnerService({"12345": SecretStr(SECRET)}, database, Clock(NOW))
    await database.close()


def headers(**changed: str) -> dict[str, str]:
    return signed("12345", SECRET, *CALL, NOW) | {f"X-Consult-{key.title()}": value for key, value in changed.items()}


async def refused(service: PartnerService, given: dict[str, str], call: tuple[str, str, bytes] = CALL) -> str:
    with pytest.raises(Problem) as caught:
        await service.verify(given, *call)
    assert caught.value.status == 401
    return caught.value.code


async def test_a_signed_call_gets_in_once(service: PartnerService) -> None:
    call = headers()
    assert await service.verify(call, *CALL) == "12345"
    assert await refused(service, call) == "replayed"
    assert await service.verify(headers(), *CALL) == "12345"


@pytest.mark.parametrize(
    "call",
    [("POST", *CALL[1:]), (CALL[0], "/v1/knowledge/entries/b?x=1", CALL[2]), (*CALL[:2], b'{"a": 2}')],
    ids=["method", "address", "body"],
)
async def test_an_altered_call_is_refused_and_uses_up_no_nonce(
    service: PartnerService, call: tuple[str, str, bytes]
) -> None:
    good = headers()
    assert await refused(service, good, call) == "wrong-signature"
    assert await service.verify(good, *CALL) == "12345"


@pytest.mark.parametrize("name", [PARTNER, TIMESTAMP, NONCE, SIGNATURE])
async def test_what_is_missing_is_named(service: PartnerService, name: str) -> None:
    assert await refused(service, {key: value for key, value in headers().items() if key != name}) == "not-signed"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"partner": "54321"}, "wrong-signature"),
        ({"signature": "0" * 64}, "wrong-signature"),
        ({"signature": "密"}, "wrong-signature"),
        ({"timestamp": "yesterday"}, "not-signed"),
        ({"timestamp": "²"}, "not-signed"),
        ({"nonce": "short"}, "not-signed"),
    ],
)
async def test_wrong_headers_are_refused(service: PartnerService, changed: dict[str, str], code: str) -> None:
    assert await refused(service, headers(**changed)) == code


@pytest.mark.parametrize("off", [-WINDOW - timedelta(seconds=2), WINDOW + timedelta(seconds=2), timedelta(days=9**5)])
async def test_a_time_stamp_outside_the_window_is_refused(service: PartnerService, off: timedelta) -> None:
    assert await refused(service, signed("12345", SECRET, *CALL, NOW + off)) == "wrong-time"


@given(st.binary(max_size=40), st.binary(max_size=40), st.text("ab/?&=", max_size=8), st.text("ab/?&=", max_size=8))
def test_two_calls_have_one_signature_only_when_they_are_one(one: bytes, other: bytes, here: str, there: str) -> None:
    same = (one, here) == (other, there)
    assert (signature("s", "PUT", here, "1", "n", one) == signature("s", "PUT", there, "1", "n", other)) == same


def test_a_short_secret_is_refused_at_start() -> None:
    with pytest.raises(ValidationError, match="32 characters"):
        Settings(partners={"12345": SecretStr("too short")})

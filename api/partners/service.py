"""Who a signed call comes from, and that it is new."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from pydantic import SecretStr
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from api.clock import Clock
from api.database import Database
from api.partners.models import PartnerNonce
from api.partners.signature import NONCE, PARTNER, SIGNATURE, TIMESTAMP, signature
from api.problems import Problem

WINDOW = timedelta(minutes=5)
"""How far a call's time stamp may lie from our clock, in either direction."""
_NONCE = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
_HINT = (
    f"send {PARTNER}, {TIMESTAMP} (seconds since 1970), {NONCE} (8 to 64 letters, digits, - _ . :) and {SIGNATURE}"
)


class PartnerService:
    """Checks signatures. Every refusal is a 401; what was wrong with a signature itself is not told."""

    def __init__(self, secrets: Mapping[str, SecretStr], database: Database, clock: Clock) -> None:
        self._secrets, self._database, self._clock = secrets, database, clock

    async def verify(self, headers: Mapping[str, str], method: str, target: str, body: bytes) -> str:
        """The partner that signed a call.

        The nonce is used up only by a call whose signature is right, so nobody can use up another's.

        Raises:
            Problem: 401 for a missing or wrong signature, a time stamp outside the window, or a nonce used before.
        """
        partner, timestamp, nonce, given = (headers.get(name, "") for name in (PARTNER, TIMESTAMP, NONCE, SIGNATURE))
        if not (partner and given and timestamp.isascii() and timestamp.isdigit() and _NONCE.fullmatch(nonce)):
            raise _refusal("not-signed", _HINT)
        secret = self._secrets.get(partner)
        expected = signature(secret.get_secret_value() if secret else "", method, target, timestamp, nonce, body)
        if not hmac.compare_digest(expected.encode(), given.encode()) or secret is None:
            raise _refusal("wrong-signature", "the partner is unknown or the signature is wrong")
        now = self._clock.now()
        if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
            raise _refusal("wrong-time", f"the time stamp is more than {WINDOW} from this clock ({now.isoformat()})")
        sent = datetime.fromtimestamp(int(timestamp), timezone.utc)
        await self._use_up(partner, nonce, now, sent + WINDOW)
        return partner

    async def _use_up(self, partner: str, nonce: str, now: datetime, expires_at: datetime) -> None:
        try:
            async with self._database.write() as session:
                await session.execute(delete(PartnerNonce).where(PartnerNonce.expires_at < now - WINDOW))
                session.add(PartnerNonce(partner=partner, nonce=nonce, expires_at=expires_at))
        except IntegrityError as error:
            raise _refusal("replayed", "this nonce was used before; sign the call anew") from error


def _refusal(code: str, detail: str) -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": "HMAC-SHA256"})

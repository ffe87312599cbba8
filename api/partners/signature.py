"""How a call is signed: both sides compute the same, so this file serves the gateway and its own calls to partners.

``X-Consult-Signature`` is the hex HMAC-SHA256, under the secret shared with the partner, of five lines joined by
line feeds: method, path with query, time stamp, nonce, and the hex SHA-256 of the body.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

PARTNER = "X-Consult-Partner"
TIMESTAMP = "X-Consult-Timestamp"
NONCE = "X-Consult-Nonce"
SIGNATURE = "X-Consult-Signature"


def signature(secret: str, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature of one call; ``target`` is the path with its query as sent.

    >>> signature("s", "PUT", "/v1/x?y=1", "1795600000", "n", b"{}")[:16]
    'af6c7c5e1b8175e8'
    """
    lines = [method.upper(), target, timestamp, nonce, hashlib.sha256(body).hexdigest()]
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def signed(partner: str, secret: str, method: str, target: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a call by ``partner``, with a nonce of its own."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_urlsafe(24)
    return {
        PARTNER: partner,
        TIMESTAMP: timestamp,
        NONCE: nonce,
        SIGNATURE: signature(secret, method, target, timestamp, nonce, body),
    }

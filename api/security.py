"""Tokens, and what a caller may do in a given time."""

from __future__ import annotations

import hashlib
import hmac
import secrets

import structlog
from fastapi import Request
from limits import parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from api.problems import Problem
from api.settings import Settings

log = structlog.get_logger()


def new_token() -> str:
    """A random token: 256 bits, safe in headers."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token. A plain hash is enough, because the token itself is random."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(token: str, stored: str) -> bool:
    """Whether a token is the one that was stored, in constant time."""
    return hmac.compare_digest(token_hash(token), stored)


def bearer(request: Request) -> str:
    """The token of ``Authorization: Bearer``.

    Raises:
        Problem: 401 when there is none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        detail = "send the token as 'Authorization: Bearer <token>'"
        raise Problem(401, "no-token", detail, headers={"WWW-Authenticate": "Bearer"})
    return token.strip()


def address(request: Request, settings: Settings) -> str:
    """The caller's address; a proxy's word for it counts only when the proxy is trusted."""
    peer = request.client.host if request.client else "unknown"
    forwarded = request.headers.get("x-forwarded-for", "")
    if peer in settings.trusted_proxies and forwarded:
        return forwarded.split(",")[-1].strip()
    return peer


class RateLimits:
    """Counts what callers do; over the limit is a 429 that says when to try again."""

    def __init__(self, settings: Settings) -> None:
        address = f"async+{settings.redis_url}"
        shared = RedisStorage(address, implementation="redispy") if settings.redis_url else None
        storage: Storage = shared or MemoryStorage()
        self._limiter = MovingWindowRateLimiter(storage)
        self._on = settings.rate_limits == "on"

    async def check(self, rule: str, what: str, who: str) -> None:
        """Count one more of ``what`` by ``who`` under ``rule`` (for example ``40/minute``).

        Raises:
            Problem: 429 with ``Retry-After``.
        """
        if not self._on:
            return
        limit = parse(rule)
        try:
            within = await self._limiter.hit(limit, what, who)
        except (RedisError, OSError) as error:  # better uncounted than unanswered
            log.warning("limits_unreachable", error=str(error))
            return
        if not within:
            seconds = str(limit.get_expiry())
            detail = f"too many requests: at most {rule}; try again in {seconds} seconds at the latest"
            raise Problem(429, "too-many-requests", detail, headers={"Retry-After": seconds})

"""Many visitors of the official account at once, and a WeChat that loses answers and pushes again."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.channels.wechat_server import User, WeChatServer

TRIES, PATIENCE = 3, 5.0
"""WeChat's: pushes of one message, and seconds for each."""
ANSWERED_WITHIN = 60.0


@dataclass(frozen=True)
class Plan:
    """What the crowd does. Each visitor waits for the answer, and then ``think`` seconds, before the next message."""

    users: int
    messages: int
    think: tuple[float, float]
    lost: float = 0.1  # the share of pushes whose answer never arrives, so that WeChat pushes again
    seed: int = 12367


@dataclass
class Outcome:
    """What became of it."""

    seconds: list[float] = field(default_factory=list)  # how long each push took that was heard to its end
    pushes: int = 0
    asked: int = 0
    later: int = 0  # answers that came as customer-service messages
    unanswered: list[str] = field(default_factory=list)
    answered_twice: list[str] = field(default_factory=list)


async def crowd(wechat: WeChatServer, gateway: str, plan: Plan, questions: Sequence[str]) -> Outcome:
    """Let the crowd talk, and look at what each visitor got: one answer for each message."""
    chance, outcome = random.Random(plan.seed), Outcome()
    limits = httpx.Limits(max_connections=plan.users * 2)
    async with httpx.AsyncClient(base_url=gateway, timeout=PATIENCE, limits=limits, trust_env=False) as http:
        names = [f"crowd-{plan.seed}-{number}" for number in range(plan.users)]
        talks = [
            _talk(wechat, http, name, plan, random.Random(chance.random()), questions, outcome) for name in names
        ]
        await asyncio.gather(*talks)
        await asyncio.sleep(3.0)  # what was answered twice shows by now
    for name in names:
        user = wechat.users[name]
        got = len(user.replies) + len(user.inbox)
        if got > plan.messages:
            outcome.answered_twice.append(name)
    return outcome


async def _talk(
    wechat: WeChatServer, http: httpx.AsyncClient, name: str, plan: Plan, chance: random.Random,
    questions: Sequence[str], outcome: Outcome,
) -> None:  # fmt: skip
    await asyncio.sleep(chance.uniform(0, plan.think[1]))
    user = wechat.users.setdefault(name, User())
    for _ in range(plan.messages):
        outcome.asked += 1
        before = len(user.inbox)
        fields = wechat.written(name, chance.choice(questions))
        reply = await _pushed(wechat, http, fields, plan, chance, outcome)
        if reply is not None:
            user.replies.append(reply)
        else:
            outcome.later += 1
            ends = time.monotonic() + ANSWERED_WITHIN
            while len(user.inbox) == before and time.monotonic() < ends:
                await asyncio.sleep(0.1)
            if len(user.inbox) == before:
                outcome.unanswered.append(fields["Content"])
        await asyncio.sleep(chance.uniform(*plan.think))


async def _pushed(
    wechat: WeChatServer, http: httpx.AsyncClient, fields: dict[str, str], plan: Plan, chance: random.Random,
    outcome: Outcome,
) -> str | None:  # fmt: skip
    """Push as WeChat does; what the visitor reads, or None when ``success`` was heard."""
    for left in reversed(range(TRIES)):
        outcome.pushes += 1
        call = wechat.call(fields)
        if left and chance.random() < plan.lost:  # hung up in the middle, or just before the answer
            with contextlib.suppress(httpx.TimeoutException):
                await http.post(**call, timeout=chance.uniform(0.02, 0.5))
            continue
        begun = time.perf_counter()
        with contextlib.suppress(httpx.TimeoutException):
            answer = await http.post(**call)
            outcome.seconds.append(time.perf_counter() - begun)
            return wechat.read(answer, fields["FromUserName"])
    return None

"""Part of `make bench`: 200 visitors of the official account; a tenth of the pushes lose their answer."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from tests.bench.__main__ import QUESTIONS, quantiles
from tests.channels.crowd import Outcome, Plan, crowd
from tests.channels.wechat_server import APP_ID, SECRET, TOKEN, WeChatServer
from tests.e2e.conftest import start, stop
from tests.processes import Visitor, keep_index

STEADY = Plan(users=200, messages=4, think=(10.0, 30.0), seed=1)
"""Reading an answer and typing the next question takes people 20 seconds on average."""
BURST = Plan(users=200, messages=1, think=(0.0, 0.0), seed=2)


def answered_by_the_bot(url: str) -> list[str]:
    """The questions that nobody has to be queued for: each has an answer at once."""
    return [text for text in QUESTIONS if Visitor(url).say(text)["owner"] == "bot"]


def told(name: str, outcome: Outcome) -> str:
    """One line of figures."""
    return (
        f"{name:<8} {quantiles(outcome.seconds)}   longest {max(outcome.seconds) * 1000:.0f} ms   "
        f"messages {outcome.asked}, pushes {outcome.pushes}, answered later {outcome.later}, "
        f"unanswered {len(outcome.unanswered)}, twice {len(outcome.answered_twice)}"
    )


def main() -> None:
    """Measure with real processes: gateway, engine, and a WeChat that keeps its rules."""
    with tempfile.TemporaryDirectory() as folder, WeChatServer() as wechat:
        given = {"APP_ID": APP_ID, "SECRET": SECRET, "TOKEN": TOKEN, "URL": wechat.url}
        os.environ |= {f"CONSULT_WECHAT_{name}": value for name, value in given.items()}
        keep_index(Path(folder))
        service = start(Path(folder))
        try:
            questions = answered_by_the_bot(service.url)
            for name, plan in (("steady", STEADY), ("burst", BURST)):
                outcome = asyncio.run(crowd(wechat, service.url, plan, questions))
                print(f"wechat: {told(name, outcome)}", flush=True)
        finally:
            stop(service)


if __name__ == "__main__":
    main()

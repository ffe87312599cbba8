"""Conversations over several turns: as Rasa's own test stories, and each through a real engine and gateway.

Rasa's test asks what the engine understands and which action follows, and does not run the action; `metadata` of a
story holds what the visitor must get: for each message the replies' kind, entry (where one is answered) and language.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from rich.console import Console

from api.evaluate import evaluate
from knowledge.paths import DATA
from tests.bot.conftest import PYTHON, ROOT
from tests.processes import Visitor, gateway, prepare, settings

pytestmark = pytest.mark.engine
FILES = sorted((Path(__file__).parent / "stories").glob("test_*.yml"))
STORIES = [
    (path.stem.removeprefix("test_"), story)
    for path in FILES
    for story in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]
]


@pytest.fixture(scope="module")
def service(engine: str, actions_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway in front of the session's engine, which calls its actions."""
    var = tmp_path_factory.mktemp("var")
    current = settings(var, port=actions_port, engine_url=engine, actions_token="test", engine_timeout=20)
    asyncio.run(prepare(current, {}))
    with gateway(current) as url:
        yield url


def messages(story: dict[str, Any]) -> list[str]:
    """What the visitor types: the steps' texts without Rasa's marks of entities."""
    from re import sub

    return [sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", step["user"].strip()) for step in story["steps"] if "user" in step]


def shown(reply: dict[str, Any]) -> dict[str, str]:
    """What a story states of a reply."""
    entry = {"entry": reply["entry"]["id"]} if reply.get("entry") else {}
    return {"kind": reply["kind"], "language": reply["language"], **entry}


@pytest.mark.parametrize(
    ("language", "story"), STORIES, ids=[f"{language}-{story['story']}" for language, story in STORIES]
)
def test_conversation_through_the_gateway(service: str, language: str, story: dict[str, Any]) -> None:
    visitor = Visitor(service, language=language)
    for text, wanted in zip(messages(story), story["metadata"]["replies"], strict=True):
        replies = visitor.say(text)["replies"]
        assert [shown(reply) for reply in replies] == wanted, text


def test_scraps_are_answered_in_their_context(service: str) -> None:
    """The limits lie a little beside what was measured (bot/README.md)."""
    outcomes = evaluate(DATA / "eval" / "followups_heldout.jsonl", service, DATA, False, Console(quiet=True))
    found = Counter(outcome.verdict for outcome in outcomes)
    assert found["right"] >= 0.76 * len(outcomes) and found["wrong"] <= 0.1 * len(outcomes), found


def test_there_are_forty_conversations_a_language() -> None:
    languages = [language for language, _ in STORIES]
    assert min(languages.count(language) for language in ("zh", "yue", "en")) >= 40


def test_rasa_s_own_test_of_the_stories() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [str(PYTHON), "-m", "tests.bot.run_stories", *map(str, FILES)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("STORIES "))
    found = json.loads(line.removeprefix("STORIES "))
    assert {path: one["failed"] for path, one in found.items() if one["accuracy"] < 1} == {}


def test_the_engine_is_the_one_that_answers(service: str) -> None:
    assert httpx.get(f"{service}/readyz", timeout=10, trust_env=False).status_code == 200

"""Asks a running gateway every question of a file and counts what came back: right, asked back, missed, wrong."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

KIND_OF = {"clarify": {"clarify"}, "out_of_scope": {"decline"}, "chitchat": {"chitchat", "greeting"}}
VERDICTS = ("right", "clarify", "handoff", "decline", "other", "wrong")


class EvaluationError(Exception):
    """The evaluation cannot run; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What became of one question; ``seconds`` from message in to answer out."""

    question: dict[str, Any]
    verdict: str
    replies: list[dict[str, Any]]
    seconds: float


def judge(question: dict[str, Any], replies: list[dict[str, Any]], facts: dict[str, set[str]]) -> str:
    """The verdict on the replies to one question.

    ``facts`` maps an entry id to the facts it states. A wrong answer is an answer that states none of the
    listed facts, or any answer where none was due; everything else that is not right is a miss.
    """
    expected, listed = question["expect"], set(question.get("fact_ids", ()))
    answers = [facts[reply["entry"]["id"]] & listed for reply in replies if reply["kind"] == "answer"]
    kinds = {reply["kind"] for reply in replies}
    offers_human = any(c["payload"].startswith("/handoff") for reply in replies for c in reply["choices"])
    if any(not stated for stated in answers):
        return "wrong"
    if expected == "answer" and answers:
        return "right"
    if answers and expected != "handoff":
        return "wrong"
    if expected == "handoff" and ("handoff" in kinds or offers_human):
        return "right"
    if kinds & KIND_OF.get(expected, set()):
        return "right"
    return next((kind for kind in ("clarify", "handoff", "decline") if kind in kinds), "other")


def evaluate(path: Path, url: str, data_dir: Path, misses: bool, out: Console) -> list[Outcome]:
    """Run a file of questions and print the tables.

    Raises:
        EvaluationError: the file or the gateway cannot be read.
    """
    try:
        questions = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path}: {error}") from error
    outcomes = []
    try:
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
            facts = _facts_by_entry(http)
            for question in questions:
                outcomes.append(_ask(http, question, facts))
    except httpx.HTTPStatusError as error:
        hint = " (start the gateway with CONSULT_RATE_LIMITS=off)" if error.response.status_code == 429 else ""
        raise EvaluationError(f"{error}{hint}") from error
    except httpx.HTTPError as error:
        raise EvaluationError(f"no gateway answers at {url}: {error}") from error
    _print(outcomes, misses, out)
    return outcomes


def _facts_by_entry(http: httpx.Client) -> dict[str, set[str]]:
    facts: dict[str, set[str]] = {}
    cursor = 0
    while True:
        page = http.get("/v1/knowledge/changes", params={"after": cursor, "limit": 500}).raise_for_status().json()
        for change in page["changes"]:
            facts[change["entry"]["id"]] = set(change["entry"]["facts"])
        if not page["changes"]:
            return facts
        cursor = page["cursor"]


def _ask(http: httpx.Client, question: dict[str, Any], facts: dict[str, set[str]]) -> Outcome:
    """One question in a conversation of its own; of earlier turns only the visitor's are sent."""
    begun = http.post("/v1/conversations", json={"channel": "api"}).raise_for_status().json()
    headers = {"Authorization": f"Bearer {begun['token']}"}
    result: dict[str, Any] = {}
    seconds = 0.0
    for text in [*question.get("history", [])[::2], question["text"]]:
        started = time.perf_counter()
        answer = http.post(f"/v1/conversations/{begun['id']}/messages", json={"text": text}, headers=headers)
        seconds = time.perf_counter() - started
        result = answer.raise_for_status().json()
    replies = [reply for reply in result["replies"] if reply["kind"] != "notice"]
    return Outcome(question, judge(question, replies, facts), replies, seconds)


def _print(outcomes: list[Outcome], misses: bool, out: Console) -> None:
    for group in ("lang", "expect"):
        table = Table(group, "questions", *VERDICTS)
        rows: dict[str, Counter[str]] = defaultdict(Counter)
        for outcome in outcomes:
            for name in (outcome.question[group], "all"):
                rows[name][outcome.verdict] += 1
        for name, counts in sorted(rows.items(), key=lambda row: (row[0] == "all", row[0])):
            total = counts.total()
            shares = [f"{counts[verdict]} ({counts[verdict] / total:.0%})" for verdict in VERDICTS]
            table.add_row(name, str(total), *shares)
        out.print(table)
    times = sorted(outcome.seconds for outcome in outcomes)
    out.print(f"latency: p50 {_at(times, 0.5):.0f} ms, p95 {_at(times, 0.95):.0f} ms")
    for outcome in outcomes if misses else ():
        if outcome.verdict != "right":
            _print_miss(outcome, out)


def _print_miss(outcome: Outcome, out: Console) -> None:
    question = outcome.question
    shown = [
        f"{reply['kind']} {(reply.get('entry') or {}).get('id', '')} {reply.get('confidence') or ''} "
        f"{[c['payload'] for c in reply['choices']][:3]}"
        for reply in outcome.replies
    ]
    wanted = f"{question['expect']} {question.get('fact_ids')}"
    out.print(f"{outcome.verdict} {question.get('id')} {question['text']!r} wanted {wanted}: {shown}", markup=False)


def _at(values: list[float], share: float) -> float:
    """A quantile, in milliseconds."""
    return values[min(len(values) - 1, int(len(values) * share))] * 1000 if values else 0.0

"""`make bench`: this service, and beside it plain `rasa run` with Rasa's default pipeline and an action server."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.bench.plain_rasa import PlainRasa
from tests.e2e.conftest import Service, start, stop
from tests.processes import ROOT, Visitor

QUESTIONS = [
    row["text"]
    for row in map(json.loads, (ROOT / "data/eval/questions_dev.jsonl").read_text("utf-8").splitlines())
    if not row.get("history")
]
ROUNDS = 4


def quantiles(seconds: list[float]) -> str:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[int(len(ordered) * 0.95)]
    return f"p50 {statistics.median(ordered) * 1000:6.1f} ms   p95 {p95 * 1000:6.1f} ms   n {len(ordered)}"


def one_after_another(say: Callable[[str], object]) -> list[float]:
    """Seconds from message in to answer out, one client."""
    for text in QUESTIONS[:10]:
        say(text)
    times = []
    for text in QUESTIONS * ROUNDS:
        begun = time.perf_counter()
        say(text)
        times.append(time.perf_counter() - begun)
    return times


def three_at_once(say: Callable[[str], object]) -> list[float]:
    """Seconds until each of three messages sent together in one conversation was answered, in that order."""
    gate = threading.Barrier(3)

    def run(text: str) -> float:
        gate.wait()
        begun = time.perf_counter()
        say(text)
        return time.perf_counter() - begun

    with ThreadPoolExecutor(3) as pool:
        return sorted(pool.map(run, QUESTIONS[:3]))


def eight_side_by_side(new: Callable[[], Callable[[str], object]]) -> float:
    """Messages a second, eight conversations at once."""
    talks = [new() for _ in range(8)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda say: [say(text) for text in QUESTIONS], talks))
    return 8 * len(QUESTIONS) / (time.perf_counter() - begun)


def memory(pid: int) -> int:
    """Resident memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def measure(name: str, new: Callable[[], Callable[[str], object]]) -> float:
    """Print the figures of one system; returns its p50."""
    times = one_after_another(new())
    print(f"{name}: one after another   {quantiles(times)}")
    print(f"{name}: three at once       {[round(t * 1000) for t in three_at_once(new())]} ms")
    print(f"{name}: eight conversations {eight_side_by_side(new):.0f} messages/s", flush=True)
    return statistics.median(times)


def this_service(service: Service) -> float:
    """The gateway with its engine, through the public interface."""
    ours = measure("this service", lambda: Visitor(service.url).say)
    print(f"this service: memory              gateway {memory(service.process.pid)} MB", end="")
    print(f", engine {memory(service.engine_pid)} MB", flush=True)
    return ours


def main() -> None:
    """Measure both on this machine, one after the other, and print the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        service = start(Path(folder))
        try:
            ours = this_service(service)
        finally:
            stop(service)
        with PlainRasa(Path(folder)) as plain:
            theirs = measure("plain rasa", lambda: plain.new_conversation())
            print(f"plain rasa: memory                engine {memory(plain.pid)} MB")
    print(f"ratio of the medians, plain rasa to this service: {theirs / ours:.2f}")


if __name__ == "__main__":
    try:
        main()
    except (httpx.HTTPError, subprocess.SubprocessError) as error:
        raise SystemExit(f"error: {error}") from error

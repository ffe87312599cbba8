"""The engine's memory stays within its bounds; run in the engine's own environment, where Rasa is."""

import os
import subprocess

import pytest

from tests.bot.conftest import PYTHON, ROOT

pytestmark = pytest.mark.engine

SCRIPT = """
import asyncio
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from bot.tracker_store import BoundedTrackerStore

async def main():
    store = BoundedTrackerStore(Domain.empty(), max_conversations=3, max_events=20)
    for name in "abc":
        await store.save(await store.get_or_create_tracker(name))
    tracker = await store.get_or_create_tracker("a")
    for number in range(50):
        tracker.update(UserUttered(str(number)))
    await store.save(tracker)
    await store.save(await store.get_or_create_tracker("d"))
    print(",".join(await store.keys()))
    events = (await store.get_or_create_tracker("a")).events
    print(len(events), events[-1].text)
    for bounds in ({"max_conversations": 0}, {"max_events": 1}):
        try:
            BoundedTrackerStore(Domain.empty(), **bounds)
        except ValueError:
            print("refused")

asyncio.run(main())
"""


@pytest.mark.engine
def test_least_recently_used_conversations_and_oldest_events_are_forgotten() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [str(PYTHON), "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["c,a,d", "20", "49", "refused", "refused"]

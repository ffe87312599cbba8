"""Waiting for what another process does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """The first true value of a condition; it is an error when none comes."""
    ends = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.05)
    return found

"""The environment that Rasa runs in: quiet, offline, on few threads, with the project's root importable."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
MODEL = BOT / "models" / "engine.tar.gz"

_FIXED = {
    # Rasa would otherwise report each training and start to its makers.
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_CACHE_DIRECTORY": str(BOT / ".rasa" / "cache"),
    # Libraries of 2022 on Python 3.11 warn on every import; nothing here can act on it.
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TOKENIZERS_PARALLELISM": "false",
    # Rasa runs every model in a thread of its own; glibc would keep an arena for each.
    "MALLOC_ARENA_MAX": "2",
    # Rasa's debug log prints what visitors type.
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
}
_DEFAULTS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CONSULT_ACTION_URL": "http://127.0.0.1:8000/internal/actions/webhook",
}


def engine_environment() -> dict[str, str]:
    """The variables of a Rasa process: the caller's, with the engine's own on top."""
    environment = {**_DEFAULTS, **os.environ, **_FIXED}
    paths = [str(ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment

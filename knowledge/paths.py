"""Where the project's content lies, found from this file, so that no caller depends on its working folder."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The project's root folder."""

DATA = ROOT / "data"
"""Content: entries, terms, places, the encoder."""

"""``consult language``: which language each line of standard input is in."""

from __future__ import annotations

import sys

from knowledge.language import detect


def language() -> None:
    """Read lines from standard input; print language, confidence and script of each, separated by tabs.

    The language is zh, yue, en, the ISO 639-1 code of one that is not served, or "none" where a line shows none.
    """
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    for line in sys.stdin:
        found = detect(line)
        print(found.language or found.other or "none", f"{found.confidence:.2f}", found.script or "-", sep="\t")

"""Routes: two or more places, in the order travelled, where the words between them say so (东京飞上海再去首尔)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from knowledge.text.gazetteer import Mention

_GOES_ON = re.compile(
    r"\W*(?:机场|口岸|airport|port|china)?[\s,，]*"
    r"(?:->|→|⇒|>|—+|–|-|~|至|(?:然后|然後|跟住|之后|之後)?(?:再|又)?(?:飞|飛|去|到|返|回|往|转|轉|经|經|经停|過|过)(?:机|機)?(?:去|到|返|回)?"
    r"|(?:and )?(?:then )?(?:flying |going |on |onward |back |transfer(?:ring)? )*(?:to|via|through|into))\s*"
)
_PLACES = ("place", "port", "nationality")


def find_routes(folded: str, mentions: Sequence[Mention]) -> list[tuple[str, int, int]]:
    """(value, start, end) of each route; the value holds the codes in order: `JP>310000>KR`."""
    stops = [one for one in mentions if one.kind in _PLACES and not (one.person and one.kind == "place")]
    runs: list[list[Mention]] = []
    for before, after in pairwise(stops):
        if _GOES_ON.fullmatch(folded[before.end : after.start]):
            if runs and runs[-1][-1] is before:
                runs[-1].append(after)
            else:
                runs.append([before, after])
    return [(">".join(one.candidates[0] for one in run), run[0].start, run[-1].end) for run in runs]

"""How an entry is stored, shown, named by its state, and compared."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from api.knowledge.models import EntryMove, EntryVersion
from knowledge.entries import LANGUAGES, Entry, from_dict, to_dict

NOT_CONTENT = ("version", "status", "review")
"""Members of the public shape that a move decides, not the writer."""
Body = dict[str, Any]
_WORD = re.compile(r"[A-Za-z0-9]+|\s+|[^\sA-Za-z0-9]")


def content(shown: Mapping[str, Any]) -> Body:
    """The part of an entry that its writer wrote, in one written form."""
    normal = to_dict(from_dict({**shown, "version": 1, "status": "published", "review": None}))
    return {key: value for key, value in normal.items() if key not in NOT_CONTENT}


def state_of(body: Mapping[str, Any], status: str, review: Mapping[str, Any] | None) -> str:
    """A name for what an entry is: equal wherever content, status and review are equal.

    Empty members do not count, so that a member added to the format later leaves old names as they are.
    """
    kept = {key: value for key, value in body.items() if key not in NOT_CONTENT and value not in (None, "", [], {})}
    kept = {key: value for key, value in kept.items() if value is not False} | ({"review": review} if review else {})
    written = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{status}-{hashlib.sha256(written.encode()).hexdigest()[:40]}"


def shown(row: EntryVersion, move: EntryMove) -> Body:
    """The public Entry shape of a version as it is after a move."""
    return {**row.body, "version": row.version, "status": move.after, "review": move.review}


def entry_of(row: EntryVersion, move: EntryMove) -> Entry:
    """A version as the library's entry."""
    return from_dict(shown(row, move))


def columns(body: Mapping[str, Any]) -> Body:
    """What of a body is repeated beside it, to filter by."""
    entry = from_dict({**body, "version": 1, "status": "published", "review": None})
    texts = [entry.id, *(text for texts in entry.questions.values() for text in texts), *entry.answer.values()]
    return {
        "topic": entry.topic,
        "area": entry.area,
        "region": entry.region,
        "owner": entry.owner,
        "valid_to": entry.valid_to,
        "review_by": entry.review_by,
        "missing": ",".join(language for language in LANGUAGES if not entry.answer.get(language)),
        "words": "\n".join(texts).lower(),
    }


Part = tuple[Literal["same", "gone", "new"], str]


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Body]:
    """What changed between two bodies, field by field; texts and lists member by member.

    Each change is ``{field, old, new, parts}``; ``parts`` is the text in pieces (same, gone, new), for texts only.

    >>> difference({"answer": {"zh": "120元"}}, {"answer": {"zh": "160元"}})[0]["parts"]
    [('gone', '120'), ('new', '160'), ('same', '元')]
    """
    changes: list[Body] = []
    here, there = _flat(old), _flat(new)
    for field in dict.fromkeys([*here, *there]):
        before, after = here.get(field), there.get(field)
        if before != after:
            texts = isinstance(before, str | None) and isinstance(after, str | None)
            parts = _parts(before or "", after or "") if texts else []
            changes.append({"field": field, "old": before, "new": after, "parts": parts})
    return changes


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """``{"answer": {"zh": …}}`` -> ``{"answer.zh": …}``; lists of wordings stay lists."""
    found: dict[str, Any] = {}
    for key, value in body.items():
        if key in NOT_CONTENT:
            continue
        if isinstance(value, dict):
            found |= {f"{key}.{name}": inner for name, inner in value.items()}
        else:
            found[key] = value
    return {key: value for key, value in found.items() if value not in (None, [], {})}


def _parts(old: str, new: str) -> list[Part]:
    """A text's pieces: words of Latin script whole, Chinese by character."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    parts: list[Part] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(left[a:b])))
            continue
        parts += [("gone", "".join(left[a:b]))] if b > a else []
        parts += [("new", "".join(right[c:d]))] if d > c else []
    return parts

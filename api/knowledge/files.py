"""Entries as YAML files: written so that reading them gives the same entries again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from knowledge.entries import LANGUAGES, OWNER, Entry, load_files, load_folder, to_dict

ORDER = (
    "id", "topic", "area", "questions", "answer", "more", "region", "audience", "authority", "sources", "general",
    "valid_from", "valid_to", "review_by", "review", "status", "supersedes", "related", "needs", "facts", "owner",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {"audience": "everyone", "general": False, "status": "published", "owner": OWNER}


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, as the project's files have them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def write_folder(entries: Iterable[Entry], folder: Path) -> list[Path]:
    """Write one file for each topic; returns the files. Other files of the folder are left alone."""
    topics: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        topics[entry.topic].append(entry)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for topic, members in sorted(topics.items()):
        file = folder / f"{_file_name(topic)}.yaml"
        file.write_text(written(members), "utf-8")
        files.append(file)
    return files


def written(entries: Iterable[Entry]) -> str:
    """Entries as YAML text, in order of ids.

    The version is left out: it counts what happened in one database.
    """
    rows = [_row(entry) for entry in sorted(entries, key=lambda entry: entry.id)]
    return yaml.dump(rows, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def read(path: Path) -> list[Entry]:
    """The entries of a file or of a folder's files.

    Raises:
        knowledge.entries.EntryError: every fault, with file and line.
        FileNotFoundError: there is neither.
    """
    if path.is_file():
        return load_files([path])
    return load_folder(path)


def _row(entry: Entry) -> dict[str, Any]:
    body = to_dict(entry)
    row = {}
    for name in ORDER:
        value = body[name]
        if (value not in (None, [], {}) or name == "questions") and DEFAULTS.get(name) != value:
            row[name] = value
    for name in ("questions", "answer", "more"):
        if name in row:
            row[name] = {code: row[name][code] for code in LANGUAGES if code in row[name]}
    return row


def _file_name(topic: str) -> str:
    """A topic as a file name: what no file system minds."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in topic) or "_"

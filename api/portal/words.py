"""What the portal's pages say beside the entries: words, groups of topics, sections (``data/portal``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.language import Language
from knowledge.texts import Texts

Named = Mapping[str, str]
"""A text by language."""
REST = "other"
"""The group of topics that stand in no other one."""


@dataclass(frozen=True)
class Group:
    """Topics that readers look for together; ``topics`` is id → name, in the order of the page."""

    id: str
    name: Named
    lead: Named
    topics: Mapping[str, Named]


@dataclass(frozen=True)
class Section:
    """Entries, by id, that a page shows under one heading."""

    id: str
    name: Named
    entries: Sequence[str]


class Words:
    """The portal's own content.

    Raises:
        ValueError: the three files of words differ in their keys.
        KeyError: a group, section or note lacks a member.
    """

    def __init__(self, folder: Path) -> None:
        self.texts = Texts(folder)
        pages = _read(folder / "pages.yaml")
        self.groups = [
            Group(row["id"], row["name"], row["lead"], row["topics"]) for row in _read(folder / "topics.yaml")
        ]
        self.sections = {
            page: [Section(row["id"], row["name"], row["entries"]) for row in pages[page]]
            for page in ("services", "life")
        }
        self.steps: list[Named] = pages["steps"]
        self.others: list[dict[str, Any]] = pages["others"]
        self.examples: list[Named] = pages["examples"]
        self.port_notes: dict[str, dict[str, Any]] = _read(folder / "port_notes.yaml")

    def topic(self, topic: str, language: Language) -> str:
        """A topic's name; one that an editor invented is called by its id until somebody names it."""
        name = self.group_of(topic).topics.get(topic)
        return name[language] if name else topic.replace("_", " ")

    def group_of(self, topic: str) -> Group:
        """The group that a topic stands in."""
        return next((group for group in self.groups if topic in group.topics), self.groups[-1])


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))
